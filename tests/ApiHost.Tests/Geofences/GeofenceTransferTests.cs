using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Geofences.Tests;

[Collection("api")]
public sealed class GeofenceTransferTests(ApiFixture api)
{
    private const string Path = "/api/v1/geofences";

    private static string Feature(string name, string geometry, string more = "") =>
        $$$"""{"type":"Feature","geometry":{{{geometry}}},"properties":{"name":"{{{name}}}"{{{more}}},"stroke":"#f00"}}""";

    private static string Collection(params string[] features) => $$"""{"type":"FeatureCollection","name":"from elsewhere","features":[{{string.Join(',', features)}}]}""";

    private static string Square(double west) => FormattableString.Invariant(
        $$"""{"type":"Polygon","coordinates":[[[{{west}},0],[{{west + 1}},0],[{{west + 1}},1],[{{west}},1],[{{west}},0]]]}""");

    [Fact]
    public async Task What_is_exported_can_be_imported_elsewhere()
    {
        var (from, to) = (await api.NewTenantAsync(), await api.NewTenantAsync());
        using var source = await from.ClientAsync(Roles.Dispatcher);
        using var target = await to.ClientAsync(Roles.Dispatcher);
        var imported = await source.SendJsonAsync(
            HttpMethod.Post, $"{Path}/import",
            "\uFEFF" + Collection(
                Feature("Area", Square(5), ""","rules":{"minDwell":30,"groups":["Vans"]}"""),
                Feature("Circle", """{"type":"Point","coordinates":[1,2]}""", ""","radiusMeters":50"""),
                Feature("Corridor", """{"type":"LineString","coordinates":[[1,2],[2,3]]}""", ""","radiusMeters":10""")),
            type: "application/geo+json").JsonAsync(201);
        Assert.Equal((3, 3), (imported["created"]!.GetValue<int>(), imported["ids"]!.AsArray().Count));

        using var exported = await source.GetAsync($"{Path}/export?format=geojson");
        Assert.Equal("application/geo+json", exported.Content.Headers.ContentType!.MediaType);
        var text = await exported.Content.ReadAsStringAsync();
        await target.PostTextAsync($"{Path}/import", text).JsonAsync(201);

        static string[] Comparable(JsonNode page) => [.. page["items"]!.AsArray().Select(item => $"{item!["name"]} {item["shape"]!.ToJsonString()} {item["rules"]!.ToJsonString()}")];
        var there = Comparable(await target.GetAsync(Path).JsonAsync());
        Assert.Equal(Comparable(await source.GetAsync(Path).JsonAsync()), there);
        Assert.Equal(["area", "circle", "corridor"], JsonNode.Parse(text)!["features"]!.AsArray().Select(feature => feature!["properties"]!["shape"]!.GetValue<string>()));
    }

    [Fact]
    public async Task One_wrong_feature_keeps_all_out_and_every_one_is_told()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        var errors = await client.PostTextAsync($"{Path}/import", Collection(
            Feature("Good", Square(5)),
            Feature("Open", """{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}"""),
            Feature("No radius", """{"type":"Point","coordinates":[1,2]}"""),
            Feature("Bad rules", Square(5), ""","rules":{"minDwell":-1}"""),
            """{"type":"Feature","geometry":null,"properties":{"name":7}}""",
            """{"type":"Polygon","coordinates":[]}""")).ErrorsAsync();
        Assert.Equal(
            [
                "features[1].geometry.coordinates[0] is not closed: begins at [0, 0] and ends at [0, 1]",
                "features[2].properties.radiusMeters is missing",
                "features[3].properties.rules.minDwell must be 0 to 604800 s, was -1",
                "features[4].geometry is missing",
                "features[4].properties.name must be text, was 7",
                "features[5].geometry is missing",
                "features[5].properties is missing",
                "features[5].type must be Feature, was \"Polygon\"",
            ],
            errors);
        Assert.Empty((await client.GetAsync(Path).JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Features_may_have_null_for_properties_and_numbers_for_ids()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        await client.PostTextAsync($"{Path}/import", Collection(
            $$"""{"type":"Feature","id":7,"properties":null,"geometry":{{Square(5)}}}""", $$"""{"type":"Feature","properties":null,"geometry":{{Square(7)}}}""")).JsonAsync(201);
        var names = (await client.GetAsync(Path).JsonAsync())["items"]!.AsArray().Select(fence => fence!["name"]!.GetValue<string>());
        Assert.Equal(["7", "Fence 2"], names);
        Assert.Equal(["features[0].properties is missing"], await client.PostTextAsync($"{Path}/import", Collection($$"""{"type":"Feature","geometry":{{Square(5)}}}""")).ErrorsAsync());
    }

    [Theory]
    [InlineData("{}", "features is missing", "type is missing")]
    [InlineData("""{"type":"Feature","features":{}}""", "features must be an array, was {}", "type must be FeatureCollection, was \"Feature\"")]
    [InlineData("3", "body must be an object, was 3")]
    public async Task What_is_no_collection_of_features_is_refused(string body, params string[] expected)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        Assert.Equal(expected, await client.PostTextAsync($"{Path}/import", body).ErrorsAsync());
    }

    [Fact]
    public async Task The_name_is_the_chosen_property_or_name_or_id_or_a_number()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        var named = Feature("ignored", Square(5)).Replace("\"stroke\":\"#f00\"", "\"NIMI\":\"Varikko\"", StringComparison.Ordinal);
        var unnamed = Feature("x", Square(5)).Replace("\"name\":\"x\",", "", StringComparison.Ordinal);
        await client.PostTextAsync($"{Path}/import?name=NIMI", Collection(named)).ExpectAsync(201);
        await client.PostTextAsync($"{Path}/import", Collection(unnamed.Replace("{\"type\":\"Feature\"", "{\"id\":12,\"type\":\"Feature\"", StringComparison.Ordinal), unnamed)).ExpectAsync(201);
        Assert.Equal(["12", "Fence 2", "Varikko"], (await client.GetAsync(Path).JsonAsync())["items"]!.AsArray().Select(item => item!["name"]!.GetValue<string>()));
        Assert.Equal(["features[0].properties.NIMI is missing"], await client.PostTextAsync($"{Path}/import?name=NIMI", Collection(unnamed)).ErrorsAsync());
    }

    [Fact]
    public async Task Placemarks_of_KML_are_fences()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        const string Type = "application/vnd.google-earth.kml+xml";
        static string Kml(string ring) =>
            $"""<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Depot</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>""";
        await client.SendJsonAsync(HttpMethod.Post, $"{Path}/import", Kml("0,0 1,0 1,1 0,1 0,0"), type: Type).ExpectAsync(201);
        Assert.Equal("Depot", (await client.GetAsync(Path).JsonAsync())["items"]![0]!["name"]!.GetValue<string>());
        Assert.Contains("is not closed", Assert.Single(await client.SendJsonAsync(HttpMethod.Post, $"{Path}/import", Kml("0,0 1,0 1,1 0,1"), type: Type).ErrorsAsync()), StringComparison.Ordinal);
        await client.SendJsonAsync(HttpMethod.Post, $"{Path}/import", "a,b", type: "text/csv").ProblemAsync(415, "/problems/unsupported-media-type");
    }

    [Fact]
    public async Task An_export_of_many_is_complete_and_in_order()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        await client.PostTextAsync($"{Path}/import", Collection([.. Enumerable.Range(0, 1_203).Select(i => Feature($"f{i:00000}", Square(i % 90)))])).ExpectAsync(201);
        var exported = await client.GetAsync($"{Path}/export").JsonAsync();
        Assert.Equal(Enumerable.Range(0, 1_203).Select(i => $"f{i:00000}"), exported["features"]!.AsArray().Select(feature => feature!["properties"]!["name"]!.GetValue<string>()));
        Assert.Equal(["format must be one of geojson, was 'shp'"], await client.GetAsync($"{Path}/export?format=shp").ErrorsAsync());
    }

    [Fact]
    public async Task Too_many_fences_are_a_conflict()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        GeofenceDraft[] drafts =
        [
            .. Enumerable.Range(0, new RulesOptions().MaxFencesPerTenant).Select(i => new GeofenceDraft
            {
                Id = $"f{i}", Name = "f", ShapeKind = GeofenceShapeKind.Circle, Geometry = """{"type":"Point","coordinates":[1,2]}""", RadiusMeters = 10,
            }),
        ];
        await api.Rules.CreateGeofencesAsync(tenant.Name, drafts, "test", CancellationToken.None);
        var body = $$$"""{"name":"one more","shape":{"type":"area","geometry":{{{Square(1)}}}}}""";
        await client.PostTextAsync(Path, body).ProblemAsync(409, "/problems/too-many-geofences");
        await client.PostTextAsync($"{Path}/import", Collection(Feature("one more", Square(1)))).ProblemAsync(409, "/problems/too-many-geofences");
        await client.DeleteAsync($"{Path}/f7").ExpectAsync(204);
        await client.PostTextAsync(Path, body).ExpectAsync(201);
    }
}
