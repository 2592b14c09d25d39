using System.Globalization;
using System.Text.Json;
using FleetTracker.Geodesy;
using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>A doubt about a fence that is none the less saved.</summary>
/// <param name="Code">Stable: <see cref="FenceLinter.BelowAccuracy"/> or <see cref="FenceLinter.BetweenFixes"/>.</param>
/// <param name="Text">For whoever draws the fence, with the numbers.</param>
public sealed record FenceWarning(string Code, string Text);

/// <summary>Says which fences will not do what they were drawn for, before a vehicle proves it.</summary>
public static class FenceLinter
{
    /// <summary>The fence is smaller than fixes are accurate: vehicles beside it are inside, vehicles inside are not.</summary>
    public const string BelowAccuracy = "fence-below-accuracy";

    /// <summary>Vehicles pass the fence between two of their fixes.</summary>
    public const string BetweenFixes = "fence-between-fixes";

    /// <param name="fence">The fence.</param>
    /// <param name="typicalAccuracyMeters">Of the vehicles it is for; <c>null</c> = not known, not checked.</param>
    /// <param name="typicalIntervalSeconds">Between two fixes of a moving vehicle; <c>null</c> = not known, not checked.</param>
    /// <param name="typicalSpeedMetersPerSecond">Where the fence is; <c>null</c> = not known, not checked.</param>
    public static IReadOnlyList<FenceWarning> Check(
        Fence fence, double? typicalAccuracyMeters = null, double? typicalIntervalSeconds = null, double? typicalSpeedMetersPerSecond = null)
    {
        ArgumentNullException.ThrowIfNull(fence);
        var warnings = new List<FenceWarning>();
        var (across, along) = Size(fence.Definition);
        if (typicalAccuracyMeters is { } accuracy && across < accuracy)
        {
            warnings.Add(new(BelowAccuracy,
                $"fixes are accurate to about {Distance(accuracy)}; this fence is {Distance(across)} across, so vehicles beside it will be called inside, and vehicles inside will not"));
        }

        if (typicalIntervalSeconds is { } seconds && typicalSpeedMetersPerSecond is { } speed && seconds * speed > along)
        {
            warnings.Add(new(BetweenFixes, string.Create(CultureInfo.InvariantCulture,
                $"vehicles report every {seconds:0.#} s at {speed * 3.6:0} km/h = {Distance(seconds * speed)} between fixes; this fence is {Distance(along)} across and will be missed: most that drive through have no fix inside")));
        }

        return warnings;
    }

    /// <summary>How wide it is where it is narrowest, and how long a way through it is.</summary>
    private static (double Across, double Along) Size(Geofence definition)
    {
        using var geometry = JsonDocument.Parse(definition.Geometry);
        switch (definition.ShapeKind)
        {
            case GeofenceShapeKind.Circle:
                return (2 * definition.RadiusMeters!.Value, 2 * definition.RadiusMeters.Value);
            case GeofenceShapeKind.Corridor:
                // Vehicles follow a corridor.
                var width = 2 * definition.RadiusMeters!.Value;
                return (width, width + Length(geometry.RootElement.GetProperty("coordinates")));
            default:
                var shape = FenceGeoJson.ReadPolygons(geometry.RootElement);
                var across = Enumerable.Range(0, shape.NumGeometries).Max(i => Across((Polygon)shape.GetGeometryN(i)));
                return (across, across);
        }
    }

    private static double Length(JsonElement line)
    {
        var points = line.EnumerateArray().Select(point => (Longitude: point[0].GetDouble(), Latitude: point[1].GetDouble())).ToArray();
        return points.Zip(points.Skip(1), (a, b) => LocalDistance.Meters(a.Latitude, a.Longitude, b.Latitude, b.Longitude)).Sum();
    }

    /// <summary>The least distance of two parallel lines with the outline between them.</summary>
    private static double Across(Polygon polygon)
    {
        var middle = polygon.EnvelopeInternal.Centre;
        var frame = new LocalFrame(middle.Y, middle.X);
        return new MinimumDiameter(new LinearRing([.. polygon.ExteriorRing.Coordinates.Select(point => new Coordinate(frame.MetersEast(point.X), frame.MetersNorth(point.Y)))])).Length;
    }

    private static string Distance(double meters) => meters < 1000
        ? string.Create(CultureInfo.InvariantCulture, $"{meters:0} m")
        : string.Create(CultureInfo.InvariantCulture, $"{meters / 1000:0.#} km");
}
