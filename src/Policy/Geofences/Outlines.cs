using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>
/// The outlines and holes of an area as lines, x being longitude and y latitude, in one array that is looked through four lines at a time. Longitudes
/// count on past ±180 where the area lies over the antimeridian.
/// </summary>
internal readonly struct Outlines
{
    private const int Lanes = 4;

    // First all x, then all y; line i joins points i and i + 1. Each outline is closed, with a NaN between two and up to the next multiple of four: whatever
    // is asked of a line with a NaN is answered by "no".
    private readonly double[] _points;

    public Outlines(Geometry shape)
    {
        var lines = shape.NumPoints + Rings(shape).Count() - 2;
        Count = (lines + Lanes - 1) / Lanes * Lanes;
        _points = new double[2 * (Count + 1)];
        _points.AsSpan().Fill(double.NaN);
        var next = 0;
        foreach (var ring in Rings(shape))
        {
            foreach (var corner in ring.Coordinates) (_points[next], _points[Count + 1 + next++]) = (corner.X, corner.Y);
            next++;
        }
    }

    public int Count { get; }

    public ReadOnlySpan<double> Latitudes => _points.AsSpan(Count + 1);

    /// <summary>Corners in the order they were given.</summary>
    public IEnumerable<(double Latitude, double Longitude)> Corners
    {
        get
        {
            var (points, count) = (_points, Count);
            return Enumerable.Range(0, count + 1).Where(i => !double.IsNaN(points[i])).Select(i => (points[count + 1 + i], points[i]));
        }
    }

    public (double X1, double Y1, double X2, double Y2) this[int line]
    {
        get
        {
            var y = Count + 1 + line;
            return (_points[line], _points[y], _points[line + 1], _points[y + 1]);
        }
    }

    /// <summary>By how often a ray from the point to the east crosses lines: an odd number of times from inside.</summary>
    public Location Locate(double x, double y)
    {
        var (atX, atY, odd, doubtful) = (Vector256.Create(x), Vector256.Create(y), Vector256<double>.Zero, Vector256<double>.Zero);
        ref var first = ref MemoryMarshal.GetArrayDataReference(_points);
        for (var line = 0; line < Count; line += Lanes)
        {
            var (x1, x2) = (Vector256.LoadUnsafe(ref first, (nuint)line), Vector256.LoadUnsafe(ref first, (nuint)(line + 1)));
            var (y1, y2) = (Vector256.LoadUnsafe(ref first, (nuint)(line + Count + 1)), Vector256.LoadUnsafe(ref first, (nuint)(line + Count + 2)));
            var falls = Vector256.GreaterThan(y1, atY) & Vector256.LessThanOrEqual(y2, atY);
            var meets = falls | (Vector256.GreaterThan(y2, atY) & Vector256.LessThanOrEqual(y1, atY));
            var (left, right) = ((x1 - atX) * (y2 - atY), (y1 - atY) * (x2 - atX));
            var side = left - right;
            odd ^= meets & (Vector256.GreaterThan(side, Vector256<double>.Zero) ^ falls);
            // Corners at the point's latitude, and lines so near that rounding may tell the wrong side, want a closer look.
            var isSure = Vector256.GreaterThan(Vector256.Abs(side), Vector256.Create(Orientation.RoundingOfPlain) * (Vector256.Abs(left) + Vector256.Abs(right)));
            doubtful |= Vector256.Equals(y1, atY) | Vector256.AndNot(meets, isSure);
        }

        if (doubtful.ExtractMostSignificantBits() != 0) return LocateExactly(x, y);
        return (BitOperations.PopCount(odd.ExtractMostSignificantBits()) & 1) == 1 ? Location.Interior : Location.Exterior;
    }

    /// <summary>Whether a point is on a line, and counts the line if its ray crosses it.</summary>
    public bool IsOn(int line, double x, double y, ref int crossings)
    {
        var (x1, y1, x2, y2) = this[line];
        if (y1 > y && y2 > y) return false;
        if (y1 < y && y2 < y) return false;
        if (x1 < x && x2 < x) return false;
        if (x == x2 && y == y2) return true;
        if (y1 == y && y2 == y) return x >= Math.Min(x1, x2) && x <= Math.Max(x1, x2);
        // Half open, so that a corner at the ray's latitude is crossed once, or twice when the outline turns back there.
        if (!((y1 > y && y2 <= y) || (y2 > y && y1 <= y))) return false;

        var side = Orientation.Sign(x1, y1, x2, y2, x, y);
        if (side == 0) return true;
        if (side > 0 == y2 > y1) crossings++;
        return false;
    }

    public void Cut(ref WayCutter cutter, int line)
    {
        var (x1, y1, x2, y2) = this[line];
        cutter.Cut(x1, y1, x2, y2);
    }

    /// <summary>Cuts a way by all lines whose bounds it meets.</summary>
    public void Cut(ref WayCutter cutter, GeoBox way, double turn)
    {
        var (west, east) = (Vector256.Create(way.West + turn), Vector256.Create(way.East + turn));
        var (south, north) = (Vector256.Create(way.South), Vector256.Create(way.North));
        ref var first = ref MemoryMarshal.GetArrayDataReference(_points);
        for (var line = 0; line < Count; line += Lanes)
        {
            var (x1, x2) = (Vector256.LoadUnsafe(ref first, (nuint)line), Vector256.LoadUnsafe(ref first, (nuint)(line + 1)));
            var (y1, y2) = (Vector256.LoadUnsafe(ref first, (nuint)(line + Count + 1)), Vector256.LoadUnsafe(ref first, (nuint)(line + Count + 2)));
            var meets = Vector256.LessThanOrEqual(Vector256.Min(x1, x2), east) & Vector256.GreaterThanOrEqual(Vector256.Max(x1, x2), west)
                & Vector256.LessThanOrEqual(Vector256.Min(y1, y2), north) & Vector256.GreaterThanOrEqual(Vector256.Max(y1, y2), south);
            for (var lanes = meets.ExtractMostSignificantBits(); lanes != 0; lanes &= lanes - 1) Cut(ref cutter, line + BitOperations.TrailingZeroCount(lanes));
        }
    }

    private static IEnumerable<LineString> Rings(Geometry shape)
    {
        for (var i = 0; i < shape.NumGeometries; i++)
        {
            var polygon = (Polygon)shape.GetGeometryN(i);
            yield return polygon.ExteriorRing;
            foreach (var hole in polygon.InteriorRings) yield return hole;
        }
    }

    private Location LocateExactly(double x, double y)
    {
        var crossings = 0;
        for (var line = 0; line < Count; line++)
            if (IsOn(line, x, y, ref crossings)) return Location.Boundary;
        return (crossings & 1) == 1 ? Location.Interior : Location.Exterior;
    }
}
