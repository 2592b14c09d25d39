using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;

namespace FleetTracker.Outcomes.Tests;

[Collection("api")]
public sealed class OutcomeListTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    private static IEnumerable<string> Texts(JsonNode page, string field) => page["items"]!.AsArray().Select(item => item![field]!.GetValue<string>());

    private static async Task<List<string>> AllAsync(HttpClient client, string path, string field = "id")
    {
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetAsync(path + (cursor is null ? "" : $"&cursor={cursor}")).JsonAsync();
            all.AddRange(Texts(page, field));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        return all;
    }

    [Fact]
    public async Task A_trip_shows_what_its_evidence_says()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        var trip = tenant.Outcome(id, OutcomeType.Trip, Noon, endedAt: Noon.AddMinutes(10), evidence: """
            {"start":{"lat":60.1,"lon":24.1},"end":{"lat":60.2,"lon":24.2},"distance":9000.5,"duration":600,"maxSpeed":25,"averageSpeed":15.0,"idleTime":30,"endReason":"stop","fixes":61,"thresholds":{"dwell":180}}
            """);
        await tenant.CommitAsync(trip);
        using var client = await tenant.ClientAsync();
        var item = (await client.GetAsync($"/api/v1/vehicles/{id}/trips").JsonAsync())["items"]![0]!.AsObject();
        Assert.Equal(
            ["averageSpeed", "distance", "duration", "end", "endedAt", "evidence", "id", "idleTime", "maxSpeed", "revision", "start", "startedAt", "state", "vehicleId"],
            item.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal(
            (trip.Id.ToString(), "2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z", "closed", 1),
            (item["id"]!.GetValue<string>(), item["startedAt"]!.GetValue<string>(), item["endedAt"]!.GetValue<string>(), item["state"]!.GetValue<string>(), item["revision"]!.GetValue<int>()));
        Assert.Equal("""{"lat":60.1,"lon":24.1}""", item["start"]!.ToJsonString());
        Assert.Equal(
            (9000.5, 600.0, 25.0, 15.0, 30.0),
            (item["distance"]!.GetValue<double>(), item["duration"]!.GetValue<double>(), item["maxSpeed"]!.GetValue<double>(), item["averageSpeed"]!.GetValue<double>(), item["idleTime"]!.GetValue<double>()));
        Assert.Equal(180, item["evidence"]!["thresholds"]!["dwell"]!.GetValue<int>());
    }

    [Fact]
    public async Task Events_stops_and_visits_have_their_own_shape()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync(
            tenant.Outcome(id, OutcomeType.Event, Noon, "overspeed", "g1", evidence: """{"limit":13.9,"note":"Überfall <b>"}"""),
            tenant.Outcome(id, OutcomeType.Stop, Noon, evidence: """{"lat":1.5,"lon":-2.5,"duration":60,"idleTime":7}""", state: OutcomeState.Open),
            tenant.Outcome(id, OutcomeType.Visit, Noon, subject: "depot", endedAt: Noon.AddHours(1), evidence: """{"enter":{"lat":1,"lon":2},"duration":3600}"""));
        using var client = await tenant.ClientAsync();
        var happened = (await client.GetAsync($"/api/v1/vehicles/{id}/events").JsonAsync())["items"]![0]!.AsObject();
        Assert.Equal(["at", "evidence", "id", "kind", "recordedAt", "revision", "state", "subject", "vehicleId"], happened.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("overspeed", "g1", "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z", 13.9, "Überfall <b>"), (
            happened["kind"]!.GetValue<string>(), happened["subject"]!.GetValue<string>(), happened["at"]!.GetValue<string>(), happened["recordedAt"]!.GetValue<string>(),
            happened["evidence"]!["limit"]!.GetValue<double>(), happened["evidence"]!["note"]!.GetValue<string>()));
        var stop = (await client.GetAsync($"/api/v1/vehicles/{id}/stops").JsonAsync())["items"]![0]!.AsObject();
        Assert.Equal(["duration", "endedAt", "evidence", "id", "idleTime", "lat", "lon", "revision", "startedAt", "state", "vehicleId"], stop.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal((1.5, -2.5, 60.0, 7.0, "open", true), (
            stop["lat"]!.GetValue<double>(), stop["lon"]!.GetValue<double>(), stop["duration"]!.GetValue<double>(), stop["idleTime"]!.GetValue<double>(),
            stop["state"]!.GetValue<string>(), stop["endedAt"] is null));
        var visit = (await client.GetAsync($"/api/v1/vehicles/{id}/visits").JsonAsync())["items"]![0]!.AsObject();
        Assert.Equal(["duration", "endedAt", "evidence", "geofenceId", "id", "revision", "startedAt", "state", "vehicleId"], visit.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("depot", 3600.0), (visit["geofenceId"]!.GetValue<string>(), visit["duration"]!.GetValue<double>()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("not json at all")]
    [InlineData("""{"start":null,"end":5,"distance":"far","duration":null,"maxSpeed":[],"averageSpeed":{},"idleTime":true}""")]
    [InlineData("""{"start":{"lat":1},"end":{"lon":2},"distance":1e999}""")]
    public void What_evidence_does_not_say_is_null(string evidence)
    {
        var tenant = new TestTenant(api, "t");
        var trip = TripView.Of(tenant.Outcome("v", OutcomeType.Trip, Noon, evidence: evidence));
        Assert.Equal((null, null, null, null, null, null, null), (trip.Start, trip.End, trip.Distance, trip.Duration, trip.MaxSpeed, trip.AverageSpeed, trip.IdleTime));
        Assert.Equal(evidence.StartsWith('{'), trip.Evidence is not null);
    }

    [Fact]
    public async Task Lists_are_paged_in_both_orders_through_equal_times()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(3);
        var events = Enumerable.Range(0, 23).Select(i => tenant.Outcome(ids[i % 3], OutcomeType.Event, Noon.AddSeconds(i / 4), "k", digest: i / 2)).ToArray();
        await tenant.CommitAsync(events);
        using var client = await tenant.ClientAsync();
        var expected = events.OrderBy(e => e.At).ThenBy(e => e.Id.ToString("N"), StringComparer.Ordinal).Select(e => e.Id.ToString()).ToList();
        foreach (var limit in new[] { 1, 4, 23, 100 })
        {
            Assert.Equal(expected, await AllAsync(client, $"/api/v1/events?limit={limit}"));
            Assert.Equal(Enumerable.Reverse(expected), await AllAsync(client, $"/api/v1/events?order=desc&limit={limit}"));
        }

        var ofOne = events.Where(e => e.VehicleId == ids[1]).Select(e => e.Id.ToString()).ToHashSet();
        Assert.Equal(expected.Where(ofOne.Contains), await AllAsync(client, $"/api/v1/vehicles/{ids[1]}/events?limit=2"));
        Assert.Equal(expected.Where(ofOne.Contains), await AllAsync(client, $"/api/v1/events?vehicleId={ids[1]}&limit=3"));
        Assert.Null((await client.GetAsync("/api/v1/events?limit=23").JsonAsync())["next"]);
    }

    [Fact]
    public async Task The_longest_subject_that_is_stored_can_be_asked_for()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        var alarm = new string('x', Outcome.MaxSubjectLength);
        await tenant.CommitAsync(tenant.Outcome(id, OutcomeType.Event, Noon, "alarm", alarm), tenant.Outcome(id, OutcomeType.Event, Noon.AddMinutes(1), "alarm", "other"));
        using var client = await tenant.ClientAsync();
        Assert.Equal(alarm, Assert.Single((await client.GetAsync($"/api/v1/events?subject={alarm}").JsonAsync())["items"]!.AsArray())!["subject"]!.GetValue<string>());
        await client.GetAsync($"/api/v1/events?subject={alarm}x").ProblemAsync(422, "/problems/invalid-parameters");
    }

    [Fact]
    public async Task Kind_subject_time_and_state_narrow_a_list()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync(
            tenant.Outcome(id, OutcomeType.Event, Noon, "geofence.enter", "a"),
            tenant.Outcome(id, OutcomeType.Event, Noon.AddMinutes(1), "geofence.exit", "a"),
            tenant.Outcome(id, OutcomeType.Event, Noon.AddMinutes(2), "geofence.enter", "b"),
            tenant.Outcome(id, OutcomeType.Event, Noon.AddMinutes(3), "overspeed", state: OutcomeState.Open),
            tenant.Outcome(id, OutcomeType.Event, Noon.AddMinutes(4), "power.cut", state: OutcomeState.Withdrawn),
            tenant.Outcome(id, OutcomeType.Visit, Noon, subject: "a", endedAt: Noon.AddMinutes(1)),
            tenant.Outcome(id, OutcomeType.Visit, Noon.AddMinutes(2), subject: "b", state: OutcomeState.Open));
        using var client = await tenant.ClientAsync();
        async Task<string> KindsAsync(string query) => string.Join(' ', Texts(await client.GetAsync($"/api/v1/events?{query}").JsonAsync(), "kind"));
        Assert.Equal("geofence.enter geofence.exit geofence.enter overspeed", await KindsAsync(""));
        Assert.Equal("geofence.enter geofence.enter overspeed", await KindsAsync("kind=geofence.enter&kind=overspeed"));
        Assert.Equal("geofence.enter geofence.exit", await KindsAsync("subject=a"));
        Assert.Equal("geofence.exit geofence.enter", await KindsAsync("from=2026-03-01T12:01:00Z&to=2026-03-01T12:03:00Z"));
        Assert.Equal("overspeed", await KindsAsync("open=true"));
        Assert.Equal("geofence.enter geofence.exit geofence.enter overspeed power.cut", await KindsAsync("withdrawn=true&open=false"));
        Assert.Equal(["b"], Texts(await client.GetAsync("/api/v1/visits?geofence=b").JsonAsync(), "geofenceId"));
        Assert.Equal(["b"], Texts(await client.GetAsync($"/api/v1/vehicles/{id}/visits?open=true").JsonAsync(), "geofenceId"));
        Assert.Equal(["a"], Texts(await client.GetAsync($"/api/v1/visits?vehicleId={id}&to=2026-03-01T12:02:00Z").JsonAsync(), "geofenceId"));
    }

    [Fact]
    public async Task Another_tenants_outcomes_do_not_exist()
    {
        var mine = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var theirs = (await other.AddVehiclesAsync(1))[0];
        await other.CommitAsync([.. Enum.GetValues<OutcomeType>().Select(type => other.Outcome(theirs, type, Noon, subject: "g"))]);
        using var client = await mine.ClientAsync();
        foreach (var list in new[] { "events", "trips", "stops", "visits" })
        {
            Assert.Empty(Texts(await client.GetAsync($"/api/v1/{list}?vehicleId={theirs}").JsonAsync(), "id"));
            Assert.Empty(Texts(await client.GetAsync($"/api/v1/{list}").JsonAsync(), "id"));
            await client.GetAsync($"/api/v1/vehicles/{theirs}/{list}").ProblemAsync(404, "/problems/vehicle-not-found");
        }

        using var nobody = api.Host.Client();
        await nobody.GetAsync("/api/v1/events").ProblemAsync(401, "/problems/unauthenticated");
    }

    [Theory]
    [InlineData("events", "from=x&to=y&limit=0&cursor=zzz&open=maybe&withdrawn=1&order=up&kind=&subject=", "cursor from kind limit open order subject to withdrawn")]
    [InlineData("trips", "vehicleId=", "vehicleId")]
    [InlineData("visits", "geofence=", "geofence")]
    [InlineData("stops", "from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "from")]
    public async Task Everything_wrong_with_a_request_is_reported_at_once(string list, string query, string wrong)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync();
        var problem = await client.GetAsync($"/api/v1/{list}?{query}").ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(wrong, string.Join(' ', problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_cursor_of_the_other_order_and_too_many_vehicles_are_refused()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync([.. Enumerable.Range(0, 3).Select(i => tenant.Outcome(id, OutcomeType.Event, Noon.AddSeconds(i)))]);
        using var client = await tenant.ClientAsync();
        var cursor = (await client.GetAsync("/api/v1/events?limit=1").JsonAsync())["next"]!.GetValue<string>();
        await client.GetAsync($"/api/v1/events?order=desc&cursor={cursor}").ProblemAsync(422, "/problems/invalid-parameters");
        await client.GetAsync("/api/v1/events?" + string.Join('&', Enumerable.Range(0, 101).Select(i => $"vehicleId=v{i}"))).ProblemAsync(422, "/problems/invalid-parameters");
    }
}
