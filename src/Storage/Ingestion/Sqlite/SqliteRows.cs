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

    /// <summary>Two lists of one vehicle, both in order, as one; a row that is in both comes once.</summary>
    public static List<Fix> Merge(List<Fix> left, List<Fix> right, int limit)
    {
        if (right.Count == 0) return left;
        if (left.Count == 0) return right;

        var merged = new List<Fix>(Math.Min(left.Count + right.Count, limit));
        for (int l = 0, r = 0; merged.Count < limit && (l < left.Count || r < right.Count);)
        {
            var order = l == left.Count ? 1 : r == right.Count ? -1 : Compare(left[l], right[r]);
            merged.Add(order <= 0 ? left[l] : right[r]);
            if (order <= 0) l++;
            if (order >= 0) r++;
        }

        return merged;
    }

    private static int Compare(Fix left, Fix right)
    {
        var order = left.FixedAt.CompareTo(right.FixedAt);
        return order == 0 ? left.Digest.CompareTo(right.Digest) : order;
    }
}
