using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Valid;

namespace FleetTracker.Geofences;

/// <summary>
/// Reads the shape of a fence from a GeoJSON geometry (RFC 7946): Polygon or MultiPolygon, longitude before latitude, in degrees. Every problem is
/// told with its place and value, since whoever drew the fence has to mend it.
/// </summary>
public static class FenceGeoJson
{
    /// <summary>A shape that is drawn over the antimeridian may count on past 180.</summary>
    private const double MaxLongitude = 540;

    /// <param name="geometry">A GeoJSON geometry object.</param>
    /// <param name="maxPoints">At most this many positions in all rings together.</param>
    /// <exception cref="FenceGeometryException">The geometry cannot be a fence.</exception>
    public static FenceArea Read(JsonElement geometry, int maxPoints = 100_000)
    {
        var shape = ReadShape(geometry, maxPoints);
        if (new IsValidOp(shape).ValidationError is { } error) throw new FenceGeometryException("coordinates", Explain(error));
        return new FenceArea(shape);
    }

    /// <summary>The same without asking whether outlines cross: for shapes from elsewhere whose faults are known.</summary>
    internal static Geometry ReadShape(JsonElement geometry, int maxPoints = 100_000)
    {
        if (geometry.ValueKind != JsonValueKind.Object) throw new FenceGeometryException("geometry", $"must be an object, is {Word(geometry)}");
        var type = geometry.TryGetProperty("type", out var typed) && typed.ValueKind == JsonValueKind.String ? typed.GetString() : null;
        if (type is not ("Polygon" or "MultiPolygon"))
            throw new FenceGeometryException("type", $"must be Polygon or MultiPolygon, is {(type is null ? "missing" : $"'{type}'")}");
        if (!geometry.TryGetProperty("coordinates", out var coordinates)) throw new FenceGeometryException("coordinates", "is missing");

        var reader = new Reader(maxPoints);
        var polygons = type is "Polygon"
            ? [reader.Polygon(coordinates, "coordinates")]
            : Items(coordinates, "coordinates").Select((polygon, i) => reader.Polygon(polygon, $"coordinates[{i}]")).ToArray();
        if (polygons.Length == 0) throw new FenceGeometryException("coordinates", "has no polygon");

        return polygons.Length == 1 ? polygons[0] : new MultiPolygon(polygons);
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

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string where) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw new FenceGeometryException(where, $"must be an array, is {Word(element)}");

    private static string Word(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Array => "an array",
        _ => "an object",
    };

    private sealed class Reader(int maxPoints)
    {
        private int _points;

        public Polygon Polygon(JsonElement rings, string where)
        {
            var read = Items(rings, where).Select((ring, i) => Ring(ring, $"{where}[{i}]")).ToArray();
            if (read.Length == 0) throw new FenceGeometryException(where, "has no outline");
            return Longitudes.Polygon(read[0], read[1..]);
        }

        private Coordinate[] Ring(JsonElement ring, string where)
        {
            var positions = Items(ring, where).Select((position, i) => Position(position, $"{where}[{i}]")).ToArray();
            if (positions.Length < 4) throw new FenceGeometryException(where, $"must have at least 4 positions, the last like the first, has {positions.Length}");
            if (!positions[0].Equals2D(positions[^1]))
                throw new FenceGeometryException(where, string.Create(CultureInfo.InvariantCulture,
                    $"is not closed: begins at [{positions[0].X}, {positions[0].Y}] and ends at [{positions[^1].X}, {positions[^1].Y}]"));
            return positions;
        }

        private Coordinate Position(JsonElement position, string where)
        {
            if (++_points > maxPoints) throw new FenceGeometryException(where, $"is beyond the {maxPoints} positions that a fence may have");
            var numbers = Items(position, where).ToArray();
            if (numbers.Length < 2) throw new FenceGeometryException(where, $"must be [longitude, latitude], has {numbers.Length} items");
            var (longitude, latitude) = (Number(numbers[0], where + "[0]"), Number(numbers[1], where + "[1]"));
            if (Math.Abs(latitude) > 90)
            {
                var hint = Math.Abs(longitude) <= 90 && Math.Abs(latitude) <= 180 ? "; longitude comes first, are they swapped?" : "";
                throw new FenceGeometryException(where + "[1]", string.Create(CultureInfo.InvariantCulture, $"latitude must be -90 to 90, is {latitude}{hint}"));
            }

            if (Math.Abs(longitude) > MaxLongitude)
                throw new FenceGeometryException(where + "[0]", string.Create(CultureInfo.InvariantCulture, $"longitude must be -180 to 180, is {longitude}"));
            return new Coordinate(longitude, latitude);
        }

        private static double Number(JsonElement element, string where) =>
            element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && double.IsFinite(number)
                ? number
                : throw new FenceGeometryException(where, $"must be a number of degrees, is {Word(element)}");
    }
}
