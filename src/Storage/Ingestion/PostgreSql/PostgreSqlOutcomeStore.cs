using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>Reads what <see cref="PostgreSqlTelemetryStore"/> commits besides rows. Every list is one statement, so it is of one moment.</summary>
internal sealed class PostgreSqlOutcomeStore(FleetDatabases databases) : IOutcomeStore
{
    private const int VehiclesPerPage = 500;

    private readonly NpgsqlDataSource _source = ((PostgreSqlDatabase)databases.Telemetry).Source;

    public async IAsyncEnumerable<CheckpointHead> ReadCheckpointHeadsAsync(int lane, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = "";
        while (after is not null)
        {
            await using var command = _source.CreateCommand(
                """
                SELECT v.vehicle_id, k.fixed_at, k.digest, k.due_at
                FROM (SELECT vehicle_id FROM lane_vehicles WHERE lane = $1 AND vehicle_id > $2 ORDER BY vehicle_id LIMIT $3) AS v
                LEFT JOIN LATERAL (
                  SELECT * FROM checkpoints k WHERE k.vehicle_id = v.vehicle_id ORDER BY k.fixed_at DESC, k.digest DESC LIMIT 1) AS k ON true
                ORDER BY v.vehicle_id
                """).With(lane).With(after).With(VehiclesPerPage);
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            var read = 0;
            while (await row.ReadAsync(cancellationToken))
            {
                read++;
                after = row.GetString(0);
                if (!row.IsDBNull(1)) yield return new CheckpointHead(after, PostgreSqlOutcomeRows.Key(row, 1), PostgreSqlOutcomeRows.Instant(row, 3));
            }

            if (read < VehiclesPerPage) after = null;
        }
    }

    public async Task<Checkpoint?> ReadCheckpointAsync(string tenant, string vehicleId, PositionKey? before, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(
            $"""
            SELECT k.fixed_at, k.digest, k.due_at, k.state FROM lane_vehicles v JOIN checkpoints k ON k.vehicle_id = v.vehicle_id
            WHERE v.vehicle_id = $1 AND v.tenant = $2 {(before is null ? "" : "AND (k.fixed_at, k.digest) < ($3, $4)")}
            ORDER BY k.fixed_at DESC, k.digest DESC LIMIT 1
            """).With(vehicleId).With(tenant);
        if (before is { } key) command.With(key.FixedAt).With(key.Digest);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken)) return null;
        return new Checkpoint
        {
            Tenant = tenant,
            VehicleId = vehicleId,
            Head = PostgreSqlOutcomeRows.Key(row, 0),
            DueAt = PostgreSqlOutcomeRows.Instant(row, 2),
            State = await row.GetFieldValueAsync<byte[]>(3, cancellationToken),
        };
    }

    public async Task<IReadOnlyList<Outcome>> ReadOutcomesAfterAsync(
        string tenant, string vehicleId, PositionKey? after, CancellationToken cancellationToken)
    {
        const string concerned = "AND (o.state = 0 OR (o.fixed_at, o.digest) > ($12, $13) OR (o.through_at, o.through_digest) > ($12, $13))";
        var text = OutcomeScanSql.Text(ofVehicles: true, $"AND o.state <> 2 {(after is null ? "" : concerned)}", descending: false);
        await using var command = _source.CreateCommand(text).WithScans(tenant, [vehicleId], OutcomeScans.After(after), int.MaxValue);
        if (after is { } key) command.With(key.FixedAt).With(key.Digest);
        return await PostgreSqlOutcomeRows.ReadAllAsync(command, cancellationToken);
    }

    public async Task<IReadOnlyList<Outcome>> ReadOutcomesAsync(OutcomeQuery query, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand().WithScans(
            query.Tenant, query.VehicleIds.Distinct(StringComparer.Ordinal), OutcomeScans.Of(query), query.Limit);
        command.CommandText = OutcomeScanSql.Text(query.VehicleIds.Count > 0, Filter(query, command), query.Descending);
        return await PostgreSqlOutcomeRows.ReadAllAsync(command, cancellationToken);
    }

    public async Task<IReadOnlyList<FeedItem>> ReadFeedAsync(int lane, FeedPosition after, int limit, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(
            $"""
            SELECT {PostgreSqlOutcomeRows.Columns}, o.number, o.ordinal FROM outcomes o
            WHERE o.lane = $1 AND (o.number, o.ordinal) > ($2, $3) ORDER BY o.number, o.ordinal LIMIT $4
            """).With(lane).With(after.Number).With(after.Ordinal).With(limit);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<FeedItem>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var position = new FeedPosition(rows.GetInt64(PostgreSqlOutcomeRows.Count), rows.GetInt32(PostgreSqlOutcomeRows.Count + 1));
            items.Add(new FeedItem(position, PostgreSqlOutcomeRows.Read(rows)));
        }

        return items;
    }

    public async Task<IReadOnlyList<FeedPosition>> ReadFeedEndsAsync(CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand("SELECT number FROM lanes ORDER BY lane");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var ends = new List<FeedPosition>();
        while (await rows.ReadAsync(cancellationToken)) ends.Add(new FeedPosition(rows.GetInt64(0), int.MaxValue));
        return ends;
    }

    private static string Filter(OutcomeQuery query, NpgsqlCommand command)
    {
        var filter = new StringBuilder();
        if (query.Kinds.Count > 0) filter.Append($"AND o.kind = ANY ({Last(command.WithArray(query.Kinds, NpgsqlDbType.Text))}) ");
        if (query.Subject is not null) filter.Append($"AND o.subject = {Last(command.With(query.Subject))} ");
        if (query.OpenOnly) filter.Append("AND o.state = 0 ");
        if (!query.IncludeWithdrawn) filter.Append("AND o.state <> 2 ");
        if (HistoryBounds.Ceiling(query.From) is { } from)
        {
            var parameter = Last(command.With(Instants.FromUnixMicroseconds(from)));
            filter.Append($"AND (COALESCE(o.ended_at, o.fixed_at) >= {parameter} OR (o.state = 0 AND o.ended_at IS NULL)) ");
        }

        return filter.ToString();
    }

    private static string Last(NpgsqlCommand command) => string.Create(CultureInfo.InvariantCulture, $"${command.Parameters.Count}");
}
