using System.Runtime.InteropServices;
using System.Text;
using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetTracker.Storage;

/// <summary>
/// The one connection that writes telemetry, with its statements prepared. It knows the numbers that stand for vehicles and devices in rows,
/// and the rows whose keys are still to be written; both only as long as nobody else has written to the file. Callers take turns; nothing
/// here may run twice at once.
/// </summary>
internal sealed class SqliteTelemetryWriter : IDisposable
{
    /// <summary>Ids whose numbers are remembered; beyond it memory is emptied and refills from the table.</summary>
    private const int RememberedIds = 250_000;

    /// <summary>Keys that are written with a commit, however few rows it has: the writing of a generation ends before the next one is full.</summary>
    private const int LeastKeysPerCommit = 1_024;

    private readonly SqliteConnection _connection;
    private readonly int _quarantineMax;
    private readonly UnindexedRows _unindexed;
    private readonly Dictionary<string, KnownVehicle> _vehicles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<long, long> _newestUnindexed = [];
    private long? _dataVersion;

    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _raiseLane;
    private readonly SqliteStatement _readDataVersion;
    private readonly SqliteStatement _insertRow;
    private readonly SqliteStatement _findKey;
    private readonly SqliteStatement _findNewest;
    private readonly SqliteStatement _insertKey;
    private readonly SqliteStatement _setIndexed;
    private readonly SqliteStatement _findVehicle;
    private readonly SqliteStatement _insertVehicle;
    private readonly SqliteStatement _findDevice;
    private readonly SqliteStatement _insertDevice;
    private readonly SqliteStatement _insertQuarantine;
    private readonly SqliteStatement _trimQuarantine;
    private readonly SqliteOutcomeWriter _outcomes;
    private readonly SqliteBoxWriter _boxes;

    public SqliteTelemetryWriter(SqliteConnection connection, StorageOptions options)
    {
        _connection = connection;
        _quarantineMax = options.QuarantineMaxMessages;
        _unindexed = new UnindexedRows(options.SqliteUnindexedRows);

        // Checkpoints are the store's business, outside of commits. Index pages of busy vehicles stay in the cache.
        Execute("PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-65536;");
        var database = connection.Handle!;
        _begin = new(database, "BEGIN IMMEDIATE");
        _commit = new(database, "COMMIT");
        _rollback = new(database, "ROLLBACK");
        _raiseLane = new(database, "UPDATE lanes SET number = number + 1 WHERE lane = ?1 AND number = ?2");
        _readDataVersion = new(database, "PRAGMA data_version");
        _insertRow = new(
            database,
            """
            INSERT INTO positions (vehicle, fixed_at, digest, received_at, device, verdict, latitude, longitude, altitude, speed, heading,
                                   accuracy, ignition, odometer, attributes, row)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            """);
        _findKey = new(database, "SELECT row FROM position_keys WHERE vehicle = ?1 AND fixed_at = ?2 AND digest = ?3");
        _findNewest = new(database, "SELECT fixed_at FROM position_keys WHERE vehicle = ?1 ORDER BY fixed_at DESC LIMIT 1");
        _insertKey = new(database, "INSERT INTO position_keys (vehicle, fixed_at, digest, row) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING");
        _setIndexed = new(database, "UPDATE positions_indexed SET row = ?1");
        _findVehicle = new(database, "SELECT number FROM lane_vehicles WHERE vehicle_id = ?1");
        _insertVehicle = new(database, "INSERT INTO lane_vehicles (vehicle_id, tenant, lane) VALUES (?1, ?2, ?3) RETURNING number");
        _findDevice = new(database, "SELECT number FROM reporting_devices WHERE device_id = ?1");
        _insertDevice = new(database, "INSERT INTO reporting_devices (device_id) VALUES (?1) RETURNING number");
        _insertQuarantine = new(
            database,
            """
            INSERT INTO quarantine (tenant, device_id, topic, reason, payload, truncated, received_at, detail)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """);
        _trimQuarantine = new(
            database,
            """
            DELETE FROM quarantine WHERE tenant = ?1 AND sequence <=
              (SELECT sequence FROM quarantine WHERE tenant = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)
            """);
        _outcomes = new(database);
        _boxes = new(database);
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Rows whose keys are not written yet.</summary>
    public int Unindexed => _unindexed.Count;

    /// <summary>The newest row.</summary>
    public long LastRow { get; private set; }

    /// <summary>All rows up to this one have their keys.</summary>
    public long IndexedRow { get; private set; }

    /// <summary>Pages written to the log since this was asked last. The engine counts in 31 bits, so its count is taken and reset.</summary>
    public int TakePagesWritten()
    {
        _ = raw.sqlite3_db_status(_connection.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, resetFlg: 1);
        return pages;
    }

    public LaneCommitResult[] Commit(IReadOnlyList<LaneCommit> lanes)
    {
        var results = new LaneCommitResult[lanes.Count];
        InTransaction(() =>
        {
            var rows = 0;
            for (var i = 0; i < results.Length; i++)
            {
                results[i] = CommitLane(lanes[i]);
                rows += lanes[i].Rows.Count;
            }

            TrimQuarantine(lanes, results);
            // Twice the rows that came: the writing of a generation ends while the next one is half full.
            if (_unindexed.IsDue) WriteKeys(Math.Max(LeastKeysPerCommit, 2 * rows));
        });
        return results;
    }

    /// <summary>Runs work in a transaction; what it made memory believe is dropped with it when it fails.</summary>
    public void InTransaction(Action work)
    {
        _begin.Run();
        try
        {
            RememberWhatIsStored();
            work();
            _commit.Run();
        }
        catch (Exception failure)
        {
            Forget();

            // Some failures (full disk, I/O) roll back on their own.
            if (raw.sqlite3_get_autocommit(_connection.Handle!) == 0) _rollback.Run();
            if (failure is EncoderFallbackException || (failure is SqliteException sqlite && IsAboutContent(sqlite.SqliteErrorCode)))
                throw new RefusedContentException($"SQLite refused a row: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>Drops what is remembered of the file, for example when vehicles were deleted.</summary>
    public void Forget()
    {
        _dataVersion = null;
        _vehicles.Clear();
        _devices.Clear();
        _newestUnindexed.Clear();
        _unindexed.Clear();
        _boxes.Clear();
    }

    /// <summary>Writes the keys of rows that have none yet, in order, within a transaction. Returns how many are left.</summary>
    public int WriteKeys(int atMost)
    {
        var next = _unindexed.Next(atMost);
        foreach (var (key, row) in next)
        {
            // A generation that was interrupted is written again from its beginning: what has its key is in a box already.
            var isNew = _insertKey.Bind(1, key.Vehicle).Bind(2, key.FixedAt).Bind(3, key.Digest).Bind(4, row.Row).Run() > 0;
            if (isNew && row.Place is { } place) _boxes.Add(key, row.Row, place.Latitude, place.Longitude);
        }

        _boxes.End();
        if (_unindexed.Written(next.Length) is { } last)
        {
            _setIndexed.Bind(1, last).Run();
            IndexedRow = last;
        }

        return _unindexed.Count;
    }

    public int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var statement in new[]
        {
            _begin, _commit, _rollback, _raiseLane, _readDataVersion, _insertRow, _findKey, _findNewest, _insertKey, _setIndexed, _findVehicle, _insertVehicle, _findDevice,
            _insertDevice, _insertQuarantine, _trimQuarantine,
        })
        {
            statement.Dispose();
        }

        _outcomes.Dispose();
        _boxes.Dispose();
        _connection.Dispose();
    }

    private LaneCommitResult CommitLane(LaneCommit lane)
    {
        if (_raiseLane.Bind(1, (long)lane.Lane).Bind(2, lane.ExpectedNumber).Run() == 0)
            return new LaneCommitResult { Lane = lane.Lane, Won = false, IsNew = [] };

        foreach (var vehicle in lane.NewVehicles) Vehicle(lane.Lane, vehicle.Tenant, vehicle.VehicleId);
        var isNew = new bool[lane.Rows.Count];
        for (var i = 0; i < isNew.Length; i++) isNew[i] = Insert(lane.Lane, lane.Rows[i]);
        CommitFolds(lane, isNew);
        if (_quarantineMax > 0)
        {
            foreach (var message in lane.Quarantine) Insert(message);
        }

        return new LaneCommitResult { Lane = lane.Lane, Won = true, IsNew = isNew };
    }

    /// <summary>Checkpoints that a new row makes untrue go last, since they may have come with it.</summary>
    private void CommitFolds(LaneCommit lane, bool[] isNew)
    {
        for (var i = 0; i < lane.Outcomes.Count; i++)
        {
            var outcome = lane.Outcomes[i];
            _outcomes.Write(Vehicle(lane.Lane, outcome.Tenant, outcome.VehicleId).Number, outcome, lane.Lane, lane.ExpectedNumber + 1, i);
        }

        foreach (var checkpoint in lane.Checkpoints) _outcomes.Write(Vehicle(lane.Lane, checkpoint.Tenant, checkpoint.VehicleId).Number, checkpoint);
        foreach (var checkpoint in lane.Checkpoints) _outcomes.ThinDay(Vehicle(lane.Lane, checkpoint.Tenant, checkpoint.VehicleId).Number, checkpoint.Head);
        foreach (var late in lane.LateRows)
        {
            if (!isNew[late]) continue;
            var row = lane.Rows[late];
            _outcomes.DeleteCheckpointsFrom(new RowKey(Vehicle(lane.Lane, row.Tenant, row.VehicleId).Number, row.FixedAt.ToUnixMicroseconds(), row.Digest));
        }
    }

    private bool Insert(int lane, Fix fix)
    {
        FixContent.Check(fix);
        ref var vehicle = ref Vehicle(lane, fix.Tenant, fix.VehicleId);
        var key = new RowKey(vehicle.Number, fix.FixedAt.ToUnixMicroseconds(), fix.Digest);
        if (key.FixedAt <= vehicle.Newest && IsStored(key)) return false;

        vehicle.Newest = Math.Max(vehicle.Newest, key.FixedAt);
        _insertRow
            .Bind(1, key.Vehicle)
            .Bind(2, key.FixedAt)
            .Bind(3, key.Digest)
            .Bind(4, fix.ReceivedAt.ToUnixMicroseconds())
            .Bind(5, DeviceNumber(fix.DeviceId))
            .Bind(6, (long)fix.Verdict)
            .Bind(7, fix.Latitude)
            .Bind(8, fix.Longitude)
            .Bind(9, fix.AltitudeMeters)
            .Bind(10, fix.SpeedMetersPerSecond)
            .Bind(11, fix.HeadingDegrees)
            .Bind(12, fix.AccuracyMeters)
            .Bind(13, fix.Ignition)
            .Bind(14, fix.OdometerMeters)
            .Bind(15, fix.Attributes)
            .Bind(16, ++LastRow)
            .Run();
        _unindexed.Add(key, new RowPlace(LastRow, PlaceOf(fix.Verdict, fix.Latitude, fix.Longitude)));
        return true;
    }

    private bool IsStored(RowKey key) =>
        _unindexed.Contains(key) || _findKey.Bind(1, key.Vehicle).Bind(2, key.FixedAt).Bind(3, key.Digest).RunScalar() is not null;

    private void Insert(QuarantinedMessage message) => _insertQuarantine
        .Bind(1, FixContent.Mend(message.Tenant))
        .Bind(2, FixContent.Mend(message.DeviceId))
        .Bind(3, FixContent.Mend(message.Topic))
        .Bind(4, FixContent.Mend(message.Reason))
        .BindBlob(5, message.Payload.AsSpan())
        .Bind(6, message.Truncated)
        .Bind(7, message.ReceivedAt.ToUnixMicroseconds())
        .Bind(8, message.Detail is null ? null : FixContent.Mend(message.Detail))
        .Run();

    private void TrimQuarantine(IReadOnlyList<LaneCommit> lanes, LaneCommitResult[] results)
    {
        HashSet<string>? tenants = null;
        for (var i = 0; i < results.Length; i++)
        {
            if (!results[i].Won) continue;
            foreach (var message in lanes[i].Quarantine) (tenants ??= new(StringComparer.Ordinal)).Add(FixContent.Mend(message.Tenant));
        }

        if (tenants is null) return;
        foreach (var tenant in tenants) _trimQuarantine.Bind(1, tenant).Bind(2, (long)_quarantineMax).Run();
    }

    private ref KnownVehicle Vehicle(int lane, string tenant, string vehicleId)
    {
        ref var vehicle = ref CollectionsMarshal.GetValueRefOrAddDefault(_vehicles, vehicleId, out _);
        if (vehicle.Number == 0)
        {
            vehicle.Number = _findVehicle.Bind(1, vehicleId).RunScalar()
                ?? _insertVehicle.Bind(1, vehicleId).Bind(2, tenant).Bind(3, (long)lane).RunScalar()!.Value;
            vehicle.Newest = Math.Max(
                _findNewest.Bind(1, vehicle.Number).RunScalar() ?? long.MinValue, _newestUnindexed.GetValueOrDefault(vehicle.Number, long.MinValue));
        }

        return ref vehicle;
    }

    private long DeviceNumber(string deviceId)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_devices, deviceId, out _);
        if (number == 0) number = _findDevice.Bind(1, deviceId).RunScalar() ?? _insertDevice.Bind(1, deviceId).RunScalar()!.Value;
        return number;
    }

    /// <summary>Reads what memory must know of the file, unless it still does: another connection's commit changes the version that this one sees.</summary>
    private void RememberWhatIsStored()
    {
        var version = _readDataVersion.RunScalar();
        if (version == _dataVersion && _vehicles.Count < RememberedIds && _devices.Count < RememberedIds) return;

        Forget();
        IndexedRow = Scalar("SELECT row FROM positions_indexed");
        LastRow = Math.Max(IndexedRow, Scalar("SELECT MAX(row) FROM positions"));
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT vehicle, fixed_at, digest, row, verdict, latitude, longitude FROM positions WHERE row > $indexed";
        command.Parameters.AddWithValue("$indexed", IndexedRow);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            var key = new RowKey(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
            var place = PlaceOf((FixVerdict)rows.GetInt64(4), rows.IsDBNull(5) ? null : rows.GetDouble(5), rows.IsDBNull(6) ? null : rows.GetDouble(6));
            _unindexed.Add(key, new RowPlace(rows.GetInt64(3), place));
            ref var newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newestUnindexed, key.Vehicle, out var exists);
            newest = exists ? Math.Max(newest, key.FixedAt) : key.FixedAt;
        }

        _dataVersion = version;
    }

    private static (double Latitude, double Longitude)? PlaceOf(FixVerdict verdict, double? latitude, double? longitude) =>
        verdict is FixVerdict.NoPosition or FixVerdict.NullIsland || latitude is null || longitude is null ? null : (latitude.Value, longitude.Value);

    private long Scalar(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }

    private static bool IsAboutContent(int code) => code is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH;

    private struct KnownVehicle
    {
        public long Number;

        /// <summary>No row of the vehicle is newer, in microseconds since 1970: one that is newer than this was never stored.</summary>
        public long Newest;
    }
}
