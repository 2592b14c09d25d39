namespace FleetTracker.Geodesy;

public sealed class GeoPointTests
{
    [Theory]
    [InlineData(90, 180, true)]
    [InlineData(-90, -180, true)]
    [InlineData(90.0000001, 0, false)]
    [InlineData(0, 180.0000001, false)]
    [InlineData(double.NaN, 0, false)]
    [InlineData(0, double.NaN, false)]
    [InlineData(double.PositiveInfinity, 0, false)]
    public void Only_places_on_earth_are_points(double latitude, double longitude, bool isPoint)
    {
        Assert.Equal(isPoint, GeoPoint.TryCreate(latitude, longitude, out var point));
        if (isPoint) Assert.Equal((latitude, longitude), (point.Latitude, point.Longitude));
    }
}
