namespace FleetTracker.Geofences;

/// <summary>What is said of a fence before a vehicle meets it.</summary>
public sealed class FenceLinterTests
{
    [Fact]
    public void A_fence_that_is_passed_between_two_fixes_is_told()
    {
        var warning = Assert.Single(FenceLinter.Check(Drawn.Circle(60, 25, 60), 10, 60, 70 / 3.6));
        Assert.Equal(FenceLinter.BetweenFixes, warning.Code);
        Assert.Equal(
            "vehicles report every 60 s at 70 km/h = 1.2 km between fixes; this fence is 120 m across and will be missed: most that drive through have no fix inside",
            warning.Text);
        Assert.Empty(FenceLinter.Check(Drawn.Circle(60, 25, 600), 10, 60, 70 / 3.6));
    }

    [Fact]
    public void A_fence_smaller_than_fixes_are_accurate_is_told()
    {
        var warning = Assert.Single(FenceLinter.Check(Drawn.Circle(60, 25, 5), 25));
        Assert.Equal(FenceLinter.BelowAccuracy, warning.Code);
        Assert.Equal(
            "fixes are accurate to about 25 m; this fence is 10 m across, so vehicles beside it will be called inside, and vehicles inside will not", warning.Text);
        Assert.Empty(FenceLinter.Check(Drawn.Circle(60, 25, 5)));
    }

    [Fact]
    public void A_narrow_area_is_as_wide_as_it_is_narrow()
    {
        // A strip of 20 m that leads north-east: its box is as wide as it is high.
        var strip = Drawn.Area((0, 0), (0.0001, -0.0001), (0.0101, 0.0099), (0.01, 0.01));
        Assert.Contains("16 m across", Assert.Single(FenceLinter.Check(strip, 20)).Text, StringComparison.Ordinal);
        // The largest of several counts.
        Assert.Empty(FenceLinter.Check(Drawn.Compile("""{"type":"MultiPolygon","coordinates":[[[[0,0],[0.0001,0],[0,0.0001],[0,0]]],[[[1,1],[2,1],[1,2],[1,1]]]]}"""), 20));
    }

    [Fact]
    public void A_corridor_is_followed_and_not_crossed()
    {
        var road = Drawn.Corridor(30, (60, 25), (60, 25.1));
        Assert.Empty(FenceLinter.Check(road, 20, 60, 70 / 3.6));
        Assert.Equal(FenceLinter.BetweenFixes, Assert.Single(FenceLinter.Check(road, 20, 600, 70 / 3.6)).Code);
    }
}
