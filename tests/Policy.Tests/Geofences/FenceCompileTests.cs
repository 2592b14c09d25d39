namespace FleetTracker.Geofences;

/// <summary>A definition that cannot be a fence is refused with the place and the value, whatever its shape.</summary>
public sealed class FenceCompileTests
{
    private const string Square = """{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}""";
    private const string Point = """{"type":"Point","coordinates":[25,60]}""";
    private const string Line = """{"type":"LineString","coordinates":[[25,60],[26,60]]}""";

    [Theory]
    [InlineData(GeofenceShapeKind.Area, "{", null, "geometry: is not JSON, in line 1 at byte 2")]
    [InlineData(GeofenceShapeKind.Area, Point, null, "type: must be Polygon or MultiPolygon, is 'Point'")]
    [InlineData(GeofenceShapeKind.Area, Square, 5.0, "radiusMeters: must be absent for an area, is 5")]
    [InlineData((GeofenceShapeKind)9, Square, null, "shapeKind: must be Area, Circle or Corridor, is 9")]
    [InlineData(GeofenceShapeKind.Circle, Square, 5.0, "type: must be Point, is 'Polygon'")]
    [InlineData(GeofenceShapeKind.Circle, Point, null, "radiusMeters: is missing; a circle must have one")]
    [InlineData(GeofenceShapeKind.Circle, Point, 0.0, "radiusMeters: must be above 0 and at most 1000000, is 0")]
    [InlineData(GeofenceShapeKind.Circle, Point, -3.5, "radiusMeters: must be above 0 and at most 1000000, is -3.5")]
    [InlineData(GeofenceShapeKind.Circle, Point, 1_000_001.0, "radiusMeters: must be above 0 and at most 1000000, is 1000001")]
    [InlineData(GeofenceShapeKind.Circle, Point, double.NaN, "radiusMeters: must be above 0 and at most 1000000, is NaN")]
    [InlineData(GeofenceShapeKind.Circle, """{"type":"Point","coordinates":[60.1,124]}""", 5.0, "coordinates[1]: latitude must be -90 to 90, is 124; longitude comes first, are they swapped?")]
    [InlineData(GeofenceShapeKind.Circle, """{"type":"Point","coordinates":[]}""", 5.0, "coordinates: must be [longitude, latitude], has 0 items")]
    [InlineData(GeofenceShapeKind.Circle, """{"type":"Point","coordinates":[[1,2]]}""", 5.0, "coordinates: must be [longitude, latitude], has 1 items")]
    [InlineData(GeofenceShapeKind.Corridor, Point, 5.0, "type: must be LineString, is 'Point'")]
    [InlineData(GeofenceShapeKind.Corridor, Line, null, "radiusMeters: is missing; a corridor must have one")]
    [InlineData(GeofenceShapeKind.Corridor, Line, double.PositiveInfinity, "radiusMeters: must be above 0 and at most 1000000, is Infinity")]
    [InlineData(GeofenceShapeKind.Corridor, """{"type":"LineString","coordinates":[[25,60]]}""", 5.0, "coordinates: must have at least 2 positions, has 1")]
    [InlineData(GeofenceShapeKind.Corridor, """{"type":"LineString","coordinates":[[25,60],[26]]}""", 5.0, "coordinates[1]: must be [longitude, latitude], has 1 items")]
    public void A_bad_shape_is_refused_with_its_place(GeofenceShapeKind kind, string geometry, double? meters, string message) =>
        Assert.Equal(message, Assert.Throws<FenceGeometryException>(() => Drawn.Compile(geometry, kind, meters)).Message);

    [Fact]
    public void A_bad_rule_is_refused_with_its_place()
    {
        Refused("rules.minDwell: must not be negative, is -00:00:01", new() { MinDwell = TimeSpan.FromSeconds(-1) });
        Refused("rules.dwellEventAfter: must be positive, is 00:00:00", new() { DwellEventAfter = TimeSpan.Zero });
        Refused("rules.marginMeters: must be 0 or more, is NaN", new() { MarginMeters = double.NaN });
        Refused("rules.speedLimitMetersPerSecond: must be positive, is 0", new() { SpeedLimitMetersPerSecond = 0 });
        Assert.NotNull(Drawn.Compile(Square, rules: new() { MinDwell = TimeSpan.Zero, MarginMeters = 0, SpeedLimitMetersPerSecond = 0.1, DwellEventAfter = TimeSpan.FromSeconds(1) }));
    }

    /// <summary>Hundreds of corners get an index; the answers are the same.</summary>
    [Fact]
    public void An_outline_of_many_corners_is_asked_by_bands()
    {
        const int Corners = 5000;
        (double Latitude, double Longitude) At(double i, double radius) =>
            (60 + (radius * Math.Sin(2 * Math.PI * i / Corners)), 25 + (radius * Math.Cos(2 * Math.PI * i / Corners)));
        var star = Drawn.Area([.. Enumerable.Range(0, Corners).Select(i => At(i, i % 2 == 0 ? 1 : 0.5))]);
        for (var i = 0; i < Corners; i++)
        {
            Assert.Equal(i % 2 == 0, star.Covers(At(i, 0.99).Latitude, At(i, 0.99).Longitude));
            Assert.True(star.Covers(At(i + 0.5, 0.6).Latitude, At(i + 0.5, 0.6).Longitude));
            Assert.InRange(star.MetersOutside(At(i, 1.01).Latitude, At(i, 1.01).Longitude), i % 2 == 0 ? 1 : 100, 1200);
        }

        Assert.Equal(0, star.MetersInside(58.9, 20, 58.9, 30));
        Assert.True(star.MetersInside(60, 20, 60, 30) > 55_000);
    }

    private static void Refused(string message, GeofenceRules rules) =>
        Assert.Equal(message, Assert.Throws<FenceGeometryException>(() => Drawn.Compile(Square, rules: rules)).Message);
}
