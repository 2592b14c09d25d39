using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>A place within the coordinates of a geometry, in words only once something is wrong there.</summary>
internal readonly record struct JsonPlace(int Depth, int First, int Second, int Third)
{
    public JsonPlace Item(int index) => Depth switch
    {
        0 => new JsonPlace(1, index, 0, 0),
        1 => this with { Depth = 2, Second = index },
        _ => this with { Depth = 3, Third = index },
    };

    public override string ToString() => Depth switch
    {
        0 => "coordinates",
        1 => $"coordinates[{First}]",
        2 => $"coordinates[{First}][{Second}]",
        _ => $"coordinates[{First}][{Second}][{Third}]",
    };
}

/// <summary>Reads positions and rings, and says where they are wrong.</summary>
internal sealed class PositionReader(int maxPoints)
{
    /// <summary>A shape that is drawn over the antimeridian may count on past 180.</summary>
    private const double MaxLongitude = 540;

    private int _points;

    public static int Length(JsonElement element, JsonPlace where) =>
        element.ValueKind == JsonValueKind.Array ? element.GetArrayLength() : throw new FenceGeometryException(where.ToString(), $"must be an array, is {Word(element)}");

    public static string Word(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Array => "an array",
        _ => "an object",
    };

    public Polygon Polygon(JsonElement rings, JsonPlace where)
    {
        var read = new Coordinate[Length(rings, where)][];
        if (read.Length == 0) throw new FenceGeometryException(where.ToString(), "has no outline");
        var i = 0;
        foreach (var ring in rings.EnumerateArray()) read[i] = Ring(ring, where.Item(i++));
        return Longitudes.Polygon(read[0], read[1..]);
    }

    public Coordinate[] Positions(JsonElement positions, JsonPlace where)
    {
        var count = Length(positions, where);
        // Before room is made for them.
        if (_points + count > maxPoints)
            throw new FenceGeometryException(where.Item(maxPoints - _points).ToString(), $"is beyond the {maxPoints} positions that a fence may have");
        var read = new Coordinate[count];
        var i = 0;
        foreach (var position in positions.EnumerateArray()) read[i] = Position(position, where.Item(i++));
        return read;
    }

    public Coordinate Position(JsonElement position, JsonPlace where)
    {
        _points++;
        if (Length(position, where) < 2) throw new FenceGeometryException(where.ToString(), $"must be [longitude, latitude], has {position.GetArrayLength()} items");
        var (longitude, latitude) = (Number(position[0], where, 0), Number(position[1], where, 1));
        if (Math.Abs(latitude) > 90)
        {
            var hint = Math.Abs(longitude) <= 90 && Math.Abs(latitude) <= 180 ? "; longitude comes first, are they swapped?" : "";
            throw new FenceGeometryException($"{where}[1]", string.Create(CultureInfo.InvariantCulture, $"latitude must be -90 to 90, is {latitude}{hint}"));
        }

        if (Math.Abs(longitude) > MaxLongitude)
            throw new FenceGeometryException($"{where}[0]", string.Create(CultureInfo.InvariantCulture, $"longitude must be -180 to 180, or to {MaxLongitude} where a shape counts on over the antimeridian, is {longitude}"));
        return new Coordinate(longitude, latitude);
    }

    private static double Number(JsonElement element, JsonPlace where, int item) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw new FenceGeometryException($"{where}[{item}]", $"must be a number of degrees, is {Word(element)}");

    private Coordinate[] Ring(JsonElement ring, JsonPlace where)
    {
        var positions = Positions(ring, where);
        if (positions.Length < 4)
            throw new FenceGeometryException(where.ToString(), $"must have at least 4 positions, the last like the first, has {positions.Length}");
        if (!positions[0].Equals2D(positions[^1]))
            throw new FenceGeometryException(where.ToString(), string.Create(CultureInfo.InvariantCulture,
                $"is not closed: begins at [{positions[0].X}, {positions[0].Y}] and ends at [{positions[^1].X}, {positions[^1].Y}]"));
        return positions;
    }
}
