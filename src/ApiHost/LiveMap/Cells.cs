using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FleetTracker.Geodesy;

namespace FleetTracker.LiveMap;

/// <summary>A square of a grid, counted from the south-west corner of the world.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Cell(int X, int Y);

/// <summary>A grid of equal cells in degrees. The cell of a place never decreases with its longitude or latitude, so ranges of cells cover ranges of degrees.</summary>
internal readonly record struct CellGrid(double Degrees)
{
    public int Columns => (int)Math.Ceiling(360 / Degrees);

    public int Rows => (int)Math.Ceiling(180 / Degrees);

    public Cell Of(double latitude, double longitude) => new(Column(longitude), Row(latitude));

    public CellRange Cover(Viewport view)
    {
        var (west, east, last) = (Column(view.West), Column(view.East), Columns - 1);

        // The two edges of the world are one meridian. A view around the world that leaves out less than a column has that column at a border.
        ImmutableArray<(int, int)> columns = view.CrossesAntimeridian
            ? east >= west ? [(0, east), (east + 1, last)] : [(west, last), (0, east)]
            : (view.West == -180, view.East == 180) switch
            {
                (false, true) when west > 0 => [(west, east), (0, 0)],
                (true, false) when east < last => [(west, east), (last, last)],
                _ => [(west, east)],
            };
        return new CellRange(columns, Row(view.South), Row(view.North));
    }

    /// <summary>What the cell covers.</summary>
    public GeoBox BoxOf(Cell cell) => new(
        (cell.X * Degrees) - 180, Math.Max(-90, (cell.Y * Degrees) - 90), Math.Min(180, ((cell.X + 1) * Degrees) - 180), Math.Min(90, ((cell.Y + 1) * Degrees) - 90));

    private int Column(double longitude) => Math.Clamp((int)Math.Floor((longitude + 180) / Degrees), 0, Columns - 1);

    private int Row(double latitude) => Math.Clamp((int)Math.Floor((latitude + 90) / Degrees), 0, Rows - 1);
}

/// <summary>The cells that a viewport touches: one or two ranges of columns, inclusive, and one of rows.</summary>
internal readonly record struct CellRange(ImmutableArray<(int From, int To)> Columns, int South, int North)
{
    public long Count
    {
        get
        {
            var columns = 0L;
            foreach (var (from, to) in Columns) columns += to - from + 1;
            return columns * (North - South + 1);
        }
    }

    public bool Contains(Cell cell)
    {
        if (cell.Y < South || cell.Y > North) return false;
        foreach (var (from, to) in Columns)
        {
            if (cell.X >= from && cell.X <= to) return true;
        }

        return false;
    }

    /// <summary>Not at the border of the range, so everything in it is in the viewport.</summary>
    public bool ContainsInside(Cell cell)
    {
        if (cell.Y <= South || cell.Y >= North) return false;
        foreach (var (from, to) in Columns)
        {
            if (cell.X > from && cell.X < to) return true;
        }

        return false;
    }

    public IEnumerable<Cell> Cells()
    {
        foreach (var (from, to) in Columns)
        {
            for (var y = South; y <= North; y++)
            {
                for (var x = from; x <= to; x++) yield return new Cell(x, y);
            }
        }
    }
}
