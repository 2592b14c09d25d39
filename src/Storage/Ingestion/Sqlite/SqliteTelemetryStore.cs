using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace FleetTracker.Storage;

/// <summary>
/// Telemetry in one file. One connection writes, and its users take turns; <see cref="SqliteTelemetryReader"/> and <see cref="SqliteOutcomeStore"/>
/// read beside it.
/// </summary>
internal sealed class SqliteTelemetryStore : ITelemetryStore, IDisposable
{
    /// <summary>Log pages after which they are copied into the database file: 32 MiB. Larger means fewer copies of busy pages and a longer file.</summary>
    private const int CheckpointPages = 16_384;

    /// <summary>Keys that are written per transaction when all must be there, between which commits get their turn.</summary>
    private const int KeysPerTurn = 4_096;

    private readonly SqliteDatabase _database;
    private readonly SqliteTelemetryReader _reader;
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
        _reader = new SqliteTelemetryReader(_database);
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
                return checked((int)writer.Connection.Scalar("SELECT COUNT(*) FROM lanes")!.Value);
            },
            cancellationToken);
    }

    public Task<long> StartLaneAsync(int lane, CancellationToken cancellationToken) => WriteAsync(
        writer => writer.Connection.Scalar("UPDATE lanes SET number = number + 1 WHERE lane = $lane RETURNING number", ("$lane", lane))
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
            var page = new List<Fix>();
            after = await Task.Run(() => _reader.ReadNewest(lane, number, page), cancellationToken);
            foreach (var fix in page) yield return fix;
        }
    }

    public Task<IReadOnlyList<Fix>> ReadPositionsAsync(PositionQuery query, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<Fix>>(() => _reader.ReadPositions(query), cancellationToken);

    public Task<AreaPage> SearchAreaAsync(AreaQuery query, CancellationToken cancellationToken) =>
        Task.Run(() => new SqliteAreaSearch(_database, query).Run(cancellationToken), cancellationToken);

    public Task<IReadOnlyList<StoredQuarantine>> ReadQuarantineAsync(
        string tenant, string? deviceId, long? before, int limit, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<StoredQuarantine>>(() => _reader.ReadQuarantine(tenant, deviceId, before, limit), cancellationToken);

    public async Task DeleteVehiclesAsync(string tenant, ImmutableArray<string> vehicleIds, CancellationToken cancellationToken)
    {
        await WriteKeysAsync(cancellationToken);
        foreach (var vehicleId in vehicleIds)
        {
            var number = await Task.Run(() => _reader.FindVehicle(tenant, vehicleId), cancellationToken);
            if (number is not { } vehicle) continue;
            while (!await WriteAsync(writer => SqliteDeletion.DeleteVehicle(writer, vehicle), cancellationToken))
            {
            }
        }
    }

    public async Task ApplyRetentionAsync(DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken)
    {
        await WriteKeysAsync(cancellationToken);
        var oldest = RetentionDay.OldestKept(now, retention).ToUnixMicroseconds();
        while (!await WriteAsync(writer => SqliteBoxes.DeleteBefore(writer, oldest), cancellationToken))
        {
        }

        var settled = RetentionDay.CheckpointsThinnedBefore(now).ToUnixMicroseconds();
        long? after = 0;
        while (after is { } number)
        {
            var vehicles = new List<long>();
            after = await Task.Run(() => _reader.ReadVehicles(number, vehicles), cancellationToken);
            foreach (var vehicle in vehicles) await DeleteBeforeAsync(vehicle, oldest, settled, cancellationToken);
        }

        var tenants = await Task.Run(_reader.ReadQuarantineTenants, cancellationToken);
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

    private async Task DeleteBeforeAsync(long vehicle, long outdated, long settled, CancellationToken cancellationToken)
    {
        while (!await WriteAsync(writer => SqliteDeletion.DeleteBefore(writer, vehicle, outdated, settled), cancellationToken))
        {
        }
    }
}
