using System.Collections.Immutable;

namespace FleetTracker.Geofences;

/// <summary>One version of a fence, ready to be asked. Immutable, safe from any thread.</summary>
public sealed class Fence
{
    private Fence(Geofence definition) => Definition = definition;

    public Geofence Definition { get; }

    /// <exception cref="FenceGeometryException">The definition cannot be a fence.</exception>
    public static Fence Compile(Geofence definition) => new(definition);

    /// <summary>Whether this version is the one of a fix at this time.</summary>
    public bool IsValidAt(DateTimeOffset fixedAt) => throw new NotImplementedException();

    /// <summary>Whether its schedule has it awake at this time.</summary>
    public bool IsAwakeAt(DateTimeOffset fixedAt) => throw new NotImplementedException();

    /// <summary>When the time in which it is awake at <paramref name="fixedAt"/> ends; that instant itself when it is asleep, <c>null</c> when it never sleeps.</summary>
    public DateTimeOffset? AwakeUntil(DateTimeOffset fixedAt) => throw new NotImplementedException();

    /// <summary>Whether it is for a vehicle in these groups.</summary>
    public bool IsFor(ImmutableArray<string> groups) => throw new NotImplementedException();

    /// <summary>Edges belong to the fence.</summary>
    public bool Covers(double latitude, double longitude) => throw new NotImplementedException();

    /// <summary>Meters to the nearest edge; 0 inside.</summary>
    public double MetersOutside(double latitude, double longitude) => throw new NotImplementedException();

    /// <summary>Meters of the straight segment (the short way around) that lie inside; 0 when it misses the fence.</summary>
    public double MetersInside(double latitude1, double longitude1, double latitude2, double longitude2) => throw new NotImplementedException();
}
