using FleetTracker.Geodesy;

namespace FleetTracker.Geofences;

/// <summary>The edge nearest to a point, of those that were looked at.</summary>
internal struct NearestEdge(Outlines lines, LocalFrame frame)
{
    private readonly LocalFrame _frame = frame;
    private double _squared = double.PositiveInfinity;
    private int _line;
    private double _part;

    public readonly double Meters
    {
        get
        {
            var (x1, y1, x2, y2) = lines[_line];
            return LocalDistance.Meters(_frame.Latitude, _frame.Longitude, y1 + (_part * (y2 - y1)), x1 + (_part * (x2 - x1)));
        }
    }

    public void Look(int line)
    {
        var (x1, y1, x2, y2) = lines[line];
        var squared = _frame.Squared(y1, x1, y2, x2, out var part);
        if (squared < _squared) (_squared, _line, _part) = (squared, line, part);
    }

    public readonly bool IsNearerThan(double latitude)
    {
        var meters = _frame.MetersNorth(latitude);
        return _squared < meters * meters;
    }
}
