using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>A stored row and the fix that it is.</summary>
internal static class SqliteRows
{
    private const string Columns =
        "p.fixed_at, p.digest, p.received_at, d.device_id, p.verdict, p.latitude, p.longitude, p.altitude, p.speed, p.heading, p.accuracy, "
        + "p.ignition, p.odometer, p.attributes";

    /// <summary>In order of the keys, as far as they are written.</summary>
    public const string SelectByKey =
        $"SELECT {Columns} FROM position_keys k CROSS JOIN positions p ON p.row = k.row CROSS JOIN reporting_devices d ON d.number = p.device";

    public static Fix Read(SqliteDataReader row, string tenant, string vehicleId) => new()
    {
        Tenant = tenant,
        VehicleId = vehicleId,
        FixedAt = Instants.FromUnixMicroseconds(row.GetInt64(0)),
        Digest = row.GetInt64(1),
        ReceivedAt = Instants.FromUnixMicroseconds(row.GetInt64(2)),
        DeviceId = row.GetString(3),
        Verdict = (FixVerdict)row.GetInt64(4),
        Latitude = Number(row, 5),
        Longitude = Number(row, 6),
        AltitudeMeters = Number(row, 7),
        SpeedMetersPerSecond = Number(row, 8),
        HeadingDegrees = Number(row, 9),
        AccuracyMeters = Number(row, 10),
        Ignition = row.IsDBNull(11) ? null : row.GetBoolean(11),
        OdometerMeters = Number(row, 12),
        Attributes = row.IsDBNull(13) ? null : row.GetString(13),
    };

    private static double? Number(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
