using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace FleetTracker.Geofences;

/// <summary>
/// One version of a fence, ready to be asked. Immutable, safe from any thread. Longitudes may be of any turn. Edges of areas, lines of corridors and
/// the ways of vehicles are straight in degrees, as in GeoJSON; two points are joined the short way around.
/// </summary>
public sealed class Fence
{
    private readonly WeekHours? _hours;

    // What every fix asks, beside the shape: the definition lies elsewhere in memory, and among many fences a look there is what a fix costs.
    private readonly long _validFromTicks;
    private readonly long _validToTicks;
    private readonly ImmutableArray<string> _groups;

    private Fence(Geofence definition, FenceShape shape, WeekHours? hours)
    {
        (Definition, Shape, _hours) = (definition, shape, hours);
        (Id, Version, _validFromTicks, _validToTicks) = (definition.Id, definition.Version, definition.ValidFrom.UtcTicks, definition.ValidTo?.UtcTicks ?? long.MaxValue);
        (_groups, MarginMeters, SpeedLimitMetersPerSecond) = (definition.Rules.Groups, definition.Rules.MarginMeters, definition.Rules.SpeedLimitMetersPerSecond);
    }

    public Geofence Definition { get; }

    /// <summary>As in the definition.</summary>
    public string Id { get; }

    /// <summary>As in the definition.</summary>
    public int Version { get; }

    /// <summary>As in the definition's rules.</summary>
    public double? MarginMeters { get; }

    /// <summary>As in the definition's rules.</summary>
    public double? SpeedLimitMetersPerSecond { get; }

    internal FenceShape Shape { get; }

    internal GeoBox Bounds => Shape.Bounds;

    /// <summary>Holds all of it, in degrees from -180 to 180; a west side east of the east side lies over the antimeridian.</summary>
    public (double West, double South, double East, double North) Box =>
        (Bounds.West, Bounds.South, Bounds is { East: > 180 } over && over.East - over.West < 360 ? over.East - 360 : Math.Min(180, Bounds.East), Bounds.North);

    /// <exception cref="FenceGeometryException">The definition cannot be a fence: its shape, radius, schedule or another rule.</exception>
    public static Fence Compile(Geofence definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        CheckRules(definition.Rules);
        return new Fence(definition, ReadShape(definition), definition.Rules.Schedule is { } schedule ? new WeekHours(schedule) : null);
    }

    /// <summary>The same without asking whether outlines of an area cross: for shapes from elsewhere whose faults are known.</summary>
    internal static Fence CompileUnchecked(Geofence definition)
    {
        using var geometry = JsonDocument.Parse(definition.Geometry);
        return new Fence(definition, new FenceArea(FenceGeoJson.ReadPolygons(geometry.RootElement)), null);
    }

    /// <summary>Whether this version is the one of a fix at this time.</summary>
    public bool IsValidAt(DateTimeOffset fixedAt) => fixedAt.UtcTicks >= _validFromTicks && fixedAt.UtcTicks < _validToTicks;

    /// <summary>
    /// Whether its schedule has it awake at this time: while a clock on the wall there shows a time within one of the intervals, both times in the hour
    /// that comes twice.
    /// </summary>
    public bool IsAwakeAt(DateTimeOffset fixedAt) => _hours is null || _hours.IsAwakeAt(fixedAt);

    /// <summary>When the time in which it is awake at <paramref name="fixedAt"/> ends; that instant itself when it is asleep, <c>null</c> when it never sleeps.</summary>
    public DateTimeOffset? AwakeUntil(DateTimeOffset fixedAt) => _hours?.AwakeUntil(fixedAt);

    /// <summary>Whether it is for a vehicle in these groups.</summary>
    public bool IsFor(ImmutableArray<string> groups)
    {
        if (_groups.IsDefaultOrEmpty) return true;
        if (groups.IsDefault) return false;
        foreach (var group in groups)
            if (_groups.Contains(group, StringComparer.Ordinal)) return true;
        return false;
    }

    /// <summary>Edges belong to the fence: exactly for an area; for circle and corridor to a few hundred-thousandths of the radius.</summary>
    public bool Covers(double latitude, double longitude) => Shape.Covers(latitude, longitude);

    /// <summary>
    /// Meters to the nearest edge; 0 inside, and only there. Right to a few hundred-thousandths up to 50 km, less near the poles
    /// (32 km / tan latitude); further away it may be too large by some percent, never too small.
    /// </summary>
    public double MetersOutside(double latitude, double longitude) => Shape.MetersOutside(latitude, longitude);

    /// <summary>
    /// Meters of the straight segment (the short way around) that lie inside; 0 when it misses the fence, touches it in a point or runs along an edge.
    /// It is the part of the way that is inside times the distance of its ends, so never more than that, and the same there and back.
    /// </summary>
    public double MetersInside(double latitude1, double longitude1, double latitude2, double longitude2) =>
        Shape.MetersInside(new Way(latitude1, longitude1, latitude2, longitude2));

    private static FenceShape ReadShape(Geofence definition)
    {
        JsonDocument geometry;
        try
        {
            geometry = JsonDocument.Parse(definition.Geometry);
        }
        catch (JsonException e)
        {
            throw new FenceGeometryException("geometry", $"is not JSON, in line {e.LineNumber + 1} at byte {e.BytePositionInLine + 1}");
        }

        using (geometry)
        {
            return definition.ShapeKind switch
            {
                GeofenceShapeKind.Area when definition.RadiusMeters is { } meters => throw new FenceGeometryException(
                    "radiusMeters", string.Create(CultureInfo.InvariantCulture, $"must be absent for an area, is {meters}")),
                GeofenceShapeKind.Area => FenceGeoJson.ReadArea(geometry.RootElement),
                GeofenceShapeKind.Circle => FenceGeoJson.ReadCircle(geometry.RootElement, definition.RadiusMeters),
                GeofenceShapeKind.Corridor => FenceGeoJson.ReadCorridor(geometry.RootElement, definition.RadiusMeters),
                _ => throw new FenceGeometryException("shapeKind", $"must be Area, Circle or Corridor, is {(short)definition.ShapeKind}"),
            };
        }
    }

    private static void CheckRules(GeofenceRules rules)
    {
        if (rules.MinDwell < TimeSpan.Zero) throw new FenceGeometryException("rules.minDwell", $"must not be negative, is {rules.MinDwell}");
        if (rules.DwellEventAfter <= TimeSpan.Zero) throw new FenceGeometryException("rules.dwellEventAfter", $"must be positive, is {rules.DwellEventAfter}");
        // Phrased as "is inside" so that NaN is refused with the rest.
        if (rules.MarginMeters is not (null or >= 0 and < double.PositiveInfinity))
            throw new FenceGeometryException("rules.marginMeters", string.Create(CultureInfo.InvariantCulture, $"must be 0 or more, is {rules.MarginMeters}"));
        if (rules.SpeedLimitMetersPerSecond is not (null or > 0 and < double.PositiveInfinity))
            throw new FenceGeometryException("rules.speedLimitMetersPerSecond", string.Create(CultureInfo.InvariantCulture, $"must be positive, is {rules.SpeedLimitMetersPerSecond}"));
    }
}
