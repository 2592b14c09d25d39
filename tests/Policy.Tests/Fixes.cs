using FleetTracker.Ingestion;

namespace FleetTracker;

/// <summary>Fixes as tests need them: at a second, for a vehicle.</summary>
internal static class Fixes
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Fix At(int second, string vehicle = "v1", long digest = 1, double? speed = 10, FixVerdict verdict = FixVerdict.Accepted, string tenant = "default", int receivedLater = 0) => new()
    {
        Tenant = tenant,
        VehicleId = vehicle,
        DeviceId = "d-" + vehicle,
        FixedAt = Noon.AddSeconds(second),
        ReceivedAt = Noon.AddSeconds(second + receivedLater),
        Digest = digest,
        Verdict = verdict,
        Latitude = verdict == FixVerdict.NoPosition ? null : 60 + (second / 10_000.0),
        Longitude = verdict == FixVerdict.NoPosition ? null : 25,
        SpeedMetersPerSecond = speed,
    };
}
