using System.Collections.Immutable;

namespace FleetTracker.Sensors;

public enum SensorKind : short
{
    /// <summary>A number that may be too low or too high, such as a temperature.</summary>
    Gauge = 0,

    /// <summary>What is in a tank: fills and drains are told.</summary>
    Fuel = 1,

    /// <summary>Something that is on or off, such as a door.</summary>
    Switch = 2,
}

/// <summary>A tenant's name for one of the values that devices report, what it means, and what is watched about it.</summary>
public sealed record Sensor
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string Name { get; init; }

    /// <summary>Of the calibrated value, for people; <c>null</c> = none.</summary>
    public string? Unit { get; init; }

    /// <summary>Counts from 1; other rules are a new one, another name, unit or scope is not.</summary>
    public int Version { get; init; } = 1;

    public required SensorRules Rules { get; init; }

    public SensorScope Scope { get; init; } = SensorScope.Everyone;
}

/// <summary>Which vehicles have it: those that are named, and those of a named group.</summary>
public sealed record SensorScope
{
    public static readonly SensorScope Everyone = new();

    /// <summary>With <see cref="Groups"/> empty too: every vehicle of the tenant.</summary>
    public ImmutableArray<string> VehicleIds { get; init; } = [];

    public ImmutableArray<string> Groups { get; init; } = [];

    public bool IsEveryone => VehicleIds.IsDefaultOrEmpty && Groups.IsDefaultOrEmpty;

    public bool Has(string vehicleId, ImmutableArray<string> groups)
    {
        if (IsEveryone || (!VehicleIds.IsDefault && VehicleIds.Contains(vehicleId, StringComparer.Ordinal))) return true;
        if (Groups.IsDefaultOrEmpty || groups.IsDefault) return false;
        foreach (var group in groups)
            if (Groups.Contains(group, StringComparer.Ordinal)) return true;
        return false;
    }
}

/// <summary>How a value is read and what is watched about it. What belongs to another kind is <c>null</c>.</summary>
public sealed record SensorRules
{
    /// <summary>
    /// A member of a fix's attributes, with dots before members of members. <c>ignition</c> and <c>odometer</c> (m) are what the fix itself says.
    /// </summary>
    public required string Attribute { get; init; }

    public required SensorKind Kind { get; init; }

    /// <summary>Empty = the raw value is the value; else at least two points with growing raw values, straight lines between and level beyond them.</summary>
    public ImmutableArray<CalibrationPoint> Calibration { get; init; } = [];

    /// <summary>Raw values below are no values; <c>null</c> = none are.</summary>
    public double? ValidMin { get; init; }

    /// <summary>Raw values above are no values; <c>null</c> = none are.</summary>
    public double? ValidMax { get; init; }

    /// <summary>
    /// How long it must be low, high or on to be told; of fuel, how long a changed level must stay. <c>null</c> = at once; of fuel
    /// <see cref="DefaultFuelMinDuration"/>.
    /// </summary>
    public TimeSpan? MinDuration { get; init; }

    /// <summary>Gauge: below it is low; <c>null</c> = never.</summary>
    public double? Low { get; init; }

    /// <summary>Gauge: above it is high; <c>null</c> = never.</summary>
    public double? High { get; init; }

    /// <summary>Gauge and switch: how far back beyond its limit a value must come for what goes on to end. <c>null</c> = 0.</summary>
    public double? Hysteresis { get; init; }

    /// <summary>Switch: above it is on. <c>null</c> = <see cref="DefaultThreshold"/>, as what is true counts as 1.</summary>
    public double? Threshold { get; init; }

    /// <summary>Switch: it is on at or below the threshold.</summary>
    public bool Inverted { get; init; }

    /// <summary>Fuel: so much more than before is a fill, in units; <c>null</c> = fills are not told.</summary>
    public double? FillAmount { get; init; }

    /// <summary>Fuel: so much less than before is a drain, in units; <c>null</c> = drains are not told.</summary>
    public double? DrainAmount { get; init; }

    /// <summary>Fuel: the level is the median of so many values, an odd number. <c>null</c> = <see cref="DefaultSmoothing"/>.</summary>
    public int? Smoothing { get; init; }

    /// <summary>Fuel: what takes longer from the old level to the new is use or drift. <c>null</c> = <see cref="DefaultMaxDuration"/>.</summary>
    public TimeSpan? MaxDuration { get; init; }

    public const double DefaultThreshold = 0.5;

    public const int DefaultSmoothing = 5;

    public static readonly TimeSpan DefaultFuelMinDuration = TimeSpan.FromMinutes(2);

    public static readonly TimeSpan DefaultMaxDuration = TimeSpan.FromMinutes(30);
}

/// <param name="Raw">What the device reports.</param>
/// <param name="Value">What that is, in the sensor's unit.</param>
public readonly record struct CalibrationPoint(double Raw, double Value);
