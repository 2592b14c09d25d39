using FleetTracker.Geodesy;

namespace FleetTracker.Geofences;

/// <summary>What a fence answers, shape by shape.</summary>
public sealed class FenceTests
{
    private static readonly Fence Square = Drawn.Box(10, 50, 10.1, 50.1);

    [Theory]
    [InlineData(50.05, 10.05, true)]
    [InlineData(50, 10.05, true)]
    [InlineData(50.1, 10.1, true)]
    [InlineData(49.999999999, 10.05, false)]
    [InlineData(50.05, 10.100000001, false)]
    [InlineData(50.05, 370.05, true)]
    public void Edges_belong_to_an_area(double latitude, double longitude, bool isInside)
    {
        Assert.Equal(isInside, Square.Covers(latitude, longitude));
        Assert.Equal(isInside, Square.MetersOutside(latitude, longitude) == 0);
    }

    [Fact]
    public void Meters_outside_are_those_to_the_nearest_edge()
    {
        Assert.Equal(Geodesic.DistanceMeters(50.05, 10.12, 50.05, 10.1), Square.MetersOutside(50.05, 10.12), 0.1);
        Assert.Equal(Geodesic.DistanceMeters(50.11, 10.12, 50.1, 10.1), Square.MetersOutside(50.11, 10.12), 0.1);
        Assert.Equal(Geodesic.DistanceMeters(0, 179.9, 0, -179.9), Drawn.Box(-179.9, -1, -179, 1).MetersOutside(0, 179.9), 0.1);
        Assert.Equal(Geodesic.DistanceMeters(0, -179, 0, 179), Drawn.Box(170, -1, 179, 1).MetersOutside(0, -179), 1.0);
    }

    [Theory]
    [InlineData(50.05, 9.9, 50.05, 10.2, 0.1 / 0.3)]
    [InlineData(50.05, 10.02, 50.05, 10.2, 0.08 / 0.18)]
    [InlineData(50.05, 10.02, 50.06, 10.03, 1)]
    [InlineData(50.2, 9.9, 50.2, 10.2, 0)]
    [InlineData(50.1, 9.9, 50.1, 10.2, 0)]
    [InlineData(50.2, 10, 50, 9.8, 0)]
    [InlineData(50.05, 10.05, 50.05, 10.05, 0)]
    public void Meters_inside_are_the_part_of_the_way_that_is(double latitude1, double longitude1, double latitude2, double longitude2, double part)
    {
        var way = LocalDistance.Meters(latitude1, longitude1, latitude2, longitude2);
        Assert.Equal(part * way, Square.MetersInside(latitude1, longitude1, latitude2, longitude2), 1e-3);
        if (part == 0) Assert.Equal(0, Square.MetersInside(latitude1, longitude1, latitude2, longitude2));
    }

    [Fact]
    public void A_way_through_a_hole_is_outside_there()
    {
        var ring = Drawn.Compile("""{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[3,3],[6,3],[6,6],[3,6],[3,3]]]}""");
        Assert.Equal(LocalDistance.Meters(4, -1, 4, 10) * 6 / 11, ring.MetersInside(4, -1, 4, 10), 1e-3);
        Assert.Equal(0, ring.MetersInside(4, 4, 5, 5));
        Assert.Equal(0, ring.MetersInside(3, 4, 3, 5));
        Assert.Equal(LocalDistance.Meters(4, 4, 3, 4), ring.MetersOutside(4, 4), 0.1);
    }

    [Theory]
    [InlineData(0, 179, 0, -179, 1)]
    [InlineData(0, -179, 0, 179, 1)]
    [InlineData(0, 177, 0, -177, 4.0 / 6)]
    [InlineData(0, 177, 0, 178, 0)]
    [InlineData(0, 0, 0, 10, 0)]
    [InlineData(0, 178.5, 0, 179.5, 1)]
    [InlineData(0, -179.5, 0, -178.5, 1)]
    public void A_way_over_the_antimeridian_goes_the_short_way(double latitude1, double longitude1, double latitude2, double longitude2, double part)
    {
        foreach (var fence in new[] { Drawn.Box(178, -1, -178, 1), Drawn.Box(178, -1, 182, 1), Drawn.Box(-182, -1, -178, 1) })
        {
            var way = LocalDistance.Meters(latitude1, longitude1, latitude2, longitude2);
            Assert.Equal(part * way, fence.MetersInside(latitude1, longitude1, latitude2, longitude2), 1e-3);
        }
    }

    [Fact]
    public void An_area_around_a_pole_is_entered_from_any_side()
    {
        var cap = Drawn.Area((80, -180), (80, -60), (80, 60), (80, 180));
        Assert.True(cap.Covers(90, 17));
        Assert.Equal(LocalDistance.Meters(79, 179, 81, -179) / 2, cap.MetersInside(79, 179, 81, -179), 1e-3);
        Assert.Equal(LocalDistance.Meters(81, 179, 81, -179), cap.MetersInside(81, 179, 81, -179), 1e-3);
        Assert.Equal(LocalDistance.Meters(79.9, 5, 80, 5), cap.MetersOutside(79.9, 5), 1.0);
    }

    [Theory]
    [InlineData(60, 25, 500)]
    [InlineData(0, 179.9999, 50_000)]
    [InlineData(89.9, 0, 30_000)]
    [InlineData(-70, -180, 1_000_000)]
    public void A_circle_is_a_distance_on_the_ellipsoid(double latitude, double longitude, double meters)
    {
        var circle = Drawn.Circle(latitude, longitude, meters);
        for (var direction = 0; direction < 360; direction += 10)
        {
            var (sin, cos) = Math.SinCos(direction * Math.PI / 180);
            foreach (var factor in new[] { 0.5, 0.95, 1.05, 2 })
            {
                var (toLatitude, toLongitude) = (latitude + (factor * cos * meters / 111_000), longitude + (factor * sin * meters / 111_000));
                if (Math.Abs(toLatitude) > 90) continue;
                var distance = Geodesic.DistanceMeters(latitude, longitude, toLatitude, toLongitude);
                Assert.Equal(distance <= meters, circle.Covers(toLatitude, toLongitude));
                Assert.Equal(Math.Max(0, distance - meters), circle.MetersOutside(toLatitude, toLongitude), 1e-3 + (distance * 1e-6));
            }
        }
    }

    [Fact]
    public void A_way_through_a_circle_is_inside_for_its_chord()
    {
        var circle = Drawn.Circle(0, 0, 10_000);
        Assert.Equal(20_000, circle.MetersInside(0, -1, 0, 1), 0.1);
        Assert.Equal(10_000, circle.MetersInside(0, 0, 0, 1), 0.1);
        Assert.Equal(0, circle.MetersInside(0.1, -1, 0.1, 1));
        var beside = 8_000 / 110_574.4;
        Assert.Equal(12_000, circle.MetersInside(beside, -1, beside, 1), 1.0);
        Assert.Equal(20_000, Drawn.Circle(0, 180, 10_000).MetersInside(0, 179, 0, -179), 0.1);
    }

    [Fact]
    public void A_corridor_is_a_distance_from_its_line()
    {
        var corridor = Drawn.Corridor(100, (60, 25), (60, 25.01), (60.01, 25.01));
        Assert.True(corridor.Covers(60.0008, 25.005));
        Assert.False(corridor.Covers(60.001, 25.005));
        Assert.True(corridor.Covers(60.0000, 25.0117));
        Assert.False(corridor.Covers(60.0000, 25.0119));
        Assert.Equal(LocalDistance.Meters(60, 25.005, 60.002, 25.005) - 100, corridor.MetersOutside(60.002, 25.005), 0.1);
        Assert.Equal(200, corridor.MetersInside(59.99, 25.005, 60.005, 25.005), 1.0);
        // Over both of its lines, counted once where they overlap.
        var way = LocalDistance.Meters(59.99, 25.01, 60.02, 25.01);
        Assert.Equal(LocalDistance.Meters(60, 25.01, 60.01, 25.01) + 200, corridor.MetersInside(59.99, 25.01, 60.02, 25.01), way * 1e-6);
    }

    [Fact]
    public void A_corridor_over_the_antimeridian_is_one_piece()
    {
        var corridor = Drawn.Corridor(1000, (0, 179), (0, -179));
        Assert.True(corridor.Covers(0, 180));
        Assert.True(corridor.Covers(0.005, -179.5));
        Assert.False(corridor.Covers(0, 0));
        Assert.Equal(2000, corridor.MetersInside(-0.1, 180, 0.1, -180), 1.0);
    }

    [Fact]
    public void Versions_are_valid_from_inclusive_to_exclusive()
    {
        var fence = Fence.Compile(Square.Definition with { ValidTo = Drawn.Long.AddDays(1) });
        Assert.False(fence.IsValidAt(Drawn.Long.AddTicks(-1)));
        Assert.True(fence.IsValidAt(Drawn.Long));
        Assert.True(fence.IsValidAt(Drawn.Long.AddDays(1).AddTicks(-1)));
        Assert.False(fence.IsValidAt(Drawn.Long.AddDays(1)));
        Assert.True(Square.IsValidAt(DateTimeOffset.MaxValue));
    }

    [Fact]
    public void A_fence_without_groups_is_for_all()
    {
        Assert.True(Square.IsFor([]));
        Assert.True(Square.IsFor(default));
        var vans = Drawn.Compile(Square.Definition.Geometry, rules: new() { Groups = ["vans", "trucks"] });
        Assert.False(vans.IsFor([]));
        Assert.False(vans.IsFor(default));
        Assert.False(vans.IsFor(["Vans", "cars"]));
        Assert.True(vans.IsFor(["cars", "trucks"]));
    }
}
