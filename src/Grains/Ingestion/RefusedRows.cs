using System.Text.Json;

namespace FleetTracker.Ingestion;

/// <summary>Keeps a row that the database would not take, in a form that it will.</summary>
internal static class RefusedRows
{
    public static QuarantinedMessage Quarantine(Fix row, string reason)
    {
        // JSON escapes the control characters that databases refuse.
        var payload = JsonSerializer.SerializeToUtf8Bytes(new
        {
            row.VehicleId, row.FixedAt, row.Latitude, row.Longitude, row.AltitudeMeters, row.SpeedMetersPerSecond, row.HeadingDegrees,
            row.AccuracyMeters, row.Ignition, row.OdometerMeters, row.Attributes,
        });
        const int limit = 4096;
        return new QuarantinedMessage
        {
            Tenant = row.Tenant,
            DeviceId = row.DeviceId,
            Topic = "",
            Reason = "refused_by_database",
            Detail = reason.Replace("\0", "", StringComparison.Ordinal),
            Payload = [.. payload.AsSpan(0, Math.Min(limit, payload.Length))],
            Truncated = payload.Length > limit,
            ReceivedAt = row.ReceivedAt,
        };
    }
}
