using CsCheck;
using FleetTracker.LiveMap;

namespace FleetTracker.LiveMap.Tests;

public sealed class VehicleCellsTests
{
    private static readonly Gen<(double Latitude, double Longitude)> Place = Gen.OneOf(
        Gen.Select(Gen.Double[-90, 90], Gen.Double[-180, 180]),
        Gen.Select(Gen.Double[60.1, 60.3], Gen.Double[24.8, 25.1]),
        Gen.Select(Gen.Const(-90d), Gen.Const(180d)), Gen.Select(Gen.Double[-1, 1], Gen.Const(-180d)), Gen.Select(Gen.Const(90d), Gen.Double[-180, 180]));

    internal static ReplicaVehicle Vehicle(int id, double latitude, double longitude, VehicleStatus status = VehicleStatus.Moving) =>
        new($"v{id}") { IsRegistered = true, Status = status, Live = Fleet.Live($"v{id}", latitude, longitude) };

    private static VehicleCells Index(IEnumerable<ReplicaVehicle> vehicles)
    {
        var cells = new VehicleCells();
        foreach (var vehicle in vehicles) cells.Update(vehicle);
        return cells;
    }

    [Fact]
    public void The_index_finds_exactly_what_looking_at_every_vehicle_finds() =>
        Gen.Select(Place.Array[0, 60], ViewportTests.AnyViewport).Sample((places, view) =>
        {
            var vehicles = places.Select((place, i) => Vehicle(i, place.Latitude, place.Longitude)).ToList();
            var expected = vehicles.Where(v => view.Contains(v.Live!.Latitude, v.Live.Longitude)).Select(v => v.Id).Order(StringComparer.Ordinal);
            return expected.SequenceEqual(Index(vehicles).In(view).Select(v => v.Id).Order(StringComparer.Ordinal));
        });

    [Fact]
    public void Moves_and_removals_leave_the_index_as_if_it_were_built_afresh() =>
        Gen.Select(Gen.Int[0, 5], Place, Gen.Int[0, 4], Gen.Bool).Array[1, 80].Sample(steps =>
        {
            var cells = new VehicleCells();
            var vehicles = Enumerable.Range(0, 6).Select(i => new ReplicaVehicle($"v{i}") { IsRegistered = true }).ToArray();
            foreach (var (i, (latitude, longitude), status, isGone) in steps)
            {
                vehicles[i].Live = isGone ? null : Fleet.Live($"v{i}", latitude, longitude);
                vehicles[i].Status = (VehicleStatus)status;
                cells.Update(vehicles[i]);
            }

            var world = ViewportTests.Create(-180, -90, 180, 90, 0);
            var fresh = Index(vehicles.Where(v => v.IsShown).Select((v, i) => Vehicle(i, v.Live!.Latitude, v.Live.Longitude, v.Status)));
            return cells.Count == fresh.Count
                && Sorted(ClusterGrid.Compute(cells, world, 2_000)).SequenceEqual(Sorted(ClusterGrid.Compute(fresh, world, 2_000)));

            static IEnumerable<ClusterView> Sorted((List<ClusterView> Clusters, int Total) result) =>
                result.Clusters.OrderBy(c => c.Lat).ThenBy(c => c.Lon).ThenBy(c => c.Count);
        });

    [Fact]
    public void Clusters_count_every_vehicle_in_view_once_at_any_zoom() =>
        Gen.Select(Place.Array[0, 80], ViewportTests.AnyViewport, Gen.Int[1, 30]).Sample((places, view, max) =>
        {
            var vehicles = places.Select((place, i) => Vehicle(i, place.Latitude, place.Longitude, (VehicleStatus)(i % 5))).ToList();
            var inView = vehicles.Where(v => view.Contains(v.Live!.Latitude, v.Live.Longitude)).ToList();
            var (clusters, total) = ClusterGrid.Compute(Index(vehicles), view, max);
            return total == inView.Count && clusters.Sum(c => c.Count) == total && clusters.Count <= max
                && (inView.Count == 0 || clusters.Any(c => c.Worst == inView.Max(v => v.Status).Word()));
        });

    [Fact]
    public void A_cluster_lies_in_the_middle_of_its_vehicles_and_shows_the_worst()
    {
        var cells = Index([Vehicle(0, 60.10, 24.90), Vehicle(1, 60.12, 24.94, VehicleStatus.Offline), Vehicle(2, -33.9, 151.2, VehicleStatus.Idling)]);
        var (clusters, total) = ClusterGrid.Compute(cells, ViewportTests.Create(-180, -90, 180, 90, 2), 2_000);
        Assert.Equal(3, total);
        Assert.Equal(
            [new ClusterView(-33.9, 151.2, 1, "idling"), new ClusterView(60.11, 24.92, 2, "offline")],
            clusters.OrderBy(c => c.Lat).Select(c => c with { Lat = Math.Round(c.Lat, 6), Lon = Math.Round(c.Lon, 6) }));
    }

    [Fact]
    public void Clusters_come_apart_while_zooming_in()
    {
        var cells = Index(Enumerable.Range(0, 100).Select(i => Vehicle(i, 60 + (i / 10 * 0.01), 24 + (i % 10 * 0.01))));
        var counts = Enumerable.Range(0, 18).Select(zoom => ClusterGrid.Compute(cells, ViewportTests.Create(20, 55, 30, 65, zoom), 2_000).Clusters.Count).ToList();
        Assert.Equal(counts.Order(), counts);
        Assert.Equal(1, counts[0]);
        Assert.Equal(100, counts[^1]);
    }
}
