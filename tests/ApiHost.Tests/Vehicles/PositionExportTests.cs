using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using FleetTracker.Exports.Tests;
using FleetTracker.Hosting.Tests;
using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles.Tests;

[Collection("api")]
public sealed class PositionExportTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;
    private static readonly XNamespace Gpx = "http://www.topografix.com/GPX/1/1";
    private static readonly XNamespace Kml = "http://www.opengis.net/kml/2.2";
    private static readonly XNamespace Gx = "http://www.google.com/kml/ext/2.2";

    private static async Task<string> TextAsync(HttpClient client, string path, string type, string fileName)
    {
        using var answer = await client.GetAsync(path);
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(("attachment", fileName), (answer.Content.Headers.ContentDisposition!.DispositionType, answer.Content.Headers.ContentDisposition.FileName));
        return await answer.Content.ReadAsStringAsync();
    }

    private async Task<(TestTenant Tenant, string Id, HttpClient Client)> WithAsync(Func<TestTenant, string, IEnumerable<Fix>> fixes)
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync([.. fixes(tenant, id)]);
        return (tenant, id, await tenant.ClientAsync());
    }

    [Fact]
    public async Task A_table_has_a_header_and_a_row_for_each_position()
    {
        var (_, id, client) = await WithAsync((tenant, id) =>
        [
            tenant.Fix(id, Noon) with { HeadingDegrees = 90, Attributes = """{"note":"a, \"b\""}""" },
            tenant.Fix(id, Noon.AddSeconds(1.5), verdict: FixVerdict.NoPosition) with { Ignition = null, Attributes = null, OdometerMeters = null },
            tenant.Fix(id, Noon.AddSeconds(2)) with { Longitude = -24.5 },
        ]);
        using var using_ = client;
        var text = await TextAsync(client, $"/api/v1/vehicles/{id}/positions/export?verdict=all", "text/csv", $"{id}-positions.csv");
        Assert.False(text.StartsWith('\uFEFF'));
        var rows = CsvTable.Parse(text);
        Assert.Equal("vehicleId,fixedAt,receivedAt,lat,lon,altitude,speed,heading,accuracy,verdict,ignition,odometer,attributes", string.Join(',', rows[0]));
        Assert.Equal([id, "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z", "60.2", "24.9", "", "3.5", "90", "", "accepted", "true", "12.5", """{"note":"a, \"b\""}"""], rows[1]);
        Assert.Equal([id, "2026-03-01T12:00:01.5Z", "2026-03-01T12:00:02.5Z", "", "", "", "3.5", "", "", "no-position", "", "", ""], rows[2]);
        Assert.Equal("-24.5", rows[3][4]);
        Assert.Equal(3, CsvTable.Parse(await client.GetStringAsync($"/api/v1/vehicles/{id}/positions/export?format=csv")).Count);
        text = await TextAsync(
            client, $"/api/v1/vehicles/{id}/positions/export?from=2026-03-01T12:00:01Z&to=2026-03-01T12:00:02Z&verdict=all", "text/csv",
            $"{id}-positions-20260301T120001Z-20260301T120002Z.csv");
        Assert.Equal(2, CsvTable.Parse(text).Count);
    }

    [Fact]
    public async Task A_long_history_comes_whole_and_in_order()
    {
        var (_, id, client) = await WithAsync((tenant, id) => Enumerable.Range(0, 12_345).Select(i => tenant.Fix(id, Noon.AddSeconds(i / 2), digest: i)));
        using var using_ = client;
        var rows = CsvTable.Parse(await client.GetStringAsync($"/api/v1/vehicles/{id}/positions/export"));
        Assert.Equal(Enumerable.Range(0, 12_345).Select(i => Noon.AddSeconds(i / 2).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)), rows.Skip(1).Select(row => row[1]));
    }

    [Fact]
    public async Task Gpx_breaks_its_track_where_the_vehicle_was_silent_for_more_than_a_quarter_of_an_hour()
    {
        var (tenant, id, client) = await WithAsync((tenant, id) =>
        [
            tenant.Fix(id, Noon) with { AltitudeMeters = -3.5, HeadingDegrees = 12 },
            tenant.Fix(id, Noon.AddMinutes(15)) with { Latitude = 0.00001, Longitude = -0.0000001, SpeedMetersPerSecond = null },
            tenant.Fix(id, Noon.AddMinutes(29), verdict: FixVerdict.NoPosition),
            tenant.Fix(id, Noon.AddMinutes(30).AddSeconds(1)),
        ]);
        using var using_ = client;
        var gpx = XDocument.Parse(await TextAsync(client, $"/api/v1/vehicles/{id}/positions/export?format=gpx&verdict=all", "application/gpx+xml", $"{id}-positions.gpx"));
        Assert.Equal((Gpx + "gpx", "1.1"), (gpx.Root!.Name, gpx.Root.Attribute("version")!.Value));
        Assert.Equal($"{tenant.Name}  car 000", gpx.Root.Element(Gpx + "trk")!.Element(Gpx + "name")!.Value);
        var segments = gpx.Root.Element(Gpx + "trk")!.Elements(Gpx + "trkseg").Select(s => s.Elements(Gpx + "trkpt").ToList()).ToList();
        Assert.Equal([2, 1], segments.Select(s => s.Count));
        var first = segments[0][0];
        Assert.Equal(("60.2", "24.9", "-3.5", "2026-03-01T12:00:00Z"), (
            first.Attribute("lat")!.Value, first.Attribute("lon")!.Value, first.Element(Gpx + "ele")!.Value, first.Element(Gpx + "time")!.Value));
        Assert.Equal(["ele", "time", "extensions"], first.Elements().Select(e => e.Name.LocalName));
        Assert.Equal(["speed=3.5", "course=12"], first.Element(Gpx + "extensions")!.Elements().Single().Elements().Select(e => $"{e.Name.LocalName}={e.Value}"));
        Assert.Equal(("0.00001", "-0.0000001"), (segments[0][1].Attribute("lat")!.Value, segments[0][1].Attribute("lon")!.Value));
        Assert.Null(segments[0][1].Element(Gpx + "extensions"));
    }

    [Fact]
    public async Task Kml_has_times_before_places_in_tracks_that_go_on_where_they_ended()
    {
        var (_, id, client) = await WithAsync((tenant, id) =>
            Enumerable.Range(0, 2_500).Select(i => tenant.Fix(id, Noon.AddSeconds(i)) with { Latitude = i / 100d }).Append(tenant.Fix(id, Noon.AddHours(3))));
        using var using_ = client;
        var kml = XDocument.Parse(await TextAsync(client, $"/api/v1/vehicles/{id}/positions/export?format=kml", "application/vnd.google-earth.kml+xml", $"{id}-positions.kml"));
        Assert.Equal(Kml + "kml", kml.Root!.Name);
        var tracks = kml.Descendants(Gx + "Track").Select(track => (
            When: track.Elements(Kml + "when").Select(e => e.Value).ToList(), Coord: track.Elements(Gx + "coord").Select(e => e.Value).ToList(),
            Names: string.Concat(track.Elements().Select(e => e.Name.LocalName[0])))).ToList();
        Assert.Equal([1_000, 1_000, 502, 1], tracks.Select(t => t.When.Count));
        Assert.All(tracks, t => Assert.Equal(new string('w', t.When.Count) + new string('c', t.Coord.Count), t.Names));
        Assert.All(tracks, t => Assert.Equal(t.When.Count, t.Coord.Count));
        Assert.Equal((tracks[0].When[^1], tracks[0].Coord[^1]), (tracks[1].When[0], tracks[1].Coord[0]));
        Assert.Equal("24.9 0 0", tracks[0].Coord[0]);
        Assert.Equal("24.9 60.2 0", tracks[3].Coord[0]);
    }

    [Fact]
    public async Task GeoJson_has_a_feature_for_each_position()
    {
        var (_, id, client) = await WithAsync((tenant, id) =>
            [tenant.Fix(id, Noon) with { AltitudeMeters = 7 }, tenant.Fix(id, Noon.AddSeconds(1), verdict: FixVerdict.NoPosition), tenant.Fix(id, Noon.AddSeconds(2))]);
        using var using_ = client;
        var json = JsonNode.Parse(await TextAsync(client, $"/api/v1/vehicles/{id}/positions/export?format=geojson&verdict=all", "application/geo+json", $"{id}-positions.geojson"))!;
        Assert.Equal("FeatureCollection", json["type"]!.GetValue<string>());
        Assert.Equal(
            ["""{"type":"Point","coordinates":[24.9,60.2,7]}""", null, """{"type":"Point","coordinates":[24.9,60.2]}"""],
            json["features"]!.AsArray().Select(feature => feature!["geometry"]?.ToJsonString()));
        Assert.Equal(
            $$$"""{"vehicleId":"{{{id}}}","fixedAt":"2026-03-01T12:00:00Z","receivedAt":"2026-03-01T12:00:01Z","altitude":7,"speed":3.5,"heading":null,"accuracy":null,"verdict":"accepted","attributes":{"ignition":true,"odometer":12.5,"battery":87}}""",
            json["features"]![0]!["properties"]!.ToJsonString());
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("gpx")]
    [InlineData("kml")]
    [InlineData("geojson")]
    public async Task Nothing_is_a_whole_file_too(string format)
    {
        var (_, id, client) = await WithAsync((_, _) => []);
        using var using_ = client;
        var text = await client.GetStringAsync($"/api/v1/vehicles/{id}/positions/export?format={format}");
        if (format == "csv") Assert.Single(CsvTable.Parse(text));
        else if (format == "geojson") Assert.Equal("""{"type":"FeatureCollection","features":[]}""", text);
        else Assert.NotNull(XDocument.Parse(text).Root);
    }

    [Theory]
    [InlineData("/positions/export?format=csv")]
    [InlineData("/positions/export?format=gpx")]
    [InlineData("/positions/export?format=kml")]
    [InlineData("/positions/export?format=geojson")]
    [InlineData("/positions?limit=10000")]
    public async Task What_breaks_off_never_looks_whole(string path)
    {
        var (_, id, client) = await WithAsync((tenant, id) => Enumerable.Range(0, 3_000).Select(i => tenant.Fix(id, Noon.AddSeconds(i))));
        using var using_ = client;
        Outage.FailureOf = (method, args) =>
            method.Name == nameof(ITelemetryStore.ReadPositionsAsync) && ((PositionQuery)args[0]!).After is not null ? new TimeoutException("gone") : null;
        try
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync($"/api/v1/vehicles/{id}{path}"));
            Outage.FailureOf = (method, _) => method.Name == nameof(ITelemetryStore.ReadPositionsAsync) ? new TimeoutException("gone") : null;
            await client.GetAsync($"/api/v1/vehicles/{id}{path}").ProblemAsync(503, "/problems/unavailable");
        }
        finally
        {
            Outage.FailureOf = null;
        }
    }

    [Fact]
    public async Task What_is_wrong_is_a_problem_and_not_a_file()
    {
        var mine = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var theirs = (await other.AddVehiclesAsync(1))[0];
        using var client = await mine.ClientAsync();
        await client.GetAsync($"/api/v1/vehicles/{theirs}/positions/export").ProblemAsync(404, "/problems/vehicle-not-found");
        var problem = await client.GetAsync($"/api/v1/vehicles/{theirs}/positions/export?format=xlsx&from=x&to=y&verdict=z").ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(["format", "from", "to", "verdict"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
    }
}
