using System.Text.Json;

namespace FleetTracker.Geofences;

/// <summary>Whoever drew a fence that cannot be one is told where and what.</summary>
public sealed class FenceGeoJsonTests
{
    [Theory]
    [InlineData("[]", "geometry: must be an object, is an array")]
    [InlineData("""{}""", "type: must be Polygon or MultiPolygon, is missing")]
    [InlineData("""{"type":"Point","coordinates":[1,2]}""", "type: must be Polygon or MultiPolygon, is 'Point'")]
    [InlineData("""{"type":"Polygon"}""", "coordinates: is missing")]
    [InlineData("""{"type":"Polygon","coordinates":null}""", "coordinates: must be an array, is null")]
    [InlineData("""{"type":"Polygon","coordinates":[]}""", "coordinates: has no outline")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[]}""", "coordinates: has no polygon")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}""", "coordinates[0]: must have at least 4 positions, the last like the first, has 3")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}""", "coordinates[0]: is not closed: begins at [0, 0] and ends at [0, 1]")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1],[1,1],[0,0]]]}""", "coordinates[0][1]: must be [longitude, latitude], has 1 items")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,"0"],[1,1],[0,0]]]}""", "coordinates[0][1][1]: must be a number of degrees, is a string")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,1e999],[1,1],[0,0]]]}""", "coordinates[0][1][1]: must be a number of degrees, is a number")]
    [InlineData("""{"type":"Polygon","coordinates":[[[30.2,-97.7],[30.3,-97.7],[30.3,-97.6],[30.2,-97.7]]]}""", "coordinates[0][0][1]: latitude must be -90 to 90, is -97.7; longitude comes first, are they swapped?")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,200],[1,1],[0,0]]]}""", "coordinates[0][1][1]: latitude must be -90 to 90, is 200")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[600,0],[1,1],[0,0]]]}""", "coordinates[0][1][0]: longitude must be -180 to 180, or to 540 where a shape counts on over the antimeridian, is 600")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}""", "coordinates: the outline crosses itself, at longitude 1, latitude 1")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[2,0],[0,0]]]}""", "coordinates: the outline crosses itself, at longitude 1, latitude 0")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[20,1],[21,1],[21,2],[20,1]]]}""", "coordinates: a hole lies outside of its outline, at longitude 20, latitude 1")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,9],[0,0]]],[[[1,1],[2,1],[2,2],[1,1]]]]}""", "coordinates: a polygon lies within another one, at longitude 2, latitude 1")]
    public void A_shape_that_is_no_fence_is_refused_with_its_place(string json, string message)
    {
        using var geometry = JsonDocument.Parse(json);
        Assert.Equal(message, Assert.Throws<FenceGeometryException>(() => FenceGeoJson.ReadArea(geometry.RootElement)).Message);
    }

    [Fact]
    public void A_fence_with_too_many_points_is_refused()
    {
        using var geometry = JsonDocument.Parse("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}""");
        Assert.True(FenceGeoJson.ReadArea(geometry.RootElement, maxPoints: 5).Covers(0.5, 0.5));
        Assert.Equal("coordinates[0][4]: is beyond the 4 positions that a fence may have",
            Assert.Throws<FenceGeometryException>(() => FenceGeoJson.ReadArea(geometry.RootElement, maxPoints: 4)).Message);
    }

    [Fact]
    public void A_hole_is_outside_and_its_edge_inside()
    {
        using var geometry = JsonDocument.Parse("""{"type":"Polygon","coordinates":[[[170,0],[-170,0],[-170,9],[170,9],[170,0]],[[-178,1],[-175,1],[-175,5],[-178,5],[-178,1]]]}""");
        var fence = FenceGeoJson.ReadArea(geometry.RootElement);
        Assert.True(fence.Covers(3, 179));
        Assert.False(fence.Covers(3, -176));
        Assert.True(fence.Covers(3, -178));
        Assert.True(fence.Covers(0, 180));
        Assert.False(fence.Covers(3, 0));
    }
}
