using CsCheck;
using FleetTracker.LiveMap;

namespace FleetTracker.LiveMap.Tests;

public sealed class ViewportTests
{
    internal static readonly Gen<Viewport> AnyViewport =
        from west in Gen.Double[-180, 180]
        from east in Gen.Double[-180, 180]
        from a in Gen.Double[-90, 90]
        from b in Gen.Double[-90, 90]
        from zoom in Gen.Double[0, 24]
        select Create(west, Math.Min(a, b), east, Math.Max(a, b), zoom);

    internal static Viewport Create(double west, double south, double east, double north, double zoom = 10) =>
        Viewport.TryCreate(west, south, east, north, zoom, out var view, out var error) ? view : throw new ArgumentException(error);

    [Theory]
    [InlineData(24, 60, 25, 61, 60.5, 24.5, true)]
    [InlineData(24, 60, 25, 61, 60, 24, true)]
    [InlineData(24, 60, 25, 61, 61, 25, true)]
    [InlineData(24, 60, 25, 61, 61.0001, 24.5, false)]
    [InlineData(24, 60, 25, 61, 60.5, 23.9999, false)]
    [InlineData(170, -20, -170, -10, -15, 175, true)]
    [InlineData(170, -20, -170, -10, -15, -175, true)]
    [InlineData(170, -20, -170, -10, -15, 180, true)]
    [InlineData(170, -20, -170, -10, -15, -180, true)]
    [InlineData(170, -20, -170, -10, -15, 0, false)]
    [InlineData(170, -20, -170, -10, -15, 169.9, false)]
    [InlineData(-180, -90, 180, 90, 90, -180, true)]
    [InlineData(-180, -90, 180, 90, -90, 180, true)]
    [InlineData(170, 0, 180, 1, 0.5, -180, true)]
    [InlineData(-180, 0, -170, 1, 0.5, 180, true)]
    [InlineData(5, 5, 5, 5, 5, 5, true)]
    public void Edges_belong_to_the_view_and_west_beyond_east_crosses_the_antimeridian(
        double west, double south, double east, double north, double latitude, double longitude, bool expected) =>
        Assert.Equal(expected, Create(west, south, east, north).Contains(latitude, longitude));

    [Theory]
    [InlineData(-181, 0, 0, 0, 0, "west")]
    [InlineData(double.NaN, 0, 0, 0, 0, "west")]
    [InlineData(0, 0, 181, 0, 0, "east")]
    [InlineData(0, -91, 0, 0, 0, "south")]
    [InlineData(0, 0, 0, 91, 0, "north")]
    [InlineData(0, 2, 0, 1, 0, "south must not be greater than north, was 2 and 1")]
    [InlineData(0, 0, 0, 0, -1, "zoom")]
    [InlineData(0, 0, 0, 0, 25, "zoom")]
    [InlineData(0, 0, 0, 0, double.PositiveInfinity, "zoom")]
    public void What_is_no_box_is_refused_by_name(double west, double south, double east, double north, double zoom, string names)
    {
        Assert.False(Viewport.TryCreate(west, south, east, north, zoom, out _, out var error));
        Assert.Contains(names, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_crossing_view_is_the_complement_of_the_one_that_does_not_cross() =>
        Gen.Select(AnyViewport, Gen.Double[-89, 89], Gen.Double[-179.9, 179.9]).Sample((view, latitude, longitude) =>
        {
            var everywhere = Create(view.West, -90, view.East, 90);
            var swapped = Create(view.East, -90, view.West, 90);
            var isOnEdge = longitude == view.West || longitude == view.East;
            return isOnEdge || view.West == view.East || everywhere.Contains(latitude, longitude) != swapped.Contains(latitude, longitude);
        });
}
