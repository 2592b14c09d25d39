using System.Diagnostics.Metrics;
using FleetTracker.LiveMap;
using FleetTracker.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FleetTracker.LiveMap.Tests;

/// <summary>Vehicles for tests.</summary>
internal static class Fleet
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static LiveMapMetrics Metrics { get; } =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    public static LiveVehicle Live(
        string id, double latitude, double longitude, string tenant = "default", DateTimeOffset? at = null, MotionStatus motion = MotionStatus.Moving,
        DateTimeOffset? offlineAt = null) => new()
    {
        Tenant = tenant,
        VehicleId = id,
        Motion = motion,
        FixedAt = at ?? Noon,
        ReceivedAt = at ?? Noon,
        OfflineAt = offlineAt ?? (at ?? Noon) + TimeSpan.FromMinutes(10),
        Latitude = latitude,
        Longitude = longitude,
    };

    public static RegisteredVehicle Registered(string id, long revision = 1, string tenant = "default", string? name = null) =>
        new() { Tenant = tenant, Id = id, Name = name ?? $"Name of {id}", Revision = revision };
}
