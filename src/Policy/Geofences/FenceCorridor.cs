using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>All points within a geodesic distance of a line through several points, straight in degrees, the distance included.</summary>
internal sealed class FenceCorridor : FenceShape
{
    // Longitudes count on past ±180.
    private readonly double[] _longitudes;
    private readonly double[] _latitudes;
    private readonly double _radiusMeters;
    private readonly LatitudeBands? _bands;

    /// <param name="points">Two at least, each in the turn next to the one before.</param>
    /// <param name="radiusMeters">Half of the width.</param>
    public FenceCorridor(Coordinate[] points, double radiusMeters)
    {
        (_longitudes, _latitudes) = ([.. points.Select(point => point.X)], [.. points.Select(point => point.Y)]);
        _radiusMeters = radiusMeters;
        Bounds = new GeoBox(_longitudes.Min(), _latitudes.Min(), _longitudes.Max(), _latitudes.Max()).Widened(radiusMeters).Turned();
        _bands = LatitudeBands.Of(_latitudes, radiusMeters / GeoBox.LeastMetersPerDegree);
    }

    public override GeoBox Bounds { get; }

    private int LineCount => _latitudes.Length - 1;

    public override bool Covers(double latitude, double longitude)
    {
        if (!(latitude >= Bounds.South && latitude <= Bounds.North)) return false;
        var point = new LocalFrame(latitude, longitude);
        if (_bands is null)
        {
            for (var i = 0; i < LineCount; i++)
                if (Line(i).IsWithin(_radiusMeters, point)) return true;
            return false;
        }

        foreach (var i in _bands.In(_bands.BandAt(latitude)))
            if (Line(i).IsWithin(_radiusMeters, point)) return true;
        return false;
    }

    public override double MetersOutside(double latitude, double longitude)
    {
        if (Covers(latitude, longitude)) return 0;

        var point = new LocalFrame(latitude, longitude);
        var (nearest, nearestPart, least) = (0, 0.0, double.PositiveInfinity);
        for (var i = 0; i < LineCount; i++)
        {
            var squared = Line(i).Squared(point, out var part);
            if (squared < least) (nearest, nearestPart, least) = (i, part, squared);
        }

        // A point that is not covered is never 0 meters away, however the distance is rounded.
        return Math.Max(1e-9, Line(nearest).MetersTo(nearestPart, point) - _radiusMeters);
    }

    public override double MetersInside(in Way way)
    {
        if (!(way.North >= Bounds.South && way.South <= Bounds.North)) return 0;

        var stretches = new Findings<Stretch>(stackalloc Stretch[16]);
        if (_bands is null)
        {
            for (var i = 0; i < LineCount; i++)
                if (Line(i).TryStretch(way, _radiusMeters, out var stretch)) stretches.Add(stretch);
        }
        else
        {
            var last = _bands.BandAt(way.North);
            for (var band = _bands.BandAt(way.South); band <= last; band++)
                foreach (var i in _bands.In(band))
                    if (Line(i).TryStretch(way, _radiusMeters, out var stretch)) stretches.Add(stretch);
        }

        var part = Stretch.Union(stretches.All);
        return part > 0 ? part * way.Meters : 0;
    }

    private Line Line(int i) => new(_latitudes[i], _longitudes[i], _latitudes[i + 1], _longitudes[i + 1]);
}
