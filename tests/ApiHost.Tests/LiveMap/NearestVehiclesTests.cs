using CsCheck;
using FleetTracker.Geodesy;
using FleetTracker.LiveMap;

namespace FleetTracker.LiveMap.Tests;

public sealed class NearestVehiclesTests
{
    private static readonly HashSet<VehicleStatus> Any = [];

    private static readonly Gen<(double Latitude, double Longitude)> Place = Gen.OneOf(
        Gen.Select(Gen.Double[-90, 90], Gen.Double[-180, 180]),
        Gen.Select(Gen.Double[60.1, 60.3], Gen.Double[24.8, 25.1]),
        Gen.Select(Gen.Double[-1, 1], Gen.OneOf(Gen.Double[-180, -179.5], Gen.Double[179.5, 180])),
        Gen.Select(Gen.OneOf(Gen.Double[-90, -89.9], Gen.Double[89.9, 90]), Gen.Double[-180, 180]),
        Gen.Select(Gen.OneOf(Gen.Const(-90d), Gen.Const(0d), Gen.Const(90d)), Gen.OneOf(Gen.Const(-180d), Gen.Const(0d), Gen.Const(180d))));

    private static VehicleCells Index(IEnumerable<(double Latitude, double Longitude)> places)
    {
        var cells = new VehicleCells();
        foreach (var (place, i) in places.Select((place, i) => (place, i)))
        {
            var vehicle = VehicleCellsTests.Vehicle(i, place.Latitude, place.Longitude);
            vehicle.Live = vehicle.Live! with { Motion = i % 2 == 0 ? MotionStatus.Moving : MotionStatus.Stopped };
            cells.Update(vehicle);
        }

        return cells;
    }

    [Fact]
    public void They_are_what_measuring_every_vehicle_finds() =>
        Gen.Select(Place.Array[0, 80], Place, Gen.Int[1, 12], Gen.OneOf(Gen.Const(3e7), Gen.Double[0, 200_000], Gen.Double[0, 2e7]), Gen.Bool).Sample(
            (places, from, limit, max, onlyMoving) =>
            {
                var expected = places.Select((place, i) => (Id: $"v{i}", Meters: LocalDistance.Meters(from.Latitude, from.Longitude, place.Latitude, place.Longitude), IsMoving: i % 2 == 0))
                    .Where(v => v.Meters <= max && (v.IsMoving || !onlyMoving)).OrderBy(v => v.Meters).ThenBy(v => v.Id, StringComparer.Ordinal).Take(limit).ToList();
                var found = NearestVehicles.Find(
                    Index(places), new NearestQuery(from.Latitude, from.Longitude, limit, max, onlyMoving ? [VehicleStatus.Moving] : Any), Fleet.Noon);
                return expected.Select(v => v.Id).SequenceEqual(found.Select(v => v.Live.VehicleId))
                    && expected.Zip(found).All(pair => pair.First.Meters == pair.Second.Meters);
            }, iter: 2_000);

    [Fact]
    public void An_offline_vehicle_is_one_when_its_time_is_up_and_not_before()
    {
        var query = new NearestQuery(60, 24, 5, 1e6, new HashSet<VehicleStatus> { VehicleStatus.Offline });
        var cells = Index([(60, 24)]);
        Assert.Empty(NearestVehicles.Find(cells, query, Fleet.Noon.AddMinutes(9)));
        Assert.Equal(VehicleStatus.Offline, Assert.Single(NearestVehicles.Find(cells, query, Fleet.Noon.AddMinutes(10))).Status);
    }

    [Fact]
    public void A_search_in_a_large_fleet_measures_a_small_part_of_it()
    {
        var random = new Random(7);
        var places = Enumerable.Range(0, 20_000).Select(_ => (Latitude: 50 + (5 * random.NextDouble()), Longitude: 5 + (5 * random.NextDouble()))).ToList();
        var cells = Index(places);
        var looked = 0;
        var query = new NearestQuery(52.5, 7.5, 10, 3e7, new CountingSet(() => looked++));
        Assert.Equal(10, NearestVehicles.Find(cells, query, Fleet.Noon).Count);
        Assert.InRange(looked, 10, 400);
    }

    /// <summary>Asked once for every vehicle that is near enough to matter.</summary>
    private sealed class CountingSet(Action onLook) : IReadOnlySet<VehicleStatus>
    {
        public int Count => 1;

        public bool Contains(VehicleStatus item)
        {
            onLook();
            return true;
        }

        public IEnumerator<VehicleStatus> GetEnumerator() => throw new NotSupportedException();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => throw new NotSupportedException();

        public bool IsProperSubsetOf(IEnumerable<VehicleStatus> other) => throw new NotSupportedException();

        public bool IsProperSupersetOf(IEnumerable<VehicleStatus> other) => throw new NotSupportedException();

        public bool IsSubsetOf(IEnumerable<VehicleStatus> other) => throw new NotSupportedException();

        public bool IsSupersetOf(IEnumerable<VehicleStatus> other) => throw new NotSupportedException();

        public bool Overlaps(IEnumerable<VehicleStatus> other) => throw new NotSupportedException();

        public bool SetEquals(IEnumerable<VehicleStatus> other) => throw new NotSupportedException();
    }
}
