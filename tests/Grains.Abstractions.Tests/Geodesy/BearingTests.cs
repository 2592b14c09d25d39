using System.Text.Json;

namespace FleetTracker.Geodesy;

public sealed class BearingTests
{
    public static TheoryData<double, double, double, double, double> Published
    {
        get
        {
            var data = new TheoryData<double, double, double, double, double>();
            using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "geographiclib_geodtest.json")));
            foreach (var problem in file.RootElement.GetProperty("cases").EnumerateArray())
            {
                double Number(string name) => problem.GetProperty(name).GetDouble();

                // Nothing is promised of farther ones.
                if (Number("s12") < 10_000_000) data.Add(Number("lat1"), Number("lon1"), Number("lat2"), Number("lon2"), Number("azi1"));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void Directions_are_those_of_geographiclib_to_a_tenth_of_a_degree(double latitude1, double longitude1, double latitude2, double longitude2, double azimuth) =>
        Assert.True(
            Math.Abs(Math.IEEERemainder(Bearing.Degrees(latitude1, longitude1, latitude2, longitude2) - azimuth, 360)) < 0.1,
            $"{Bearing.Degrees(latitude1, longitude1, latitude2, longitude2)} instead of {azimuth}");

    [Theory]
    [InlineData(60, 24, 61, 24, 0)]
    [InlineData(60, 24, 59, 24, 180)]
    [InlineData(0, 10, 0, 20, 90)]
    [InlineData(0, 10, 0, 0, 270)]
    [InlineData(-17, 179.9, -17, -179.9, 90.03)]
    [InlineData(-17, -179.9, -17, 179.9, 269.97)]
    [InlineData(60.2, 24.9, 60.200001, 24.9, 0)]
    [InlineData(60.2, 24.9, 60.2, 24.900001, 90)]
    [InlineData(60.2, 24.9, 60.2, 24.9, 0)]
    [InlineData(-90, 0, 90, 0, 0)]
    public void Directions_are_clockwise_from_north(double latitude1, double longitude1, double latitude2, double longitude2, double expected) =>
        Assert.Equal(expected, Bearing.Degrees(latitude1, longitude1, latitude2, longitude2), 0.02);
}
