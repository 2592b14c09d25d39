using System.Runtime.InteropServices;
using System.Text;
using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetTracker.Storage;

/// <summary>
/// The one connection that writes telemetry, with its statements prepared. It knows the numbers that stand for vehicles and devices in rows.
/// Callers take turns; nothing here may run twice at once.
/// </summary>
internal sealed class SqliteTelemetryWriter : IDisposable
{
    /// <summary>Ids whose numbers are remembered; beyond it memory is emptied and refills from the table.</summary>
    private const int RememberedIds = 250_000;

    private readonly SqliteConnection _connection;
    private readonly int _quarantineMax;
    private readonly Dictionary<string, long> _vehicles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _devices = new(StringComparer.Ordinal);

    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _raiseLane;
    private readonly SqliteStatement _insertRow;
    private readonly SqliteStatement _findVehicle;
    private readonly SqliteStatement _insertVehicle;
    private readonly SqliteStatement _findDevice;
    private readonly SqliteStatement _insertDevice;
    private readonly SqliteStatement _insertQuarantine;
    private readonly SqliteStatement _trimQuarantine;

    public SqliteTelemetryWriter(SqliteConnection connection, int quarantineMax)
    {
        _connection = connection;
        _quarantineMax = quarantineMax;

        // Checkpoints are the store's business, outside of commits. Index pages of busy vehicles stay in the cache.
        Execute("PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-65536;");
        var database = connection.Handle!;
        _begin = new(database, "BEGIN IMMEDIATE");
        _commit = new(database, "COMMIT");
        _rollback = new(database, "ROLLBACK");
        _raiseLane = new(database, "UPDATE lanes SET number = number + 1 WHERE lane = ?1 AND number = ?2");
        _insertRow = new(
            database,
            """
            INSERT INTO positions (vehicle, fixed_at, digest, received_at, device, verdict, latitude, longitude, altitude, speed, heading,
                                   accuracy, ignition, odometer, attributes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT DO NOTHING
            """);
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
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Pages written to the log since the connection was opened.</summary>
    public int PagesWritten
    {
        get
        {
            _ = raw.sqlite3_db_status(_connection.Handle!, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 0);
            return pages;
        }
    }

    public LaneCommitResult[] Commit(IReadOnlyList<LaneCommit> lanes)
    {
        var results = new LaneCommitResult[lanes.Count];
        InTransaction(() =>
        {
            for (var i = 0; i < results.Length; i++) results[i] = CommitLane(lanes[i]);
            TrimQuarantine(lanes, results);
        });
        return results;
    }

    /// <summary>Runs work in a transaction; what it made memory believe is dropped with it when it fails.</summary>
    public void InTransaction(Action work)
    {
        _begin.Run();
        try
        {
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

    /// <summary>Drops the remembered numbers, for example when vehicles were deleted.</summary>
    public void Forget()
    {
        _vehicles.Clear();
        _devices.Clear();
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
            _begin, _commit, _rollback, _raiseLane, _insertRow, _findVehicle, _insertVehicle, _findDevice, _insertDevice, _insertQuarantine, _trimQuarantine,
        })
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private LaneCommitResult CommitLane(LaneCommit lane)
    {
        if (_raiseLane.Bind(1, (long)lane.Lane).Bind(2, lane.ExpectedNumber).Run() == 0)
            return new LaneCommitResult { Lane = lane.Lane, Won = false, IsNew = [] };

        foreach (var vehicle in lane.NewVehicles) VehicleNumber(lane.Lane, vehicle.Tenant, vehicle.VehicleId);
        var isNew = new bool[lane.Rows.Count];
        for (var i = 0; i < isNew.Length; i++) isNew[i] = Insert(lane.Lane, lane.Rows[i]);
        if (_quarantineMax > 0)
        {
            foreach (var message in lane.Quarantine) Insert(message);
        }

        return new LaneCommitResult { Lane = lane.Lane, Won = true, IsNew = isNew };
    }

    private bool Insert(int lane, Fix fix)
    {
        FixContent.Check(fix);
        return _insertRow
            .Bind(1, VehicleNumber(lane, fix.Tenant, fix.VehicleId))
            .Bind(2, fix.FixedAt.ToUnixMicroseconds())
            .Bind(3, fix.Digest)
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
            .Run() == 1;
    }

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

    private long VehicleNumber(int lane, string tenant, string vehicleId)
    {
        ref var number = ref Slot(_vehicles, vehicleId);
        if (number == 0)
        {
            number = _findVehicle.Bind(1, vehicleId).RunScalar()
                ?? _insertVehicle.Bind(1, vehicleId).Bind(2, tenant).Bind(3, (long)lane).RunScalar()!.Value;
        }

        return number;
    }

    private long DeviceNumber(string deviceId)
    {
        ref var number = ref Slot(_devices, deviceId);
        if (number == 0) number = _findDevice.Bind(1, deviceId).RunScalar() ?? _insertDevice.Bind(1, deviceId).RunScalar()!.Value;
        return number;
    }

    private static ref long Slot(Dictionary<string, long> numbers, string id)
    {
        if (numbers.Count >= RememberedIds && !numbers.ContainsKey(id)) numbers.Clear();
        return ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, id, out _);
    }

    private static bool IsAboutContent(int code) => code is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH;
}
