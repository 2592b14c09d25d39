using System.Collections.Frozen;
using System.Collections.Immutable;
using FleetTracker.Geofences;
using FleetTracker.Sensors;

namespace FleetTracker.Vehicles;

/// <summary>What a tenant's vehicles are folded with: fences, sensors, thresholds, groups. Immutable; a change makes a new one.</summary>
public sealed record TenantRules
{
    public static readonly TenantRules None = new() { Tenant = "", Options = new VehicleOptions(), KnownThrough = DateTimeOffset.MaxValue };

    public required string Tenant { get; init; }

    public FenceSnapshot Fences { get; init; } = FenceSnapshot.Empty;

    public SensorSet Sensors { get; init; } = SensorSet.Empty;

    /// <summary>The tenant's thresholds.</summary>
    public required VehicleOptions Options { get; init; }

    /// <summary>Thresholds of vehicles that have their own, by vehicle id.</summary>
    public FrozenDictionary<string, VehicleOptions> OwnOptions { get; init; } = FrozenDictionary<string, VehicleOptions>.Empty;

    /// <summary>Groups of vehicles that are in any, by vehicle id.</summary>
    public FrozenDictionary<string, ImmutableArray<string>> Groups { get; init; } = FrozenDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>What was read off the instruments of vehicles, by vehicle id.</summary>
    public FrozenDictionary<string, CounterReadings> Readings { get; init; } = FrozenDictionary<string, CounterReadings>.Empty;

    /// <summary>Fixes after this wait: a change may be on its way that is valid from before them.</summary>
    public required DateTimeOffset KnownThrough { get; init; }

    /// <summary>The settled line: outcomes before it stay as they are, since they were told with other rules.</summary>
    public DateTimeOffset SettledAt { get; init; } = DateTimeOffset.MinValue;

    public VehicleOptions OptionsOf(string vehicleId) => OwnOptions.TryGetValue(vehicleId, out var own) ? own : Options;

    public CounterReadings? ReadingsOf(string vehicleId) => Readings.GetValueOrDefault(vehicleId);

    public ImmutableArray<string> GroupsOf(string vehicleId) => Groups.TryGetValue(vehicleId, out var groups) ? groups : [];
}

/// <summary>The rules of every tenant as this process knows them; asked for every fold, so it never waits.</summary>
public interface ITenantRules
{
    /// <summary><c>null</c> when the tenant's rules are not loaded yet; asking makes them load.</summary>
    TenantRules? Find(string tenant);

    /// <summary>Raised with the tenant when its rules have changed, from any thread.</summary>
    event Action<string> Changed;
}
