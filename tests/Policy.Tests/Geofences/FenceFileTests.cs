using System.Text;

namespace FleetTracker.Geofences;

/// <summary>Fences come from files and go back into them unchanged; what cannot be one says where and why, and the others are read none the less.</summary>
public sealed class FenceFileTests
{
    private const string Collection = """
        {"type":"FeatureCollection","features":[
          {"type":"Feature","id":7,"properties":null,"geometry":{"type":"Polygon","bbox":[0,0,1,1],"coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},
          {"type":"Feature","properties":{"name":"Yard","radiusMeters":150.5,"color":"#f00","floors":[1,2]},"geometry":{"type":"Point","coordinates":[25,60]}},
          {"type":"Feature","properties":{"name":"Road","radiusMeters":30},"geometry":{"type":"LineString","coordinates":[[25,60],[190,61,5]]}},
          {"type":"Feature","properties":{"name":"No"},"geometry":{"type":"Point","coordinates":[25,60]}},
          {"type":"Feature","properties":{"name":"No","radiusMeters":"5"},"geometry":{"type":"Point","coordinates":[25,60]}},
          {"type":"Feature","properties":{"name":"No"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,95],[0,0]]]}},
          {"type":"Feature","properties":{"name":"No"},"geometry":{"type":"GeometryCollection","geometries":[]}},
          {"type":"Feature","properties":{"name":"No"},"geometry":null},
          5,
          {"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[10,0],[11,0],[11,1],[10,0]]]]}}
        ]}
        """;

    private const string Kml = """
        <?xml version="1.0" encoding="UTF-8"?>
        <kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>All</name><Folder>
          <Placemark><name>Hole &amp; rim</name><description>d</description><Polygon>
            <outerBoundaryIs><LinearRing><coordinates> 0,0,0 9,0,0
              9,9,0 0,9,0 0,0,0 </coordinates></LinearRing></outerBoundaryIs>
            <innerBoundaryIs><LinearRing><coordinates>3,3 6,3 6,6 3,6 3,3</coordinates></LinearRing></innerBoundaryIs>
          </Polygon></Placemark>
          <Placemark><MultiGeometry>
            <Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon>
            <Polygon><outerBoundaryIs><LinearRing><coordinates>10,0 11,0 11,1 10,0</coordinates></LinearRing></outerBoundaryIs></Polygon>
          </MultiGeometry></Placemark>
          <Placemark><name>Yard</name><ExtendedData><Data name="radiusMeters"><value>150.5</value></Data><Data name="color"><value>red</value></Data></ExtendedData><Point><coordinates>25,60,3</coordinates></Point></Placemark>
          <Placemark><name>Road</name><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="radiusMeters">30</SimpleData></SchemaData></ExtendedData><LineString><coordinates>25,60 26,61</coordinates></LineString></Placemark>
          <Placemark><name>No</name><Point><coordinates>25,60</coordinates></Point></Placemark>
          <Placemark><name>No</name><LineString><coordinates>25,60 26,60</coordinates></LineString></Placemark>
          <Placemark><name>No</name><ExtendedData><Data name="radiusMeters"><value>wide</value></Data></ExtendedData><Point><coordinates>25,60</coordinates></Point></Placemark>
          <Placemark><name>No</name><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
          <Placemark><name>No</name><Polygon><outerBoundaryIs><LinearRing><coordinates>0, 0 1,0 1,1 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
          <Placemark><name>No</name><Polygon/></Placemark>
          <Placemark><name>No</name></Placemark>
          <Placemark><name>No</name><Model/></Placemark>
          <Placemark><name>No</name><MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>1,2</coordinates></Point></MultiGeometry></Placemark>
        </Folder></Document></kml>
        """;

    [Fact]
    public void Features_are_read_each_for_itself()
    {
        var read = FenceFeatures.Read(Bytes(Collection));
        Assert.Equal(
            [
                """7 Area  {"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]} """,
                """Yard Circle 150.5 {"type":"Point","coordinates":[25,60]} color="#f00" floors=[1,2]""",
                """Road Corridor 30 {"type":"LineString","coordinates":[[25,60],[190,61,5]]} """,
                """Fence 10 Area  {"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[10,0],[11,0],[11,1],[10,0]]]]} """,
            ],
            read.Fences.Select(Words));
        Assert.Equal(
            [
                "features[3].properties.radiusMeters: is missing; a Point is a circle, which needs its radius",
                "features[4].properties.radiusMeters: must be a number, is a string",
                "features[5].geometry.coordinates[0][2][1]: latitude must be -90 to 90, is 95; longitude comes first, are they swapped?",
                "features[6].geometry.type: must be Polygon or MultiPolygon, is 'GeometryCollection'",
                "features[7].geometry: must be an object, is null",
                "features[8].feature: must be an object, is a number",
            ],
            read.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("", "line 1, byte 1: is not JSON")]
    [InlineData("[]", "file: must be an object, is an array")]
    [InlineData("{}", "type: must be FeatureCollection or Feature, is missing")]
    [InlineData("""{"type":"Topology"}""", "type: must be FeatureCollection or Feature, is 'Topology'")]
    [InlineData("""{"type":"FeatureCollection"}""", "features: is missing")]
    [InlineData("""{"type":"FeatureCollection","features":{}}""", "features: must be an array, is an object")]
    [InlineData("{\n\"type\":?}", "line 2, byte 8: is not JSON")]
    public void A_file_that_is_no_list_of_features_is_refused_as_a_whole(string json, string problem)
    {
        var read = FenceFeatures.Read(Bytes(json));
        Assert.Empty(read.Fences);
        Assert.Equal(problem, Assert.Single(read.Problems).ToString());
    }

    [Fact]
    public void Placemarks_are_read_each_for_itself()
    {
        var read = FenceKml.Read(Bytes(Kml));
        Assert.Equal(
            [
                """Hole & rim Area  {"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[3,3],[6,3],[6,6],[3,6],[3,3]]]} description="d" """.TrimEnd(),
                """Fence 2 Area  {"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[10,0],[11,0],[11,1],[10,0]]]]} """,
                """Yard Circle 150.5 {"type":"Point","coordinates":[25,60]} color="red" """.TrimEnd(),
                """Road Corridor 30 {"type":"LineString","coordinates":[[25,60],[26,61]]} """,
            ],
            read.Fences.Select(Words));
        Assert.Equal(
            [
                "line 14, Placemark 'No', radiusMeters: is missing; a Point is a circle, which needs its radius",
                "line 15, Placemark 'No', radiusMeters: is missing; a LineString is a corridor, which needs half of its width",
                "line 16, Placemark 'No', radiusMeters: must be a number, is 'wide'",
                "line 17, Placemark 'No', coordinates[0]: must have at least 4 positions, the last like the first, has 3",
                "line 18, Placemark 'No', Polygon.outerBoundaryIs.coordinates[0]: must be longitude,latitude or longitude,latitude,altitude without spaces, is '0,'",
                "line 19, Placemark 'No', Polygon.outerBoundaryIs: is missing",
                "line 20, Placemark 'No', geometry: is missing; must be a Polygon, a MultiGeometry of Polygons, a Point or a LineString",
                "line 21, Placemark 'No', geometry: must be a Polygon, a MultiGeometry of Polygons, a Point or a LineString, is a Model",
                "line 22, Placemark 'No', MultiGeometry: must have Polygons alone, has a Point",
            ],
            read.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("", "file: is not XML")]
    [InlineData("<gpx/>", "file: must be kml, is gpx")]
    [InlineData("<kml><Placemark>", "line 1, column 17: is not XML")]
    [InlineData("""<!DOCTYPE kml [<!ENTITY e SYSTEM "file:///etc/passwd">]><kml><Placemark><name>&e;</name></Placemark></kml>""", "file: has a document type, which is refused")]
    public void A_file_that_is_no_kml_is_refused_as_a_whole(string xml, string problem) =>
        Assert.Equal(problem, FenceKml.Read(Bytes(xml)).Problems[^1].ToString());

    [Fact]
    public void What_is_written_is_read_again()
    {
        var fences = FenceFeatures.Read(Bytes(Collection)).Fences;
        var written = new MemoryStream();
        FenceFeatures.Write(written, fences);
        written.Position = 0;
        Assert.Equal(fences.Select(Words), FenceFeatures.Read(written).Fences.Select(Words));

        fences = FenceKml.Read(Bytes(Kml)).Fences;
        fences = fences.Add(fences[0] with { Name = "\u0001odd \ud83d\ude9a <&>", Properties = fences[0].Properties });
        written = new MemoryStream();
        FenceKml.Write(written, fences);
        written.Position = 0;
        var again = FenceKml.Read(written);
        Assert.Empty(again.Problems);
        Assert.Equal(fences.Select(Words).Select(words => words.Replace("\u0001", "", StringComparison.Ordinal)), again.Fences.Select(Words));
    }

    [Fact]
    public void Longitudes_beyond_180_are_turned_for_kml()
    {
        var written = new MemoryStream();
        FenceKml.Write(written, [DrawnFence.Of(Drawn.Corridor(50, (0, 179), (1, 190)).Definition)]);
        Assert.Contains("<coordinates>179,0 -170,1</coordinates>", Encoding.UTF8.GetString(written.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_bounded()
    {
        var limits = new FenceFileLimits { MaxBytes = 50 };
        Assert.Equal("file: is larger than 50 bytes", FenceFeatures.Read(Bytes(Collection), limits).Problems.Single().ToString());
        Assert.Equal("file: is larger than 50 bytes", FenceKml.Read(Bytes(Kml), limits).Problems.Single().ToString());

        limits = new FenceFileLimits { MaxFences = 2 };
        Assert.Equal("features[2]: is beyond the 2 fences that a file may have", FenceFeatures.Read(Bytes(Collection), limits).Problems.Single().ToString());
        Assert.Equal("line 12, Placemark 'Yard': is beyond the 2 fences that a file may have", FenceKml.Read(Bytes(Kml), limits).Problems.Single().ToString());

        limits = new FenceFileLimits { MaxPoints = 3 };
        Assert.Contains("features[0].geometry.coordinates[0][3]: is beyond the 3 positions that a fence may have", FenceFeatures.Read(Bytes(Collection), limits).Problems.Select(problem => problem.ToString()));
        Assert.Contains("line 3, Placemark 'Hole & rim', Polygon.outerBoundaryIs.coordinates[3]: is beyond the 3 positions that a fence may have", FenceKml.Read(Bytes(Kml), limits).Problems.Select(problem => problem.ToString()));
    }

    private static string Words(DrawnFence fence) =>
        $"{fence.Name} {fence.ShapeKind} {fence.RadiusMeters} {fence.Geometry} {string.Join(' ', fence.Properties.Select(one => $"{one.Key}={one.Value.GetRawText()}"))}";

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
