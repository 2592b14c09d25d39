using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using FleetTracker.Ingestion;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>
/// Telemetry in PostgreSQL. A commit is one round trip: its limits, then one function call, in the implicit transaction of one batch. No lock
/// is taken before all of it has arrived, and a client that stops in between holds nothing.
/// </summary>
internal sealed class PostgreSqlTelemetryStore : ITelemetryStore
{
    private const int VehiclesPerPage = 500;

    // Set with every commit and for its transaction only: that needs no right to alter roles and passes a pooler in transaction mode.
    private const string Limits =
        "SELECT set_config('statement_timeout', '5s', true), set_config('idle_in_transaction_session_timeout', '2s', true)";

    private readonly Database _database;
    private readonly NpgsqlDataSource _source;
    private readonly PositionPartitions _partitions;
    private readonly PostgreSqlDeletion _deletion;
    private readonly ConcurrentBag<CommitArrays> _arrays = [];
    private readonly int _quarantineMax;

    public PostgreSqlTelemetryStore(FleetDatabases databases, IOptions<StorageOptions> options)
    {
        var database = (PostgreSqlDatabase)databases.Telemetry;
        _database = database;
        _source = database.Source;
        _partitions = new PositionPartitions(_source);
        _deletion = new PostgreSqlDeletion(_source);
        _quarantineMax = options.Value.QuarantineMaxMessages;
    }

    public Task<int> EnsureLaneCountAsync(int wanted, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wanted);
        return _database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("LOCK TABLE lanes IN SHARE ROW EXCLUSIVE MODE");
                await session.ExecuteAsync(
                    "INSERT INTO lanes (lane, number) SELECT n, 0 FROM generate_series(0, @Wanted - 1) AS n WHERE NOT EXISTS (SELECT 1 FROM lanes)",
                    new { Wanted = wanted });
                return await session.ScalarAsync<int>("SELECT COUNT(*) FROM lanes");
            },
            cancellationToken);
    }

    public async Task<long> StartLaneAsync(int lane, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand("UPDATE lanes SET number = number + 1 WHERE lane = $1 RETURNING number");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = lane });
        return await command.ExecuteScalarAsync(cancellationToken) is long number ? number : throw new InvalidOperationException($"there is no lane {lane}");
    }

    public async Task<IReadOnlyList<LaneCommitResult>> CommitAsync(IReadOnlyList<LaneCommit> lanes, CancellationToken cancellationToken)
    {
        var arrays = _arrays.TryTake(out var idle) ? idle : new CommitArrays();
        arrays.Fill(lanes);
        await EnsureDaysAsync(arrays, cancellationToken);
        IReadOnlyList<LaneCommitResult> results;
        try
        {
            results = await SendAsync(lanes, arrays, cancellationToken);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.CheckViolation)
        {
            // Another process removed a day that this one knew. Nothing of the commit was kept.
            _partitions.Forget();
            await EnsureDaysAsync(arrays, cancellationToken);
            results = await SendAsync(lanes, arrays, cancellationToken);
        }

        _arrays.Add(arrays);
        return results;
    }

    public async IAsyncEnumerable<Fix> ReadNewestAsync(int lane, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = "";
        while (after is not null)
        {
            await using var command = _source.CreateCommand(
                $"""
                SELECT {PostgreSqlRows.Columns}, v.vehicle_id, v.tenant
                FROM (SELECT vehicle_id, tenant FROM lane_vehicles WHERE lane = $1 AND vehicle_id > $2 ORDER BY vehicle_id LIMIT $3) AS v
                LEFT JOIN LATERAL (
                  SELECT * FROM positions p WHERE p.vehicle_id = v.vehicle_id AND p.verdict = 0 ORDER BY p.fixed_at DESC, p.digest DESC LIMIT 1) AS p ON true
                ORDER BY v.vehicle_id
                """);
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = lane });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = VehiclesPerPage });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var read = 0;
            while (await reader.ReadAsync(cancellationToken))
            {
                read++;
                after = reader.GetString(PostgreSqlRows.Count);
                if (!reader.IsDBNull(0)) yield return PostgreSqlRows.Read(reader, reader.GetString(PostgreSqlRows.Count + 1), after);
            }

            if (read < VehiclesPerPage) after = null;
        }
    }

    public async Task<IReadOnlyList<Fix>> ReadPositionsAsync(PositionQuery query, CancellationToken cancellationToken)
    {
        var (afterTime, afterDigest) = HistoryBounds.After(query);
        await using var command = _source.CreateCommand(
            $"""
            SELECT {PostgreSqlRows.Columns} FROM positions p
            WHERE p.vehicle_id = $1 AND p.tenant = $2 AND p.fixed_at >= $3 AND (p.fixed_at, p.digest) > ($3, $4) AND p.fixed_at < $5
            {(query.PlacesOnly ? "AND p.verdict NOT IN (1, 2)" : "")}
            ORDER BY p.fixed_at, p.digest LIMIT $6
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.VehicleId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query.Tenant });
        command.Parameters.Add(Instant(afterTime));
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = afterDigest });
        command.Parameters.Add(Instant(HistoryBounds.Before(query)));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = query.Limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<Fix>();
        while (await reader.ReadAsync(cancellationToken)) rows.Add(PostgreSqlRows.Read(reader, query.Tenant, query.VehicleId));
        return rows;
    }

    public Task<AreaPage> SearchAreaAsync(AreaQuery query, CancellationToken cancellationToken) =>
        PostgreSqlAreaSearch.RunAsync(_source, query, cancellationToken);

    public async Task<IReadOnlyList<StoredQuarantine>> ReadQuarantineAsync(
        string tenant, string? deviceId, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(
            $"""
            SELECT sequence, device_id, topic, reason, payload, truncated, received_at, detail FROM quarantine
            WHERE tenant = $1 AND sequence < $2 {(deviceId is null ? "" : "AND device_id = $4")}
            ORDER BY sequence DESC LIMIT $3
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = tenant });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (deviceId is not null) command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = deviceId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var messages = new List<StoredQuarantine>();
        while (await reader.ReadAsync(cancellationToken))
        {
            messages.Add(new StoredQuarantine(reader.GetInt64(0), new QuarantinedMessage
            {
                Tenant = tenant,
                DeviceId = reader.GetString(1),
                Topic = reader.GetString(2),
                Reason = reader.GetString(3),
                Payload = ImmutableArray.Create(reader.GetFieldValue<byte[]>(4)),
                Truncated = reader.GetBoolean(5),
                ReceivedAt = new DateTimeOffset(reader.GetDateTime(6)),
                Detail = reader.IsDBNull(7) ? null : reader.GetString(7),
            }));
        }

        return messages;
    }

    public Task DeleteVehiclesAsync(string tenant, ImmutableArray<string> vehicleIds, CancellationToken cancellationToken) =>
        _deletion.DeleteVehiclesAsync(tenant, vehicleIds, cancellationToken);

    public async Task ApplyRetentionAsync(DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken)
    {
        var oldest = RetentionDay.OldestKept(now, retention);
        await _partitions.DropBeforeAsync(DateOnly.FromDateTime(oldest.UtcDateTime), cancellationToken);
        await _partitions.EnsureRetentionAsync(now, retention, cancellationToken);
        await _deletion.DeleteBeforeAsync(oldest, RetentionDay.CheckpointsThinnedBefore(now), cancellationToken);
        await _deletion.DeleteQuarantineAsync(oldest, _quarantineMax, cancellationToken);
    }

    public Task PingAsync(CancellationToken cancellationToken) => _database.PingAsync(cancellationToken);

    private async Task<IReadOnlyList<LaneCommitResult>> SendAsync(IReadOnlyList<LaneCommit> lanes, CommitArrays arrays, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var batch = connection.CreateBatch();

            // transaction_timeout exists since 17 and also covers a client that stops between the call and the end of its transaction.
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                connection.PostgreSqlVersion.Major >= 17 ? Limits + ", set_config('transaction_timeout', '5s', true)" : Limits));
            var call = new NpgsqlBatchCommand(CommitArrays.Call);
            arrays.AddParameters(call, _quarantineMax);
            batch.BatchCommands.Add(call);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return Results(lanes, reader.GetFieldValue<int[]>(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetFieldValue<int[]>(1));
        }
        catch (PostgresException refused) when (IsAboutContent(refused))
        {
            throw new RefusedContentException($"PostgreSQL refused a row: {refused.MessageText}", refused);
        }
        catch (EncoderFallbackException refused)
        {
            throw new RefusedContentException("a text is no valid Unicode", refused);
        }
    }

    private async Task EnsureDaysAsync(CommitArrays arrays, CancellationToken cancellationToken)
    {
        foreach (var day in arrays.DayNumbers)
        {
            if (_partitions.Knows(day)) continue;
            await _partitions.EnsureAsync(arrays.DayNumbers, cancellationToken);
            return;
        }
    }

    private static LaneCommitResult[] Results(IReadOnlyList<LaneCommit> lanes, int[] won, int[]? fresh)
    {
        var news = fresh?.ToHashSet();
        var results = new LaneCommitResult[lanes.Count];
        var ordinal = 0;
        for (var i = 0; i < results.Length; i++)
        {
            var lane = lanes[i];
            var isNew = new bool[lane.Rows.Count];
            for (var row = 0; row < isNew.Length; row++)
            {
                ordinal++;
                isNew[row] = news is null || news.Contains(ordinal);
            }

            var hasWon = Array.IndexOf(won, lane.Lane) >= 0;
            results[i] = new LaneCommitResult { Lane = lane.Lane, Won = hasWon, IsNew = hasWon ? isNew : [] };
        }

        return results;
    }

    private static NpgsqlParameter<DateTime> Instant(long microseconds) => new()
    {
        TypedValue = Instants.FromUnixMicroseconds(microseconds).UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz,
    };

    /// <summary>Class 22 is data that does not fit its type, class 23 a broken constraint; a missing day is not the row's fault.</summary>
    private static bool IsAboutContent(PostgresException failure) =>
        failure.SqlState != PostgresErrorCodes.CheckViolation
        && (failure.SqlState.StartsWith("22", StringComparison.Ordinal) || failure.SqlState.StartsWith("23", StringComparison.Ordinal));
}
