using FleetTracker.Geodesy;

namespace FleetTracker.LiveMap;

/// <param name="MaxMeters">How far away a vehicle may be.</param>
/// <param name="Statuses">Empty = any.</param>
internal sealed record NearestQuery(double Latitude, double Longitude, int Limit, double MaxMeters, IReadOnlySet<VehicleStatus> Statuses);

/// <summary>A vehicle and how far away it is.</summary>
internal readonly record struct NearVehicle(LiveVehicle Live, string Name, VehicleStatus Status, double Meters);

/// <summary>
/// Looks at cells in rings that grow until nothing outside of them can be nearer, so that a place in a large fleet costs a few cells and not
/// the fleet.
/// </summary>
internal static class NearestVehicles
{
    // About the width of a cell; each ring is four times as wide as the one before, which ends at the other side of the globe after seven.
    private const double FirstReachMeters = 10_000;

    // How far a cell is away is off by the rounding of its border, on which a vehicle may be.
    private const double BorderMeters = 0.001;

    private static readonly Comparer<(double Meters, string Id)> FarthestFirst = Comparer<(double Meters, string Id)>.Create((a, b) =>
    {
        var order = b.Meters.CompareTo(a.Meters);
        return order == 0 ? string.CompareOrdinal(b.Id, a.Id) : order;
    });

    public static List<NearVehicle> Find(VehicleCells cells, NearestQuery query, DateTimeOffset now)
    {
        // The farthest of the kept ones is on top and gives way.
        var kept = new PriorityQueue<NearVehicle, (double Meters, string Id)>(FarthestFirst);
        var ring = new List<(double LeastMeters, VehicleCell Cell)>();
        var done = -1.0;
        for (var reach = Math.Min(FirstReachMeters, query.MaxMeters); ; reach = Math.Min(4 * reach, query.MaxMeters))
        {
            Collect(cells, query, done, reach + BorderMeters, ring);
            foreach (var (leastMeters, cell) in ring)
            {
                if (leastMeters - BorderMeters > FarthestKept(kept, query)) break;
                foreach (var vehicle in cell.Vehicles) Keep(vehicle, query, now, kept);
            }

            done = reach + BorderMeters;
            if (FarthestKept(kept, query) <= reach) break;
        }

        var nearest = new List<NearVehicle>(kept.Count);
        while (kept.TryDequeue(out var vehicle, out _)) nearest.Add(vehicle);
        nearest.Reverse();
        return nearest;
    }

    /// <summary>Cells whose nearest point is farther than <paramref name="done"/> and not farther than <paramref name="reach"/>, nearest first.</summary>
    private static void Collect(VehicleCells cells, NearestQuery query, double done, double reach, List<(double LeastMeters, VehicleCell Cell)> ring)
    {
        ring.Clear();
        foreach (var (cell, _) in cells.CellsIn(Viewport.Of(GeoBox.Around(query.Latitude, query.Longitude, reach))))
        {
            var least = VehicleCells.Grid.BoxOf(cell.Key).LeastMetersFrom(query.Latitude, query.Longitude);
            if (least > done && least <= reach) ring.Add((least, cell));
        }

        ring.Sort(static (a, b) => a.LeastMeters.CompareTo(b.LeastMeters));
    }

    private static void Keep(ReplicaVehicle vehicle, NearestQuery query, DateTimeOffset now, PriorityQueue<NearVehicle, (double Meters, string Id)> kept)
    {
        var live = vehicle.Live!;
        var meters = LocalDistance.Meters(query.Latitude, query.Longitude, live.Latitude, live.Longitude);
        if (meters > FarthestKept(kept, query)) return;
        var status = VehicleStatuses.Of(live, now);
        if (query.Statuses.Count > 0 && !query.Statuses.Contains(status)) return;

        var near = new NearVehicle(live, vehicle.Name, status, meters);
        if (kept.Count < query.Limit) kept.Enqueue(near, (meters, vehicle.Id));
        else kept.EnqueueDequeue(near, (meters, vehicle.Id));
    }

    /// <summary>Nothing farther away than this is wanted any more.</summary>
    private static double FarthestKept(PriorityQueue<NearVehicle, (double Meters, string Id)> kept, NearestQuery query) =>
        kept.Count == query.Limit && kept.TryPeek(out _, out var farthest) ? farthest.Meters : query.MaxMeters;
}
