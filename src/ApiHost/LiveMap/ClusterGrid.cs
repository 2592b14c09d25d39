using System.Runtime.InteropServices;

namespace FleetTracker.LiveMap;

/// <summary>
/// Vehicles in view, gathered into the squares of a grid whose size follows the zoom: about 70 pixels. The grid is fixed to the world, so
/// that clusters stay put while the map is dragged. Up to zoom 9 its squares are made of whole cells of the index.
/// </summary>
internal static class ClusterGrid
{
    // 0.1° × 2^9 = 51.2° at zoom 0, where the world is 512 pixels wide.
    private const int IndexZoom = 9;

    /// <summary>Clusters of the viewport and how many vehicles are in them. A grid that would give more than <paramref name="maxClusters"/> is made coarser.</summary>
    public static (List<ClusterView> Clusters, int Total) Compute(VehicleCells cells, Viewport view, int maxClusters)
    {
        var shift = IndexZoom - (int)Math.Floor(view.Zoom);
        var sums = shift >= 0 ? FromCells(cells, view, shift) : FromVehicles(cells, view, VehicleCells.Grid.Degrees * Math.ScaleB(1, shift));
        while (sums.Count > maxClusters) sums = Coarser(sums);

        var clusters = new List<ClusterView>(sums.Count);
        var total = 0;
        foreach (var sum in sums.Values)
        {
            clusters.Add(new ClusterView(sum.MeanLatitude, sum.MeanLongitude, sum.Count, sum.Worst.Word()));
            total += sum.Count;
        }

        return (clusters, total);
    }

    private static Dictionary<Cell, ClusterSum> FromCells(VehicleCells cells, Viewport view, int shift)
    {
        var sums = new Dictionary<Cell, ClusterSum>();
        foreach (var (cell, isInside) in cells.CellsIn(view))
        {
            if (isInside)
            {
                SumAt(sums, new Cell(cell.Key.X >> shift, cell.Key.Y >> shift)).Add(cell.Sum);
                continue;
            }

            foreach (var vehicle in cell.Vehicles)
            {
                if (view.Contains(vehicle.Live!.Latitude, vehicle.Live.Longitude))
                    SumAt(sums, new Cell(cell.Key.X >> shift, cell.Key.Y >> shift)).Add(vehicle.CountedAt, vehicle.CountedAs, +1);
            }
        }

        return sums;
    }

    private static Dictionary<Cell, ClusterSum> FromVehicles(VehicleCells cells, Viewport view, double degrees)
    {
        var grid = new CellGrid(degrees);
        var sums = new Dictionary<Cell, ClusterSum>();
        foreach (var vehicle in cells.In(view))
            SumAt(sums, grid.Of(vehicle.Live!.Latitude, vehicle.Live.Longitude)).Add(vehicle.CountedAt, vehicle.CountedAs, +1);
        return sums;
    }

    private static Dictionary<Cell, ClusterSum> Coarser(Dictionary<Cell, ClusterSum> sums)
    {
        var coarser = new Dictionary<Cell, ClusterSum>();
        foreach (var (cell, sum) in sums) SumAt(coarser, new Cell(cell.X >> 1, cell.Y >> 1)).Add(sum);
        return coarser;
    }

    private static ref ClusterSum SumAt(Dictionary<Cell, ClusterSum> sums, Cell cell) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(sums, cell, out _);
}
