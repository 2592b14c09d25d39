using System.Globalization;
using System.Text.Json;

namespace FleetTracker.Geodesy;

/// <summary>Held against GeographicLib, which is the reference of the field.</summary>
public sealed class GeodesicTests
{
    private const double OneMillimeter = 0.001;

    // A millimeter is promised; so much closer, a wrong coefficient of the series shows.
    private const double TwoMicrometers = 2e-6;

    public static TheoryData<double, double, double, double, double> Published
    {
        get
        {
            var data = new TheoryData<double, double, double, double, double>();
            using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "geographiclib_geodtest.json")));
            foreach (var problem in file.RootElement.GetProperty("cases").EnumerateArray())
            {
                double Number(string name) => problem.GetProperty(name).GetDouble();
                data.Add(Number("lat1"), Number("lon1"), Number("lat2"), Number("lon2"), Number("s12"));
            }

            return data;
        }
    }

    public static TheoryData<string, double, double, double, double, double> Computed
    {
        get
        {
            var data = new TheoryData<string, double, double, double, double, double>();
            foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "geodesic_distances.csv")).Skip(1))
            {
                var fields = line.Split(',');
                double Number(int index) => double.Parse(fields[index], CultureInfo.InvariantCulture);
                data.Add(fields[0], Number(1), Number(2), Number(3), Number(4), Number(5));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Distances_are_those_of_geographiclibs_own_tests(double latitude1, double longitude1, double latitude2, double longitude2, double meters) =>
        Assert.Equal(meters, Geodesic.DistanceMeters(latitude1, longitude1, latitude2, longitude2), TwoMicrometers);

    /// <summary>So near to the equator the azimuth of the way is due east to the last bit but one.</summary>
    [Theory]
    [InlineData(-1e-300, 0)]
    [InlineData(-1e-15, 0)]
    [InlineData(1e-12, -1e-12)]
    [InlineData(1e-9, 0)]
    [InlineData(1e-8, -1e-8)]
    public void A_way_along_the_equator_does_not_depend_on_the_last_digits(double latitude1, double latitude2) =>
        Assert.Equal(4219.008701065913, Geodesic.DistanceMeters(latitude1, 180, latitude2, 179.9621), 0.0002);

    [Theory]
    [MemberData(nameof(Computed))]
    public void Distances_of_every_kind_are_right(
        string kind, double latitude1, double longitude1, double latitude2, double longitude2, double meters)
    {
        Assert.NotEmpty(kind);
        Assert.Equal(meters, Geodesic.DistanceMeters(latitude1, longitude1, latitude2, longitude2), TwoMicrometers);
    }

    [Theory]
    [InlineData(90, 0, -90, 0, 20_003_931.4586)]
    [InlineData(0, 0, 0, 180, 20_003_931.4586)]
    [InlineData(0, 0, 0, 90, 10_018_754.1714)]
    [InlineData(90, 10, 90, 200, 0)]
    [InlineData(0, 0, 0.5, 179.5, 19_936_288.579)]
    public void Landmarks_of_the_ellipsoid(double latitude1, double longitude1, double latitude2, double longitude2, double meters) =>
        Assert.Equal(meters, Geodesic.DistanceMeters(latitude1, longitude1, latitude2, longitude2), OneMillimeter);

    [Fact]
    public void A_distance_is_the_same_from_both_ends_in_every_turn_and_every_mirror()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var (latitude1, longitude1, latitude2, longitude2) = (Latitude(random), Longitude(random), Latitude(random), Longitude(random));
            var meters = Geodesic.DistanceMeters(latitude1, longitude1, latitude2, longitude2);
            Assert.InRange(meters, 0, Wgs84.LongestDistanceMeters + OneMillimeter);
            Assert.Equal(meters, Geodesic.DistanceMeters(latitude2, longitude2, latitude1, longitude1), 1e-6);
            Assert.Equal(meters, Geodesic.DistanceMeters(latitude1, longitude1 + 360, latitude2, longitude2 - 720), 1e-6);
            Assert.Equal(meters, Geodesic.DistanceMeters(-latitude1, -longitude1, -latitude2, -longitude2), 1e-6);
        }
    }

    [Theory]
    [InlineData(90.1, 0, 0, 0, "latitude1")]
    [InlineData(0, double.PositiveInfinity, 0, 0, "longitude1")]
    [InlineData(0, 0, double.NaN, 0, "latitude2")]
    [InlineData(0, 0, 0, double.NaN, "longitude2")]
    public void What_is_no_place_is_named(double latitude1, double longitude1, double latitude2, double longitude2, string name) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => Geodesic.DistanceMeters(latitude1, longitude1, latitude2, longitude2)).ParamName);

    /// <summary>The claim of the docstring, near and far, at the antimeridian and at the poles.</summary>
    [Fact]
    public void The_cheap_distance_is_off_by_less_than_a_millionth()
    {
        var random = new Random(11);
        var worst = 0.0;
        for (var i = 0; i < 20_000; i++)
        {
            var (latitude1, longitude1) = (Latitude(random), Longitude(random));
            var reach = Math.Pow(10, (random.NextDouble() * 6) - 5);
            var latitude2 = Math.Clamp(latitude1 + ((random.NextDouble() - 0.5) * reach), -90, 90);
            var longitude2 = longitude1 + ((random.NextDouble() - 0.5) * reach / Math.Max(0.01, Math.Cos(latitude1 * Math.PI / 180)));
            var exact = Geodesic.DistanceMeters(latitude1, longitude1, latitude2, longitude2);
            var error = Math.Abs(LocalDistance.Meters(latitude1, longitude1, latitude2, longitude2) - exact);
            worst = Math.Max(worst, exact > 1 ? error / exact : error);
        }

        Assert.InRange(worst, 0, 1e-6);
    }

    private static double Latitude(Random random) => (random.NextDouble() * 180) - 90;

    private static double Longitude(Random random) => (random.NextDouble() * 360) - 180;
}
