using FleetTracker.Geodesy;
using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>
/// A polygon or several. Edges are straight in degrees, as in GeoJSON, and belong to it; whether a point is on an edge is decided exactly, not by a
/// tolerance. Only the corners are kept: an area of 20 corners takes about half a kilobyte.
/// </summary>
internal sealed class FenceArea : FenceShape
{
    // A point that is not covered is never 0 meters away, however the distance is rounded.
    private const double LeastMetersOutside = 1e-9;

    // Longitude and latitude by turns, all outlines and holes, each closed, with a pair of NaN between two: whatever is asked of a line with a NaN is
    // answered by "no", so lines need no list of their own. Longitudes count on past ±180 where the area lies over the antimeridian.
    private readonly double[] _points;
    private readonly LatitudeBands? _bands;
    private readonly double _west;
    private readonly double _east;

    /// <param name="shape">Polygon or MultiPolygon.</param>
    public FenceArea(Geometry shape)
    {
        _points = Points(shape);
        _bands = LatitudeBands.Of(_points, 0);
        var bounds = shape.EnvelopeInternal;
        (_west, _east) = (bounds.MinX, bounds.MaxX);
        Bounds = new GeoBox(_west, bounds.MinY, _east, bounds.MaxY).Turned();
    }

    public override GeoBox Bounds { get; }

    /// <summary>Corners in the order they were given.</summary>
    internal IEnumerable<(double Latitude, double Longitude)> Corners
    {
        get
        {
            for (var i = 0; i < _points.Length; i += 2)
                if (!double.IsNaN(_points[i])) yield return (_points[i + 1], _points[i]);
        }
    }

    private int LineCount => (_points.Length / 2) - 1;

    public override bool Covers(double latitude, double longitude)
    {
        if (!(latitude >= Bounds.South && latitude <= Bounds.North)) return false;

        // The first turn at or east of the western bound, and all further ones within: two at most, for a shape that goes around the Earth.
        var turned = longitude + (360 * Math.Ceiling((_west - longitude) / 360));
        for (; turned <= _east; turned += 360)
            if (Locate(turned, latitude) != Location.Exterior) return true;
        return false;
    }

    public override double MetersOutside(double latitude, double longitude)
    {
        if (Covers(latitude, longitude)) return 0;

        var least = double.PositiveInfinity;
        // The turns that are at most half around the Earth from the shape: one or two.
        var turned = longitude + (360 * Math.Ceiling((_west - 180 - longitude) / 360));
        for (; turned <= _east + 180; turned += 360) least = Math.Min(least, MetersToEdge(latitude, turned));
        return Math.Max(least, LeastMetersOutside);
    }

    public override double MetersInside(in Way way)
    {
        if (!(way.North >= Bounds.South && way.South <= Bounds.North)) return 0;

        var part = 0.0;
        var turn = 360 * Math.Ceiling((_west - way.Longitude2) / 360);
        for (; way.Longitude1 + turn <= _east; turn += 360) part += PartInside(way, turn);
        return part > 0 ? Math.Min(1, part) * way.Meters : 0;
    }

    private static double[] Points(Geometry shape)
    {
        var points = new double[(2 * (shape.NumPoints + Rings(shape).Count())) - 2];
        points.AsSpan().Fill(double.NaN);
        var next = 0;
        foreach (var ring in Rings(shape))
        {
            foreach (var corner in ring.Coordinates) (points[next++], points[next++]) = (corner.X, corner.Y);
            next += 2;
        }

        return points;
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

    internal Location Locate(double x, double y)
    {
        // How often a ray to the east crosses edges: an odd number of times from inside.
        var crossings = 0;
        if (_bands is null)
        {
            for (var i = 0; i < LineCount; i++)
                if (IsOnLine(i, x, y, ref crossings)) return Location.Boundary;
        }
        else
        {
            foreach (var i in _bands.In(_bands.BandAt(y)))
                if (IsOnLine(i, x, y, ref crossings)) return Location.Boundary;
        }

        return (crossings & 1) == 1 ? Location.Interior : Location.Exterior;
    }

    private bool IsOnLine(int line, double x, double y, ref int crossings)
    {
        var corners = _points.AsSpan(2 * line, 4);
        var (x1, y1, x2, y2) = (corners[0], corners[1], corners[2], corners[3]);
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

    private double MetersToEdge(double latitude, double longitude)
    {
        var nearest = new Nearest(new LocalFrame(latitude, longitude));
        if (_bands is null)
        {
            for (var i = 0; i < LineCount; i++) nearest.Look(_points, i);
        }
        else
        {
            // From the point's own band outward, until a band is further away than what was found.
            var middle = _bands.BandAt(latitude);
            for (var band = middle; band < _bands.Count && (band == middle || !nearest.IsNearerThan(_bands.South(band))); band++) Look(ref nearest, band);
            for (var band = middle - 1; band >= 0 && !nearest.IsNearerThan(_bands.South(band + 1)); band--) Look(ref nearest, band);
        }

        return nearest.Meters(_points, latitude, longitude);
    }

    private void Look(ref Nearest nearest, int band)
    {
        foreach (var i in _bands!.In(band)) nearest.Look(_points, i);
    }

    private double PartInside(in Way way, double turn)
    {
        var cutter = new WayCutter(way, turn, new(stackalloc double[48]), new(stackalloc Stretch[8]));
        if (_bands is null)
        {
            for (var i = 0; i < LineCount; i++) cutter.Cut(_points, i);
        }
        else
        {
            var last = _bands.BandAt(way.North);
            for (var band = _bands.BandAt(way.South); band <= last; band++)
                foreach (var i in _bands.In(band)) cutter.Cut(_points, i);
        }

        cutter.Sort();
        double part = 0, from = 0;
        foreach (var to in cutter.Cuts)
        {
            // No edge is met between two cuts, so one point tells for all.
            if (to > from && !cutter.IsAlongEdge(from, to))
            {
                var (latitude, longitude) = way.At((from + to) / 2);
                if (Locate(longitude + turn, latitude) == Location.Interior) part += to - from;
            }

            from = to;
        }

        return part;
    }

    /// <summary>The line nearest to a point.</summary>
    private struct Nearest(LocalFrame frame)
    {
        private readonly LocalFrame _frame = frame;
        private double _squared = double.PositiveInfinity;
        private int _line;
        private double _part;

        public void Look(double[] points, int line)
        {
            var i = 2 * line;
            var squared = _frame.Squared(points[i + 1], points[i], points[i + 3], points[i + 2], out var part);
            if (squared < _squared) (_squared, _line, _part) = (squared, line, part);
        }

        public readonly bool IsNearerThan(double latitude)
        {
            var meters = _frame.MetersNorth(latitude);
            return _squared < meters * meters;
        }

        public readonly double Meters(double[] points, double latitude, double longitude)
        {
            var i = 2 * _line;
            return LocalDistance.Meters(
                latitude, longitude,
                points[i + 1] + (_part * (points[i + 3] - points[i + 1])), points[i] + (_part * (points[i + 2] - points[i])));
        }
    }
}
