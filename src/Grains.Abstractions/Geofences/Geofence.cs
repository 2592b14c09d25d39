using System.Collections.Immutable;

namespace FleetTracker.Geofences;

public enum GeofenceShapeKind : short
{
    /// <summary>GeoJSON Polygon or MultiPolygon.</summary>
    Area = 0,

    /// <summary>GeoJSON Point and a radius.</summary>
    Circle = 1,

    /// <summary>GeoJSON LineString and a width.</summary>
    Corridor = 2,
}

/// <summary>
/// One version of a fence: what it covers and asks from <see cref="ValidFrom"/> on, by fix time. A change to shape or rules is a new version; a new
/// name is not.
/// </summary>
[GenerateSerializer, Immutable, Alias("Geofence")]
public sealed record Geofence
{
    [Id(0)] public required string Id { get; init; }

    [Id(1)] public required string Tenant { get; init; }

    [Id(2)] public required string Name { get; init; }

    /// <summary>Counts from 1 for each fence.</summary>
    [Id(3)] public required int Version { get; init; }

    /// <summary>Inclusive, fix time.</summary>
    [Id(4)] public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>Exclusive, fix time; <c>null</c> while it is the current version.</summary>
    [Id(5)] public DateTimeOffset? ValidTo { get; init; }

    [Id(6)] public required GeofenceShapeKind ShapeKind { get; init; }

    /// <summary>A GeoJSON geometry (RFC 7946) as JSON text: longitude before latitude, degrees.</summary>
    [Id(7)] public required string Geometry { get; init; }

    /// <summary>Circle: its radius; corridor: half of its width. Otherwise <c>null</c>.</summary>
    [Id(8)] public double? RadiusMeters { get; init; }

    [Id(9)] public GeofenceRules Rules { get; init; } = new();
}

/// <summary>What a fence asks besides its shape. <c>null</c> = the vehicle's option decides.</summary>
[GenerateSerializer, Immutable, Alias("GeofenceRules")]
public sealed record GeofenceRules
{
    /// <summary>How long a vehicle must stay inside for an enter, and outside for an exit, to count.</summary>
    [Id(0)] public TimeSpan? MinDwell { get; init; }

    /// <summary>How far outside a vehicle must be for an exit to begin, in meters.</summary>
    [Id(1)] public double? MarginMeters { get; init; }

    /// <summary>Speed above which a vehicle inside is too fast, in m/s; <c>null</c> = no limit.</summary>
    [Id(2)] public double? SpeedLimitMetersPerSecond { get; init; }

    /// <summary>A stay of this long is an event of its own; <c>null</c> = never.</summary>
    [Id(3)] public TimeSpan? DwellEventAfter { get; init; }

    /// <summary>When the fence is awake; <c>null</c> = always.</summary>
    [Id(4)] public WeeklySchedule? Schedule { get; init; }

    /// <summary>Vehicle groups that the fence is for; empty = all vehicles.</summary>
    [Id(5)] public ImmutableArray<string> Groups { get; init; } = [];
}

/// <summary>Times of the week in a time zone, repeated every week.</summary>
[GenerateSerializer, Immutable, Alias("WeeklySchedule")]
public sealed record WeeklySchedule
{
    /// <summary>IANA name, such as <c>Europe/Helsinki</c>.</summary>
    [Id(0)] public required string TimeZone { get; init; }

    [Id(1)] public required ImmutableArray<WeeklyInterval> Intervals { get; init; }
}

/// <summary>A part of one day of the week, local time: <paramref name="From"/> inclusive, <paramref name="To"/> exclusive; To at or before From runs into the next day.</summary>
[GenerateSerializer, Immutable, Alias("WeeklyInterval")]
public readonly record struct WeeklyInterval([property: Id(0)] DayOfWeek Day, [property: Id(1)] TimeOnly From, [property: Id(2)] TimeOnly To);
