using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>Reads what <see cref="SqliteTelemetryStore"/> commits besides rows, on connections of its own.</summary>
internal sealed class SqliteOutcomeStore(FleetDatabases databases) : IOutcomeStore
{
    private const int VehiclesPerPage = 500;

    private readonly SqliteDatabase _database = (SqliteDatabase)databases.Telemetry;

    public async IAsyncEnumerable<CheckpointHead> ReadCheckpointHeadsAsync(int lane, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long? after = 0;
        while (after is { } number)
        {
            var page = new List<CheckpointHead>();
            after = await Task.Run(() => ReadHeads(lane, number, page), cancellationToken);
            foreach (var head in page) yield return head;
        }
    }

    public Task<Checkpoint?> ReadCheckpointAsync(string tenant, string vehicleId, PositionKey? before, CancellationToken cancellationToken) =>
        Task.Run(() => ReadCheckpoint(tenant, vehicleId, before), cancellationToken);

    public Task<IReadOnlyList<Outcome>> ReadOutcomesAfterAsync(
        string tenant, string vehicleId, PositionKey? after, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<Outcome>>(() => ReadOutcomesAfter(tenant, vehicleId, after), cancellationToken);

    public Task<IReadOnlyList<Outcome>> ReadOutcomesAsync(OutcomeQuery query, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<Outcome>>(() => ReadOutcomes(query), cancellationToken);

    public Task<IReadOnlyList<FeedItem>> ReadFeedAsync(int lane, FeedPosition after, int limit, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<FeedItem>>(() => ReadFeed(lane, after, limit), cancellationToken);

    public Task<IReadOnlyList<FeedPosition>> ReadFeedEndsAsync(CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<FeedPosition>>(ReadFeedEnds, cancellationToken);

    private long? ReadHeads(int lane, long after, List<CheckpointHead> page)
    {
        using var connection = _database.Open();
        using var vehicles = connection.Command(
            "SELECT number, vehicle_id FROM lane_vehicles WHERE lane = $lane AND number > $after ORDER BY number LIMIT $limit",
            ("$lane", lane), ("$after", after), ("$limit", VehiclesPerPage));
        using var newest = connection.Command(
            "SELECT fixed_at, digest, due_at FROM checkpoints WHERE vehicle = $vehicle ORDER BY fixed_at DESC, digest DESC LIMIT 1", ("$vehicle", 0L));
        using var reader = vehicles.ExecuteReader();
        var read = 0;
        while (reader.Read())
        {
            read++;
            after = reader.GetInt64(0);
            newest.Parameters[0].Value = after;
            using var row = newest.ExecuteReader();
            if (row.Read()) page.Add(new CheckpointHead(reader.GetString(1), Head(row), DueAt(row)));
        }

        return read == VehiclesPerPage ? after : null;
    }

    private Checkpoint? ReadCheckpoint(string tenant, string vehicleId, PositionKey? before)
    {
        using var connection = _database.Open();
        if (connection.FindVehicle(tenant, vehicleId) is not { } vehicle) return null;
        using var command = connection.Command(
            $"""
            SELECT fixed_at, digest, due_at, state FROM checkpoints
            WHERE vehicle = $vehicle {(before is null ? "" : "AND (fixed_at, digest) < ($fixed_at, $digest)")}
            ORDER BY fixed_at DESC, digest DESC LIMIT 1
            """,
            ("$vehicle", vehicle));
        if (before is { } key) AddKey(command, key);
        using var row = command.ExecuteReader();
        return row.Read()
            ? new Checkpoint { Tenant = tenant, VehicleId = vehicleId, Head = Head(row), DueAt = DueAt(row), State = row.GetFieldValue<byte[]>(3) }
            : null;
    }

    private List<Outcome> ReadOutcomesAfter(string tenant, string vehicleId, PositionKey? after)
    {
        using var connection = _database.Open();
        using var view = connection.BeginTransaction(deferred: true);
        if (connection.FindVehicle(tenant, vehicleId) is not { } vehicle) return [];
        const string concerned = "AND (o.state = 0 OR (o.fixed_at, o.digest) > ($fixed_at, $digest) OR (o.through_at, o.through_digest) > ($fixed_at, $digest))";
        using var scanner = new SqliteOutcomeScanner(
            connection, "vehicle", $"AND o.state <> 2 {(after is null ? "" : concerned)}", descending: false, limit: int.MaxValue);
        if (after is { } key) scanner.With("$fixed_at", key.FixedAt.ToUnixMicroseconds()).With("$digest", key.Digest);
        scanner.Read(vehicle, OutcomeScans.After(after));
        return scanner.Found();
    }

    private List<Outcome> ReadOutcomes(OutcomeQuery query)
    {
        using var connection = _database.Open();

        // One view of the file for all ranges, or what moves from one to another meanwhile would be missed or come twice.
        using var view = connection.BeginTransaction(deferred: true);
        var scans = OutcomeScans.Of(query);
        using var scanner = new SqliteOutcomeScanner(
            connection, query.VehicleIds.Count == 0 ? "tenant" : "vehicle", Filter(query), query.Descending, query.Limit);
        if (query.Kinds.Count > 0) scanner.With("$kinds", JsonSerializer.Serialize(query.Kinds));
        if (query.Subject is not null) scanner.With("$subject", query.Subject);
        if (HistoryBounds.Ceiling(query.From) is { } from) scanner.With("$from", from);
        if (query.VehicleIds.Count == 0) scanner.Read(query.Tenant, scans);
        foreach (var vehicleId in query.VehicleIds.Distinct(StringComparer.Ordinal))
        {
            if (connection.FindVehicle(query.Tenant, vehicleId) is { } vehicle) scanner.Read(vehicle, scans);
        }

        return scanner.Found();
    }

    private static string Filter(OutcomeQuery query)
    {
        var filter = new StringBuilder();
        if (query.Kinds.Count > 0) filter.Append("AND o.kind IN (SELECT value FROM json_each($kinds)) ");
        if (query.Subject is not null) filter.Append("AND o.subject = $subject ");
        if (query.OpenOnly) filter.Append("AND o.state = 0 ");
        if (!query.IncludeWithdrawn) filter.Append("AND o.state <> 2 ");
        if (query.From is not null) filter.Append("AND (COALESCE(o.ended_at, o.fixed_at) >= $from OR (o.state = 0 AND o.ended_at IS NULL)) ");
        return filter.ToString();
    }

    private List<FeedItem> ReadFeed(int lane, FeedPosition after, int limit)
    {
        using var connection = _database.Open();
        using var command = connection.Command(
            $"""
            {SqliteOutcomeRows.SelectBy("outcomes_feed", ", o.number, o.ordinal")}
            WHERE o.lane = $lane AND (o.number, o.ordinal) > ($number, $ordinal) ORDER BY o.number, o.ordinal LIMIT $limit
            """,
            ("$lane", lane), ("$number", after.Number), ("$ordinal", after.Ordinal), ("$limit", limit));
        using var rows = command.ExecuteReader();
        var items = new List<FeedItem>();
        while (rows.Read())
        {
            var position = new FeedPosition(rows.GetInt64(SqliteOutcomeRows.Count), rows.GetInt32(SqliteOutcomeRows.Count + 1));
            items.Add(new FeedItem(position, SqliteOutcomeRows.Read(rows)));
        }

        return items;
    }

    private List<FeedPosition> ReadFeedEnds()
    {
        using var connection = _database.Open();
        using var command = connection.Command("SELECT number FROM lanes ORDER BY lane");
        using var rows = command.ExecuteReader();
        var ends = new List<FeedPosition>();
        while (rows.Read()) ends.Add(new FeedPosition(rows.GetInt64(0), int.MaxValue));
        return ends;
    }

    private static void AddKey(SqliteCommand command, PositionKey key)
    {
        command.Parameters.AddWithValue("$fixed_at", key.FixedAt.ToUnixMicroseconds());
        command.Parameters.AddWithValue("$digest", key.Digest);
    }

    private static PositionKey Head(SqliteDataReader row) => new(Instants.FromUnixMicroseconds(row.GetInt64(0)), row.GetInt64(1));

    private static DateTimeOffset? DueAt(SqliteDataReader row) => row.IsDBNull(2) ? null : Instants.FromUnixMicroseconds(row.GetInt64(2));
}
