using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace FleetTracker.Storage;

/// <summary>
/// Telemetry in one file. One connection writes, and its users take turns; readers have connections of their own, which WAL keeps out of the
/// writer's way, and long reads page by key so that none pins the log for long.
/// </summary>
internal sealed class SqliteTelemetryStore : ITelemetryStore, IDisposable
{
    /// <summary>Log pages after which they are copied into the database file: 32 MiB. Larger means fewer copies of busy pages and a longer file.</summary>
    private const int CheckpointPages = 16_384;

    /// <summary>Rows that housekeeping deletes per transaction, between which commits get their turn.</summary>
    private const int DeletedPerTurn = 2_000;

    /// <summary>Keys that are written per transaction when all must be there, between which commits get their turn.</summary>
    private const int KeysPerTurn = 4_096;

    private const int VehiclesPerPage = 500;

    private readonly SqliteDatabase _database;
    private readonly StorageOptions _options;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Meter _meter = new("FleetTracker.Storage");
    private SqliteTelemetryWriter? _writer;
    private long _pagesSinceCheckpoint;
    private Task _checkpoint = Task.CompletedTask;
    private bool _isDisposed;

    public SqliteTelemetryStore(FleetDatabases databases, IOptions<StorageOptions> options)
    {
        _database = (SqliteDatabase)databases.Telemetry;
        _options = options.Value;
        _meter.CreateObservableGauge(
            "fleettracker.telemetry.unindexed.rows", () => _writer?.Unindexed ?? 0, "{row}", "Rows whose keys are not in the index of history yet.");
    }

    public Task<int> EnsureLaneCountAsync(int wanted, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wanted);
        return WriteAsync(
            writer =>
            {
                writer.Execute(
                    """
                    WITH RECURSIVE lane(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM lane WHERE n + 1 < $wanted)
                    INSERT INTO lanes (lane, number) SELECT n, 0 FROM lane WHERE NOT EXISTS (SELECT 1 FROM lanes)
                    """,
                    ("$wanted", wanted));
                return checked((int)Scalar(writer.Connection, "SELECT COUNT(*) FROM lanes")!.Value);
            },
            cancellationToken);
    }

    public Task<long> StartLaneAsync(int lane, CancellationToken cancellationToken) => WriteAsync(
        writer => Scalar(writer.Connection, "UPDATE lanes SET number = number + 1 WHERE lane = $lane RETURNING number", ("$lane", lane))
            ?? throw new InvalidOperationException($"there is no lane {lane}"),
        cancellationToken);

    public Task<IReadOnlyList<LaneCommitResult>> CommitAsync(IReadOnlyList<LaneCommit> lanes, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<LaneCommitResult>>(writer => writer.Commit(lanes), cancellationToken);

    public async IAsyncEnumerable<Fix> ReadNewestAsync(int lane, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await WriteKeysAsync(cancellationToken);
        long? after = 0;
        while (after is { } number)
        {
            var page = new List<Fix>(VehiclesPerPage);
            after = await Task.Run(() => ReadNewest(lane, number, page), cancellationToken);
            foreach (var fix in page) yield return fix;
        }
    }

    public Task<IReadOnlyList<Fix>> ReadPositionsAsync(PositionQuery query, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<Fix>>(() => ReadPositions(query), cancellationToken);

    public Task<IReadOnlyList<StoredQuarantine>> ReadQuarantineAsync(
        string tenant, string? deviceId, long? before, int limit, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<StoredQuarantine>>(() => ReadQuarantine(tenant, deviceId, before, limit), cancellationToken);

    public async Task DeleteVehiclesAsync(string tenant, ImmutableArray<string> vehicleIds, CancellationToken cancellationToken)
    {
        await WriteKeysAsync(cancellationToken);
        foreach (var vehicleId in vehicleIds)
        {
            var number = await Task.Run(() => FindVehicle(tenant, vehicleId), cancellationToken);
            if (number is not { } vehicle) continue;
            while (!await WriteAsync(writer => DeleteVehicle(writer, vehicle), cancellationToken))
            {
            }
        }
    }

    public async Task ApplyRetentionAsync(DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken)
    {
        await WriteKeysAsync(cancellationToken);
        var oldest = RetentionDay.OldestKept(now, retention).ToUnixMicroseconds();
        long? after = 0;
        while (after is { } number)
        {
            var vehicles = new List<long>(VehiclesPerPage);
            after = await Task.Run(() => ReadVehicles(number, vehicles), cancellationToken);
            foreach (var vehicle in vehicles) await DeleteRowsAsync(vehicle, oldest, cancellationToken);
        }

        var tenants = await Task.Run(ReadQuarantineTenants, cancellationToken);
        foreach (var tenant in tenants)
        {
            await WriteAsync(
                writer => writer.Execute(
                    """
                    DELETE FROM quarantine WHERE tenant = $tenant AND (received_at < $oldest OR sequence <=
                      (SELECT sequence FROM quarantine WHERE tenant = $tenant ORDER BY sequence DESC LIMIT 1 OFFSET $max))
                    """,
                    ("$tenant", tenant), ("$oldest", oldest), ("$max", _options.QuarantineMaxMessages)),
                cancellationToken);
        }
    }

    public Task PingAsync(CancellationToken cancellationToken) => _database.PingAsync(cancellationToken);

    public void Dispose()
    {
        _turn.Wait();
        try
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _writer?.Dispose();
            _meter.Dispose();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<T> WriteAsync<T>(Func<SqliteTelemetryWriter, T> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Not cancelled once begun: the engine would finish anyway, and the caller would not know how it ended.
            return await Task.Run(() => WorkInTurn(work), CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    private T WorkInTurn<T>(Func<SqliteTelemetryWriter, T> work)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var writer = _writer ??= new SqliteTelemetryWriter(_database.Open(), _options);
        var result = work(writer);
        CheckpointWhenDue(writer);
        return result;
    }

    /// <summary>
    /// Copies the log into the database beside the commits, on a connection of its own, since that waits for the disk. The short rest is
    /// then copied in the writer's turn, after which the next commit starts the log from its beginning.
    /// </summary>
    private void CheckpointWhenDue(SqliteTelemetryWriter writer)
    {
        _pagesSinceCheckpoint += writer.TakePagesWritten();
        if (_pagesSinceCheckpoint < CheckpointPages || !_checkpoint.IsCompleted) return;
        _pagesSinceCheckpoint = 0;
        _checkpoint = Task.Run(async () =>
        {
            try
            {
                using (var connection = _database.Open()) Checkpoint(connection);
                await WriteAsync(
                    own =>
                    {
                        Checkpoint(own.Connection);
                        return true;
                    },
                    CancellationToken.None);
            }
            catch (Exception failure) when (failure is SqliteException or ObjectDisposedException)
            {
                // The log merely stays longer. A disk that fails will fail the next commit, which reports it.
            }
        });
    }

    private static void Checkpoint(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        command.ExecuteNonQuery();
    }

    /// <summary>Writes the keys of all rows that are stored now, so that the table of keys leads to every one of them.</summary>
    private async Task WriteKeysAsync(CancellationToken cancellationToken)
    {
        long? last = null;
        bool areWritten;
        do
        {
            areWritten = await WriteAsync(
                writer =>
                {
                    writer.InTransaction(() =>
                    {
                        last ??= writer.LastRow;
                        writer.WriteKeys(KeysPerTurn);
                    });
                    return writer.Unindexed == 0 || writer.IndexedRow >= last;
                },
                cancellationToken);
        }
        while (!areWritten);
    }

    private async Task DeleteRowsAsync(long vehicle, long before, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await WriteAsync(
                writer =>
                {
                    var rows = 0;
                    writer.InTransaction(() => rows = DeleteRows(writer, vehicle, before));
                    return rows;
                },
                cancellationToken);
        }
        while (deleted == DeletedPerTurn);
    }

    /// <summary>A turn of deleting a vehicle; true when nothing of it is left. The last rows and the vehicle go at once, or rows could come between.</summary>
    private static bool DeleteVehicle(SqliteTelemetryWriter writer, long vehicle)
    {
        var isGone = false;
        writer.InTransaction(() =>
        {
            while (writer.WriteKeys(int.MaxValue) > 0)
            {
            }

            if (DeleteRows(writer, vehicle, long.MaxValue) == DeletedPerTurn) return;
            writer.Execute("DELETE FROM lane_vehicles WHERE number = $vehicle", ("$vehicle", vehicle));
            isGone = true;
        });
        if (isGone) writer.Forget();
        return isGone;
    }

    private static int DeleteRows(SqliteTelemetryWriter writer, long vehicle, long before)
    {
        const string oldest = "FROM position_keys WHERE vehicle = $vehicle AND fixed_at < $before ORDER BY fixed_at, digest LIMIT $most";
        (string, object)[] parameters = [("$vehicle", vehicle), ("$before", before), ("$most", DeletedPerTurn)];
        writer.Execute($"DELETE FROM positions WHERE row IN (SELECT row {oldest})", parameters);
        return writer.Execute($"DELETE FROM position_keys WHERE vehicle = $vehicle AND (fixed_at, digest) IN (SELECT fixed_at, digest {oldest})", parameters);
    }

    private long? ReadNewest(int lane, long after, List<Fix> page)
    {
        using var connection = _database.Open();
        using var vehicles = Command(
            connection,
            "SELECT number, vehicle_id, tenant FROM lane_vehicles WHERE lane = $lane AND number > $after ORDER BY number LIMIT $limit",
            ("$lane", lane), ("$after", after), ("$limit", VehiclesPerPage));
        using var newest = Command(
            connection,
            $"{SqliteRows.SelectByKey} WHERE k.vehicle = $vehicle AND p.verdict = 0 ORDER BY k.fixed_at DESC, k.digest DESC LIMIT 1",
            ("$vehicle", 0L));
        using var reader = vehicles.ExecuteReader();
        var read = 0;
        while (reader.Read())
        {
            read++;
            after = reader.GetInt64(0);
            newest.Parameters[0].Value = after;
            using var row = newest.ExecuteReader();
            if (row.Read()) page.Add(SqliteRows.Read(row, reader.GetString(2), reader.GetString(1)));
        }

        return read == VehiclesPerPage ? after : null;
    }

    private List<Fix> ReadPositions(PositionQuery query)
    {
        if (FindVehicle(query.Tenant, query.VehicleId) is not { } vehicle) return [];
        var (afterTime, afterDigest) = HistoryBounds.After(query);
        var places = query.PlacesOnly ? "AND p.verdict NOT IN (1, 2)" : "";
        using var connection = _database.Open();

        // One view of the file for both: a row is in one of them, or in both while its generation's keys are being written.
        using var view = connection.BeginTransaction(deferred: true);
        var indexed = Read(
            $"""
            {SqliteRows.SelectByKey}
            WHERE k.vehicle = $vehicle AND (k.fixed_at, k.digest) > ($after_time, $after_digest) AND k.fixed_at < $before {places}
            ORDER BY k.fixed_at, k.digest LIMIT $limit
            """);
        var unindexed = Read(
            $"""
            {SqliteRows.Select}
            WHERE p.row > (SELECT row FROM positions_indexed) AND p.vehicle = $vehicle
              AND (p.fixed_at, p.digest) > ($after_time, $after_digest) AND p.fixed_at < $before {places}
            ORDER BY p.fixed_at, p.digest LIMIT $limit
            """);
        return SqliteRows.Merge(indexed, unindexed, query.Limit);

        List<Fix> Read(string sql)
        {
            using var command = Command(
                connection, sql,
                ("$vehicle", vehicle), ("$after_time", afterTime), ("$after_digest", afterDigest), ("$before", HistoryBounds.Before(query)),
                ("$limit", query.Limit));
            using var reader = command.ExecuteReader();
            var rows = new List<Fix>();
            while (reader.Read()) rows.Add(SqliteRows.Read(reader, query.Tenant, query.VehicleId));
            return rows;
        }
    }

    private List<StoredQuarantine> ReadQuarantine(string tenant, string? deviceId, long? before, int limit)
    {
        using var connection = _database.Open();
        using var command = Command(
            connection,
            $"""
            SELECT sequence, device_id, topic, reason, payload, truncated, received_at, detail FROM quarantine
            WHERE tenant = $tenant AND sequence < $before {(deviceId is null ? "" : "AND device_id = $device")}
            ORDER BY sequence DESC LIMIT $limit
            """,
            ("$tenant", tenant), ("$before", before ?? long.MaxValue), ("$device", deviceId ?? ""), ("$limit", limit));
        using var reader = command.ExecuteReader();
        var messages = new List<StoredQuarantine>();
        while (reader.Read())
        {
            messages.Add(new StoredQuarantine(reader.GetInt64(0), new QuarantinedMessage
            {
                Tenant = tenant,
                DeviceId = reader.GetString(1),
                Topic = reader.GetString(2),
                Reason = reader.GetString(3),
                Payload = ImmutableArray.Create(reader.GetFieldValue<byte[]>(4)),
                Truncated = reader.GetBoolean(5),
                ReceivedAt = Instants.FromUnixMicroseconds(reader.GetInt64(6)),
                Detail = reader.IsDBNull(7) ? null : reader.GetString(7),
            }));
        }

        return messages;
    }

    private long? FindVehicle(string tenant, string vehicleId)
    {
        using var connection = _database.Open();
        return Scalar(
            connection,
            "SELECT number FROM lane_vehicles WHERE vehicle_id = $vehicle AND tenant = $tenant",
            ("$vehicle", vehicleId), ("$tenant", tenant));
    }

    private long? ReadVehicles(long after, List<long> page)
    {
        using var connection = _database.Open();
        using var command = Command(
            connection, "SELECT number FROM lane_vehicles WHERE number > $after ORDER BY number LIMIT $limit", ("$after", after), ("$limit", VehiclesPerPage));
        using var reader = command.ExecuteReader();
        while (reader.Read()) page.Add(reader.GetInt64(0));
        return page.Count == VehiclesPerPage ? page[^1] : null;
    }

    private List<string> ReadQuarantineTenants()
    {
        using var connection = _database.Open();
        using var command = Command(connection, "SELECT DISTINCT tenant FROM quarantine");
        using var reader = command.ExecuteReader();
        var tenants = new List<string>();
        while (reader.Read()) tenants.Add(reader.GetString(0));
        return tenants;
    }

    private static long? Scalar(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(connection, sql, parameters);
        return command.ExecuteScalar() as long?;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
