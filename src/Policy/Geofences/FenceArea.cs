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

    private readonly Outlines _lines;
    private readonly LatitudeBands? _bands;
    private readonly double _west;
    private readonly double _east;

    /// <param name="shape">Polygon or MultiPolygon.</param>
    public FenceArea(Geometry shape)
    {
        _lines = new Outlines(shape);
        _bands = LatitudeBands.Of(_lines.Latitudes, 0);
        var bounds = shape.EnvelopeInternal;
        (_west, _east) = (bounds.MinX, bounds.MaxX);
        Bounds = new GeoBox(_west, bounds.MinY, _east, bounds.MaxY).Turned();
    }

    public override GeoBox Bounds { get; }

    internal IEnumerable<(double Latitude, double Longitude)> Corners => _lines.Corners;

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

    /// <summary>Where a point lies; <paramref name="x"/> is its longitude in the turn of the outlines.</summary>
    internal Location Locate(double x, double y)
    {
        if (_bands is null) return _lines.Locate(x, y);

        var crossings = 0;
        foreach (var line in _bands.In(_bands.BandAt(y)))
            if (_lines.IsOn(line, x, y, ref crossings)) return Location.Boundary;
        return (crossings & 1) == 1 ? Location.Interior : Location.Exterior;
    }

    private double MetersToEdge(double latitude, double longitude)
    {
        var nearest = new NearestEdge(_lines, new LocalFrame(latitude, longitude));
        if (_bands is null)
        {
            for (var line = 0; line < _lines.Count; line++) nearest.Look(line);
        }
        else
        {
            // From the point's own band outward, until a band is further away than what was found.
            var middle = _bands.BandAt(latitude);
            for (var band = middle; band < _bands.Count && (band == middle || !nearest.IsNearerThan(_bands.South(band))); band++) Look(ref nearest, band);
            for (var band = middle - 1; band >= 0 && !nearest.IsNearerThan(_bands.South(band + 1)); band--) Look(ref nearest, band);
        }

        return nearest.Meters;
    }

    private void Look(ref NearestEdge nearest, int band)
    {
        foreach (var line in _bands!.In(band)) nearest.Look(line);
    }

    private double PartInside(in Way way, double turn)
    {
        var cutter = new WayCutter(way, turn, new(stackalloc double[48]), new(stackalloc Stretch[8]));
        if (_bands is null)
        {
            _lines.Cut(ref cutter, way.Bounds, turn);
        }
        else
        {
            var last = _bands.BandAt(way.North);
            for (var band = _bands.BandAt(way.South); band <= last; band++)
                foreach (var line in _bands.In(band)) _lines.Cut(ref cutter, line);
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
}
