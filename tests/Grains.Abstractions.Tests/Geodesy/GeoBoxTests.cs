using CsCheck;

namespace FleetTracker.Geodesy;

public sealed class GeoBoxTests
{
    // To seven digits, which is a centimeter and what receivers have at best: nothing is promised of latitudes such as 1e-80.
    private static readonly Gen<(double Latitude, double Longitude)> Place = Gen.OneOf(
        Gen.Select(Gen.Double[-90, 90], Gen.Double[-180, 180]),
        Gen.Select(Gen.Double[60.1, 60.3], Gen.Double[24.8, 25.1]),
        Gen.Select(Gen.Double[-1, 1], Gen.OneOf(Gen.Double[-180, -179], Gen.Double[179, 180])),
        Gen.Select(Gen.OneOf(Gen.Double[-90, -89], Gen.Double[89, 90]), Gen.Double[-180, 180]),
        Gen.Select(Gen.OneOf(Gen.Const(-90d), Gen.Const(0d), Gen.Const(90d)), Gen.OneOf(Gen.Const(-180d), Gen.Const(0d), Gen.Const(180d)))).Select(place => (Math.Round(place.Item1, 7), Math.Round(place.Item2, 7)));

    private static readonly Gen<GeoBox> Box =
        from a in Place
        from height in Gen.OneOf(Gen.Const(0.1), Gen.Double[0, 180])
        from width in Gen.OneOf(Gen.Const(0.1), Gen.Double[0, 359])
        select new GeoBox(
            a.Longitude, a.Latitude, a.Longitude + width > 180 ? a.Longitude + width - 360 : a.Longitude + width, Math.Min(90, Math.Round(a.Latitude + height, 7)));

    private static bool IsIn(GeoBox box, double latitude, double longitude) =>
        latitude >= box.South && latitude <= box.North
        && (box.West <= box.East ? longitude >= box.West && longitude <= box.East : longitude >= box.West || longitude <= box.East);

    [Fact]
    public void Whatever_is_within_the_distance_is_in_the_box() =>
        Gen.Select(Place, Place, Gen.Double[1, 1.5]).Sample((middle, other, slack) =>
        {
            var meters = Geodesic.DistanceMeters(middle.Latitude, middle.Longitude, other.Latitude, other.Longitude);
            return IsIn(GeoBox.Around(middle.Latitude, middle.Longitude, meters * slack), other.Latitude, other.Longitude);
        }, iter: 5_000);

    [Fact]
    public void A_small_circle_has_a_small_box() =>
        Gen.Select(Gen.Double[-80, 80], Gen.Double[-180, 180], Gen.Double[1, 10_000]).Sample((latitude, longitude, radius) =>
        {
            var box = GeoBox.Around(latitude, longitude, radius);
            var width = box.East - box.West + (box.East < box.West ? 360 : 0);
            var acrossMeters = width * 111_320 * Math.Cos(latitude * Math.PI / 180);
            return box.North - box.South < (2.05 * radius / 110_500) + 1e-6 && acrossMeters < (2.2 * radius) + 1;
        });

    [Fact]
    public void No_point_of_a_box_is_nearer_than_it_says() =>
        Gen.Select(Place, Box, Gen.Double[0, 1], Gen.Double[0, 1]).Sample((from, box, across, up) =>
        {
            var width = box.East - box.West + (box.East < box.West ? 360 : 0);
            var latitude = Math.Clamp(Math.Round(box.South + (up * (box.North - box.South)), 7), box.South, box.North);
            var longitude = box.West + (across * width);
            return box.LeastMetersFrom(from.Latitude, from.Longitude) <= Geodesic.DistanceMeters(from.Latitude, from.Longitude, latitude, longitude) + 1e-6;
        }, iter: 20_000);

    [Fact]
    public void What_it_says_is_not_far_from_the_truth() =>
        Gen.Select(Place, Box).Sample((from, box) =>
        {
            var width = box.East - box.West + (box.East < box.West ? 360 : 0);
            var nearest = double.MaxValue;
            for (var i = 0; i <= 20; i++)
            {
                for (var j = 0; j <= 20; j++)
                {
                    nearest = Math.Min(nearest, Geodesic.DistanceMeters(
                        from.Latitude, from.Longitude, box.South + (i / 20d * (box.North - box.South)), box.West + (j / 20d * width)));
                }
            }

            // A raster misses the nearest point by half of its step at most.
            var step = Math.Max(box.North - box.South, width) / 20 * 112_000;
            return box.LeastMetersFrom(from.Latitude, from.Longitude) >= (nearest * 0.98) - step - 1;
        }, iter: 200);

    [Fact]
    public void Inside_is_no_distance()
    {
        Assert.Equal(0, new GeoBox(170, -20, -170, -10).LeastMetersFrom(-15, 180));
        Assert.Equal(0, new GeoBox(170, -20, -170, -10).LeastMetersFrom(-15, -179));
        Assert.Equal(0, GeoBox.World.LeastMetersFrom(90, 12));
    }
}
