using FleetTracker.Ingestion;
using Npgsql;

namespace FleetTracker.Storage;

/// <summary>A stored row and the fix that it is.</summary>
internal static class PostgreSqlRows
{
    public const string Columns = """
        p.fixed_at, p.digest, p.received_at, p.device_id, p.verdict, p.latitude, p.longitude, p.altitude, p.speed, p.heading,
        p.accuracy, p.ignition, p.odometer, p.attributes
        """;

    public const int Count = 14;

    public static Fix Read(NpgsqlDataReader row, string tenant, string vehicleId) => new()
    {
        Tenant = tenant,
        VehicleId = vehicleId,
        FixedAt = new DateTimeOffset(row.GetDateTime(0)),
        Digest = row.GetInt64(1),
        ReceivedAt = new DateTimeOffset(row.GetDateTime(2)),
        DeviceId = row.GetString(3),
        Verdict = (FixVerdict)row.GetInt16(4),
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

    private static double? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDouble(column);
}
