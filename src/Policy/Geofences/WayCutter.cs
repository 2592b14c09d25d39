namespace FleetTracker.Geofences;

/// <summary>
/// Cuts a way wherever it meets an edge. Whether it does is decided exactly, so no edge is missed and none is met that is only near; where, to the
/// last digits of a double.
/// </summary>
internal ref struct WayCutter
{
    private readonly double _x1;
    private readonly double _y1;
    private readonly double _x2;
    private readonly double _y2;
    private Findings<double> _cuts;
    private Findings<Stretch> _alongEdges;

    /// <param name="turn">Degrees of longitude to the turn in which the edges are.</param>
    public WayCutter(in Way way, double turn, Findings<double> cuts, Findings<Stretch> alongEdges)
    {
        (_x1, _y1, _x2, _y2) = (way.Longitude1 + turn, way.Latitude1, way.Longitude2 + turn, way.Latitude2);
        _cuts = cuts;
        _alongEdges = alongEdges;
        _cuts.Add(1);
    }

    public readonly ReadOnlySpan<double> Cuts => _cuts.All;

    public readonly void Sort()
    {
        if (_cuts.All.Length > 1) _cuts.All.Sort();
    }

    /// <summary>A stretch along an edge is neither inside nor outside, and asking for its middle would tell one or the other by rounding.</summary>
    public readonly bool IsAlongEdge(double from, double to)
    {
        var middle = (from + to) / 2;
        foreach (var (begin, end) in _alongEdges.All)
            if (begin <= middle && middle <= end) return true;
        return false;
    }

    /// <summary>Cuts the way where it meets the edge from a to b, x being longitude.</summary>
    public void Cut(double ax, double ay, double bx, double by)
    {
        // Phrased so that a gap between outlines, which is NaN, meets nothing.
        if (!(Math.Min(ax, bx) <= _x2 && Math.Max(ax, bx) >= _x1)) return;
        if (!(Math.Min(ay, by) <= Math.Max(_y1, _y2) && Math.Max(ay, by) >= Math.Min(_y1, _y2))) return;

        var sideA = Orientation.Sign(_x1, _y1, _x2, _y2, ax, ay);
        var sideB = Orientation.Sign(_x1, _y1, _x2, _y2, bx, by);
        if (sideA * sideB > 0) return;
        if (sideA == 0 && sideB == 0)
        {
            Along(Part(ax, ay), Part(bx, by));
            return;
        }

        var side1 = Orientation.Sign(ax, ay, bx, by, _x1, _y1);
        var side2 = Orientation.Sign(ax, ay, bx, by, _x2, _y2);
        if (side1 * side2 > 0) return;
        if (side1 == 0) _cuts.Add(0);
        else if (side2 == 0) _cuts.Add(1);
        // A corner on the way is the same cut for both of its edges.
        else if (sideA == 0) _cuts.Add(Part(ax, ay));
        else if (sideB == 0) _cuts.Add(Part(bx, by));
        else _cuts.Add(Crossing(ax, ay, bx, by));
    }

    private void Along(double a, double b)
    {
        _cuts.Add(a);
        _cuts.Add(b);
        if (a != b) _alongEdges.Add(new Stretch(Math.Min(a, b), Math.Max(a, b)));
    }

    private readonly double Part(double x, double y)
    {
        var (dx, dy) = (_x2 - _x1, _y2 - _y1);
        if (dx == 0 && dy == 0) return 0;
        return Math.Clamp(Math.Abs(dx) >= Math.Abs(dy) ? (x - _x1) / dx : (y - _y1) / dy, 0, 1);
    }

    private readonly double Crossing(double ax, double ay, double bx, double by)
    {
        var (dx, dy, ex, ey) = (_x2 - _x1, _y2 - _y1, bx - ax, by - ay);
        var part = (((ax - _x1) * ey) - ((ay - _y1) * ex)) / ((dx * ey) - (dy * ex));
        return double.IsNaN(part) ? 0 : Math.Clamp(part, 0, 1);
    }
}
