using System.Text.Json.Nodes;
using FleetTracker.Exports.Tests;
using FleetTracker.Hosting.Tests;

namespace FleetTracker.Outcomes.Tests;

[Collection("api")]
public sealed class OutcomeExportTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    private async Task<(string[] Ids, HttpClient Client)> WithAsync(Func<TestTenant, string[], IEnumerable<Outcome>> outcomes)
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(2);
        await tenant.CommitAsync([.. outcomes(tenant, ids)]);
        return (ids, await tenant.ClientAsync());
    }

    [Theory]
    [InlineData("events", "id,vehicleId,kind,subject,at,recordedAt,revision,state,evidence")]
    [InlineData("trips", "id,vehicleId,state,revision,startedAt,endedAt,startLat,startLon,endLat,endLon,distance,duration,maxSpeed,averageSpeed,idleTime")]
    [InlineData("stops", "id,vehicleId,state,revision,startedAt,endedAt,lat,lon,duration,idleTime")]
    [InlineData("visits", "id,vehicleId,geofenceId,state,revision,startedAt,endedAt,duration")]
    public async Task A_table_has_as_many_cells_as_names(string list, string header)
    {
        var (ids, client) = await WithAsync((tenant, ids) => Enum.GetValues<OutcomeType>().Select(type => tenant.Outcome(ids[0], type, Noon, subject: "=1+1")));
        using var using_ = client;
        foreach (var path in new[] { $"/api/v1/{list}/export", $"/api/v1/vehicles/{ids[0]}/{list}/export?format=csv" })
        {
            using var answer = await client.GetAsync(path);
            var rows = CsvTable.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal(header, string.Join(',', rows[0]));
            Assert.Equal(rows[0].Count, Assert.Single(rows.Skip(1)).Count);
            Assert.EndsWith($"{list}.csv", answer.Content.Headers.ContentDisposition!.FileName, StringComparison.Ordinal);
        }

        Assert.Single(CsvTable.Parse(await client.GetStringAsync($"/api/v1/vehicles/{ids[1]}/{list}/export")));
    }

    [Fact]
    public async Task A_table_of_trips_says_what_the_list_says_and_no_text_is_a_formula()
    {
        var (ids, client) = await WithAsync((tenant, ids) =>
        [
            tenant.Outcome(ids[0], OutcomeType.Trip, Noon, endedAt: Noon.AddMinutes(5), evidence: """{"start":{"lat":-1,"lon":-2},"distance":-0.5,"duration":300}"""),
            tenant.Outcome(ids[0], OutcomeType.Event, Noon, "note", "=HYPERLINK(\"x\")", evidence: """{"a":"b"}"""),
        ]);
        using var using_ = client;
        var trip = CsvTable.Parse(await client.GetStringAsync("/api/v1/trips/export"))[1];
        Assert.Equal([ids[0], "closed", "1", "2026-03-01T12:00:00Z", "2026-03-01T12:05:00Z", "-1", "-2", "", "", "-0.5", "300", "", "", ""], trip[1..]);
        var happened = CsvTable.Parse(await client.GetStringAsync("/api/v1/events/export"))[1];
        Assert.Equal(["note", "'=HYPERLINK(\"x\")", "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z", "1", "closed", """{"a":"b"}"""], happened[2..]);
    }

    [Fact]
    public async Task GeoJson_shows_where_it_happened()
    {
        var (_, client) = await WithAsync((tenant, ids) =>
        [
            tenant.Outcome(ids[0], OutcomeType.Trip, Noon, evidence: """{"start":{"lat":1,"lon":2},"end":{"lat":3,"lon":4}}"""),
            tenant.Outcome(ids[0], OutcomeType.Trip, Noon.AddHours(1), evidence: """{"start":{"lat":1,"lon":2}}"""),
            tenant.Outcome(ids[0], OutcomeType.Stop, Noon, evidence: """{"lat":5,"lon":6}"""),
            tenant.Outcome(ids[0], OutcomeType.Event, Noon),
            tenant.Outcome(ids[0], OutcomeType.Event, Noon.AddHours(1), evidence: """{"position":{"lat":7,"lon":8}}"""),
            tenant.Outcome(ids[0], OutcomeType.Visit, Noon, subject: "g", evidence: """{"enter":{"lat":1,"lon":2},"exit":{"lat":3,"lon":4}}"""),
        ]);
        using var using_ = client;
        async Task<JsonNode[]> FeaturesAsync(string list) =>
            [.. JsonNode.Parse(await client.GetStringAsync($"/api/v1/{list}/export?format=geojson"))!["features"]!.AsArray().Select(feature => feature!)];
        const string both = """{"type":"MultiPoint","coordinates":[[2,1],[4,3]]}""";
        Assert.Equal([both, """{"type":"Point","coordinates":[2,1]}"""], (await FeaturesAsync("trips")).Select(f => f["geometry"]!.ToJsonString()));
        Assert.Equal(["""{"type":"Point","coordinates":[6,5]}"""], (await FeaturesAsync("stops")).Select(f => f["geometry"]!.ToJsonString()));
        Assert.Equal([null, """{"type":"Point","coordinates":[8,7]}"""], (await FeaturesAsync("events")).Select(f => f["geometry"]?.ToJsonString()));
        var visit = Assert.Single(await FeaturesAsync("visits"));
        Assert.Equal((both, "g"), (visit["geometry"]!.ToJsonString(), visit["properties"]!["geofenceId"]!.GetValue<string>()));
        Assert.Equal("2026-03-01T12:00:00Z", visit["properties"]!["startedAt"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_long_list_comes_whole_in_the_order_asked_for()
    {
        var (_, client) = await WithAsync((tenant, ids) => Enumerable.Range(0, 6_000).Select(i => tenant.Outcome(ids[i % 2], OutcomeType.Event, Noon.AddSeconds(i / 3), $"k{i}", digest: i)));
        using var using_ = client;
        var kinds = CsvTable.Parse(await client.GetStringAsync("/api/v1/events/export")).Skip(1).Select(row => row[2]).ToList();
        Assert.Equal(Enumerable.Range(0, 6_000).Select(i => $"k{i}"), kinds);
        Assert.Equal(Enumerable.Reverse(kinds), CsvTable.Parse(await client.GetStringAsync("/api/v1/events/export?order=desc")).Skip(1).Select(row => row[2]));
    }

    [Fact]
    public async Task What_is_wrong_is_a_problem_and_not_a_file()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync();
        await client.GetAsync("/api/v1/vehicles/nobody/trips/export").ProblemAsync(404, "/problems/vehicle-not-found");
        var problem = await client.GetAsync("/api/v1/trips/export?format=gpx&order=x").ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(["format", "order"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
    }
}
