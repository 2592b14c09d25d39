using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Valid;

namespace FleetTracker.Geofences;

/// <summary>
/// Reads the shape of a fence from a GeoJSON geometry (RFC 7946), longitude before latitude, in degrees. Every problem is told with its place and
/// value, since whoever drew the fence has to mend it.
/// </summary>
internal static class FenceGeoJson
{
    public const int MaxPoints = 100_000;

    /// <summary>The largest radius of a circle and half width of a corridor: a country. Beyond, a flat map's words for near and far lose their meaning.</summary>
    public const double MaxRadiusMeters = 1_000_000;

    /// <param name="geometry">A GeoJSON geometry object: Polygon or MultiPolygon.</param>
    /// <param name="maxPoints">At most this many positions in all rings together.</param>
    /// <exception cref="FenceGeometryException">The geometry cannot be a fence.</exception>
    public static FenceArea ReadArea(JsonElement geometry, int maxPoints = MaxPoints)
    {
        var shape = ReadPolygons(geometry, maxPoints);
        if (new IsValidOp(shape).ValidationError is { } error) throw new FenceGeometryException("coordinates", Explain(error));
        return new FenceArea(shape);
    }

    /// <summary>The same without asking whether outlines cross: for shapes from elsewhere whose faults are known.</summary>
    public static Geometry ReadPolygons(JsonElement geometry, int maxPoints = MaxPoints)
    {
        var type = TypeOf(geometry, "Polygon", "MultiPolygon");
        var coordinates = Coordinates(geometry);
        var reader = new PositionReader(maxPoints);
        if (type == "Polygon") return reader.Polygon(coordinates, default);

        var polygons = new Polygon[PositionReader.Length(coordinates, default)];
        var i = 0;
        foreach (var polygon in coordinates.EnumerateArray()) polygons[i] = reader.Polygon(polygon, default(JsonPlace).Item(i++));
        return polygons.Length switch
        {
            0 => throw new FenceGeometryException("coordinates", "has no polygon"),
            1 => polygons[0],
            _ => new MultiPolygon(polygons),
        };
    }

    /// <summary>Point and radius.</summary>
    /// <exception cref="FenceGeometryException">The geometry or the radius cannot be a fence.</exception>
    public static FenceCircle ReadCircle(JsonElement geometry, double? radiusMeters)
    {
        TypeOf(geometry, "Point");
        var center = new PositionReader(1).Position(Coordinates(geometry), default);
        return new FenceCircle(center.Y, center.X, Radius(radiusMeters, "a circle"));
    }

    /// <summary>LineString and half of a width.</summary>
    /// <exception cref="FenceGeometryException">The geometry or the radius cannot be a fence.</exception>
    public static FenceCorridor ReadCorridor(JsonElement geometry, double? radiusMeters, int maxPoints = MaxPoints)
    {
        TypeOf(geometry, "LineString");
        var points = new PositionReader(maxPoints).Positions(Coordinates(geometry), default);
        if (points.Length < 2) throw new FenceGeometryException("coordinates", $"must have at least 2 positions, has {points.Length}");
        return new FenceCorridor(Longitudes.Unwrapped(points), Radius(radiusMeters, "a corridor"));
    }

    private static string TypeOf(JsonElement geometry, params ReadOnlySpan<string> allowed)
    {
        if (geometry.ValueKind != JsonValueKind.Object) throw new FenceGeometryException("geometry", $"must be an object, is {PositionReader.Word(geometry)}");
        var type = geometry.TryGetProperty("type", out var typed) && typed.ValueKind == JsonValueKind.String ? typed.GetString() : null;
        if (type is null || !allowed.Contains(type))
            throw new FenceGeometryException("type", $"must be {string.Join(" or ", allowed)}, is {(type is null ? "missing" : $"'{type}'")}");
        return type;
    }

    private static JsonElement Coordinates(JsonElement geometry) =>
        geometry.TryGetProperty("coordinates", out var coordinates) ? coordinates : throw new FenceGeometryException("coordinates", "is missing");

    private static double Radius(double? radiusMeters, string of)
    {
        if (radiusMeters is not { } meters) throw new FenceGeometryException("radiusMeters", $"is missing; {of} must have one");
        // Phrased as "is inside" so that NaN is refused with the rest.
        if (meters is > 0 and <= MaxRadiusMeters) return meters;
        throw new FenceGeometryException("radiusMeters", string.Create(CultureInfo.InvariantCulture, $"must be above 0 and at most {MaxRadiusMeters}, is {meters}"));
    }

    private static string Explain(TopologyValidationError error)
    {
        var reason = error.ErrorType switch
        {
            TopologyValidationErrors.SelfIntersection or TopologyValidationErrors.RingSelfIntersection => "the outline crosses itself",
            TopologyValidationErrors.HoleOutsideShell => "a hole lies outside of its outline",
            TopologyValidationErrors.NestedHoles => "a hole lies within another hole",
            TopologyValidationErrors.NestedShells => "a polygon lies within another one",
            TopologyValidationErrors.DisconnectedInteriors => "holes cut the polygon into pieces",
            TopologyValidationErrors.DuplicateRings => "an outline is there twice",
            TopologyValidationErrors.TooFewPoints => "an outline has no area",
            _ => error.Message,
        };
        return error.Coordinate is { } at
            ? string.Create(CultureInfo.InvariantCulture, $"{reason}, at longitude {at.X}, latitude {at.Y}")
            : reason;
    }
}
