using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles.Tests;

[Collection("api")]
public sealed class RestTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    private static IEnumerable<string> Ids(JsonNode page, string field = "id") => page["items"]!.AsArray().Select(item => item![field]!.GetValue<string>());

    private static async Task<List<string>> AllAsync(HttpClient client, string path, string field = "id")
    {
        var all = new List<string>();
        string? cursor = null;
        do
        {
            var page = await client.GetAsync(path + (cursor is null ? "" : $"&cursor={cursor}")).JsonAsync();
            all.AddRange(Ids(page, field));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        return all;
    }

    [Fact]
    public async Task Vehicles_are_paged_searched_and_filtered_by_group()
    {
        var tenant = await api.NewTenantAsync();
        var north = await tenant.AddVehiclesAsync(5, "north");
        var south = await tenant.AddVehiclesAsync(4, "south");
        using var client = await tenant.ClientAsync();
        Assert.Equal(north.Concat(south), await AllAsync(client, "/api/v1/vehicles?limit=2"));
        Assert.Equal(south, Ids(await client.GetAsync("/api/v1/vehicles?group=south").JsonAsync()));
        Assert.Equal([north[3]], Ids(await client.GetAsync("/api/v1/vehicles?q=NORTH%20CAR%20003").JsonAsync()));
        var groups = await client.GetAsync("/api/v1/groups").JsonAsync();
        Assert.Equal("""[{"name":"north","vehicles":5},{"name":"south","vehicles":4}]""", groups["items"]!.ToJsonString());
    }

    [Fact]
    public async Task A_vehicle_shows_its_registry_and_its_live_state()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(2, "g");
        await TestLanes.Current.PublishAsync(tenant.Live(ids[0], 60.2, 24.9, MotionStatus.Idling));
        using var client = await tenant.ClientAsync();
        var seen = await client.GetAsync($"/api/v1/vehicles/{ids[0]}").JsonAsync();
        Assert.Equal(("idling", 60.2, "accepted", $"{tenant.Name}-gd000", "g"), (
            seen["status"]!.GetValue<string>(), seen["position"]!["lat"]!.GetValue<double>(), seen["position"]!["verdict"]!.GetValue<string>(),
            seen["deviceId"]!.GetValue<string>(), seen["groups"]![0]!.GetValue<string>()));
        var never = await client.GetAsync($"/api/v1/vehicles/{ids[1]}").JsonAsync();
        Assert.Equal(("unknown", true), (never["status"]!.GetValue<string>(), never["position"] is null));
    }

    [Fact]
    public async Task Another_tenants_vehicle_does_not_exist()
    {
        var mine = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var id = (await other.AddVehiclesAsync(1, "theirs"))[0];
        await TestLanes.Current.PublishAsync(other.Live(id, 60.2, 24.9));
        await other.CommitAsync(other.Fix(id, Noon));
        using var client = await mine.ClientAsync();
        await client.GetAsync($"/api/v1/vehicles/{id}").ProblemAsync(404, "/problems/vehicle-not-found");
        await client.GetAsync($"/api/v1/vehicles/{id}/positions").ProblemAsync(404, "/problems/vehicle-not-found");
        Assert.Empty(Ids(await client.GetAsync("/api/v1/vehicles").JsonAsync()));
        Assert.Empty(Ids(await client.GetAsync("/api/v1/positions/latest").JsonAsync()));
        Assert.Empty(Ids(await client.GetAsync("/api/v1/groups").JsonAsync(), "name"));
        using var admin = await mine.ClientAsync(Roles.Admin);
        await admin.DeleteAsync("/api/v1/groups/theirs?vehicles=true").ProblemAsync(404, "/problems/group-not-found");
        Assert.NotNull(await api.Fleet.FindVehicleAsync(other.Name, id, CancellationToken.None));
    }

    [Fact]
    public async Task Latest_positions_are_those_in_the_box_across_the_antimeridian_too()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(4);
        await TestLanes.Current.PublishAsync(
            tenant.Live(ids[0], -17, 179.5), tenant.Live(ids[1], -17, -179.5), tenant.Live(ids[2], -17, 0), tenant.Live(ids[3], 60, 180));
        using var client = await tenant.ClientAsync();
        Assert.Equal(ids, await AllAsync(client, "/api/v1/positions/latest?limit=1", "vehicleId"));
        Assert.Equal(ids[..2], await AllAsync(client, "/api/v1/positions/latest?bbox=170,-20,-170,-10", "vehicleId"));
        Assert.Equal(ids[2..3], await AllAsync(client, "/api/v1/positions/latest?bbox=-1,-20,1,-10", "vehicleId"));
    }

    [Fact]
    public async Task History_is_ascending_from_inclusive_to_exclusive_and_pages_through_equal_times()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync([.. Enumerable.Range(0, 25).Select(i => tenant.Fix(id, Noon.AddSeconds(i / 2), digest: i))]);
        using var client = await tenant.ClientAsync();
        var path = $"/api/v1/vehicles/{id}/positions";
        var times = await AllAsync(client, $"{path}?limit=4", "fixedAt");
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"2026-03-01T12:00:{i / 2:00}Z"), times);
        Assert.Equal(
            ["2026-03-01T12:00:02Z", "2026-03-01T12:00:02Z"],
            await AllAsync(client, $"{path}?from=2026-03-01T12:00:02Z&to=2026-03-01T12:00:03Z", "fixedAt"));
        Assert.Null((await client.GetAsync($"{path}?limit=25").JsonAsync())["next"]);
        Assert.NotNull((await client.GetAsync($"{path}?limit=24").JsonAsync())["next"]);
    }

    [Fact]
    public async Task A_long_history_is_one_stream()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync([.. Enumerable.Range(0, 3_001).Select(i => tenant.Fix(id, Noon.AddSeconds(i)))]);
        using var client = await tenant.ClientAsync();
        foreach (var (limit, hasNext) in new[] { (1_000, true), (1_001, true), (3_000, true), (3_001, false), (10_000, false) })
        {
            var page = await client.GetAsync($"/api/v1/vehicles/{id}/positions?limit={limit}").JsonAsync();
            Assert.Equal((Math.Min(limit, 3_001), hasNext), (page["items"]!.AsArray().Count, page["next"] is not null));
        }
    }

    [Fact]
    public async Task Accepted_leaves_out_what_is_no_place_and_all_says_the_verdict()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        FixVerdict[] verdicts = [FixVerdict.Accepted, FixVerdict.NoPosition, FixVerdict.NullIsland, FixVerdict.BeyondWindow];
        await tenant.CommitAsync([.. verdicts.Select((v, i) => tenant.Fix(id, Noon.AddSeconds(i), verdict: v))]);
        using var client = await tenant.ClientAsync();
        var path = $"/api/v1/vehicles/{id}/positions";
        Assert.Equal(["accepted", "beyond-window"], Ids(await client.GetAsync(path).JsonAsync(), "verdict"));
        Assert.Equal(["accepted", "beyond-window"], Ids(await client.GetAsync($"{path}?verdict=accepted").JsonAsync(), "verdict"));
        var all = await client.GetAsync($"{path}?verdict=all").JsonAsync();
        Assert.Equal(["accepted", "no-position", "null-island", "beyond-window"], Ids(all, "verdict"));
        Assert.Equal(
            $$$"""{"vehicleId":"{{{id}}}","fixedAt":"2026-03-01T12:00:00Z","receivedAt":"2026-03-01T12:00:01Z","lat":60.2,"lon":24.9,"altitude":null,"speed":3.5,"heading":null,"accuracy":null,"verdict":"accepted","attributes":{"ignition":true,"odometer":12.5,"battery":87}}""",
            all["items"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task Everything_wrong_with_a_request_is_reported_at_once()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync();
        var problem = await client.GetAsync("/api/v1/vehicles/x/positions?from=yesterday&to=tomorrow&limit=0&verdict=best&cursor=zzz")
            .ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(["cursor", "from", "limit", "to", "verdict"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
        Assert.Contains("was 'yesterday'", problem["errors"]!["from"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        await client.GetAsync("/api/v1/positions/latest?bbox=1,2,3").ProblemAsync(422, "/problems/invalid-parameters");
        await client.GetAsync("/api/v1/vehicles?cursor=dg").ProblemAsync(422, "/problems/invalid-parameters");
        await client.GetAsync("/api/v1/vehicles/x/positions?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z").ProblemAsync(422, "/problems/invalid-parameters");
    }

    [Fact]
    public async Task Roles_may_do_what_they_may()
    {
        var tenant = await api.NewTenantAsync();
        using var nobody = api.Host.Client();
        await nobody.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
        foreach (var role in new[] { Roles.Viewer, Roles.Dispatcher })
        {
            using var client = await tenant.ClientAsync(role);
            await client.GetAsync("/api/v1/vehicles").JsonAsync();
            await client.GetAsync("/api/v1/devices/gateways").ProblemAsync(403, "/problems/forbidden");
            await client.DeleteAsync("/api/v1/groups/g?vehicles=true").ProblemAsync(403, "/problems/forbidden");
        }

        using var installer = await tenant.ClientAsync(Roles.Installer);
        await installer.GetAsync("/api/v1/devices/gateways").JsonAsync();
        await installer.DeleteAsync("/api/v1/groups/g?vehicles=true").ProblemAsync(403, "/problems/forbidden");
    }

    [Fact]
    public async Task Gateways_are_made_listed_and_deleted_and_their_password_is_shown_once()
    {
        var tenant = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Installer);
        using var stranger = await other.ClientAsync(Roles.Admin);
        var name = $"{tenant.Name}-gw";
        var created = await client.PostAsJsonAsync("/api/v1/devices/gateways", new { name, topicFilters = new[] { "fleet/#" }, group = "g" }).JsonAsync(201);
        Assert.Equal($"gateway:{name}", created["userName"]!.GetValue<string>());
        var stored = await api.Fleet.FindGatewayAsync(name, CancellationToken.None);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(created["password"]!.GetValue<string>())), stored!.SecretHash);
        Assert.Equal((tenant.Name, "g", true), (stored.Tenant, stored.Group, stored.MayEnroll));

        await client.PostAsJsonAsync("/api/v1/devices/gateways", new { name }).ProblemAsync(409, "/problems/gateway-name-taken");
        await stranger.PostAsJsonAsync("/api/v1/devices/gateways", new { name }).ProblemAsync(409, "/problems/gateway-name-taken");
        await stranger.DeleteAsync($"/api/v1/devices/gateways/{name}").ProblemAsync(404, "/problems/gateway-not-found");
        var list = await client.GetAsync("/api/v1/devices/gateways").JsonAsync();
        Assert.DoesNotContain("password", list.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal([name], Ids(list, "name"));
        using (var deleted = await client.DeleteAsync($"/api/v1/devices/gateways/{name}")) Assert.Equal(204, (int)deleted.StatusCode);
        await client.DeleteAsync($"/api/v1/devices/gateways/{name}").ProblemAsync(404, "/problems/gateway-not-found");

        var problem = await client.PostAsJsonAsync("/api/v1/devices/gateways", new { name = "a b", topicFilters = new[] { "a#" } })
            .ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(["name", "topicFilters"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
        await client.PostAsync("/api/v1/devices/gateways", new StringContent("[", Encoding.UTF8, "application/json")).ProblemAsync(400, "/problems/unreadable-request");
    }

    [Fact]
    public async Task Groups_and_gateways_are_paged()
    {
        var tenant = await api.NewTenantAsync();
        foreach (var group in new[] { "a", "b", "c" }) await tenant.AddVehiclesAsync(1, group);
        using var client = await tenant.ClientAsync(Roles.Installer);
        var names = Enumerable.Range(0, 3).Select(i => $"{tenant.Name}-gw{i}").ToList();
        foreach (var name in names) await client.PostAsJsonAsync("/api/v1/devices/gateways", new { name }).JsonAsync(201);

        Assert.Equal(2, Ids(await client.GetAsync("/api/v1/groups?limit=2").JsonAsync(), "name").Count());
        Assert.Equal(["a", "b", "c"], await AllAsync(client, "/api/v1/groups?limit=2", "name"));
        Assert.Equal(2, Ids(await client.GetAsync("/api/v1/devices/gateways?limit=2").JsonAsync(), "name").Count());
        Assert.Equal(names, await AllAsync(client, "/api/v1/devices/gateways?limit=1", "name"));
        Assert.Null((await client.GetAsync("/api/v1/groups?limit=3").JsonAsync())["next"]);
        foreach (var path in new[] { "/api/v1/groups", "/api/v1/devices/gateways" })
        {
            var problem = await client.GetAsync($"{path}?limit=0&cursor=dg").ProblemAsync(422, "/problems/invalid-parameters");
            Assert.Equal(["cursor", "limit"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
        }
    }

    [Fact]
    public async Task A_group_goes_with_its_vehicles_and_a_failure_half_way_is_finished_by_the_same_request()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(9, "old");
        var kept = await tenant.AddVehiclesAsync(1, "new");
        using var client = await tenant.ClientAsync(Roles.Admin);
        await client.DeleteAsync("/api/v1/groups/old").ProblemAsync(422, "/problems/invalid-parameters");
        TestLanes.Current.ForgetFailure = new TimeoutException("the lane does not answer");
        try
        {
            await client.DeleteAsync("/api/v1/groups/old?vehicles=true").ProblemAsync(503, "/problems/unavailable");
        }
        finally
        {
            TestLanes.Current.ForgetFailure = null;
        }

        using (var again = await client.DeleteAsync("/api/v1/groups/old?vehicles=true")) Assert.Equal(204, (int)again.StatusCode);
        var forgotten = TestLanes.Current.Forgotten.Where(f => f.Tenant == tenant.Name).ToList();
        Assert.Equal(ids.Order(), forgotten.Select(f => f.VehicleId).Order());
        Assert.All(forgotten, f => Assert.Equal(Lanes.Of(f.VehicleId, TestLanes.Count), f.Lane));
        Assert.Equal(kept, Ids(await client.GetAsync("/api/v1/vehicles").JsonAsync()));
        await client.DeleteAsync("/api/v1/groups/old?vehicles=true").ProblemAsync(404, "/problems/group-not-found");
    }

    [Theory]
    [InlineData("north/vans", "north%2Fvans")]
    [InlineData("north/vans", "north%2fvans")]
    [InlineData("100%", "100%25")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("Čas & ?#+ ", "%C4%8Cas%20%26%20%3F%23%2B%20")]
    public async Task A_group_is_deleted_by_its_name_in_the_address_whatever_it_is(string group, string segment)
    {
        var tenant = await api.NewTenantAsync();
        await tenant.AddVehiclesAsync(2, group);
        var kept = await tenant.AddVehiclesAsync(1, "north");
        using var client = await tenant.ClientAsync(Roles.Admin);
        using var deleted = await client.DeleteAsync($"/api/v1/groups/{segment}?vehicles=true");
        Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Equal(kept, Ids(await client.GetAsync("/api/v1/vehicles").JsonAsync()));
    }

    [Fact]
    public async Task A_group_that_only_gateways_name_is_deleted_with_them_and_is_then_unknown()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Admin);
        var name = $"{tenant.Name}-gw";
        await client.PostAsJsonAsync("/api/v1/devices/gateways", new { name, group = "north/vans" }).JsonAsync(201);
        using (var deleted = await client.DeleteAsync("/api/v1/groups/north%2Fvans?vehicles=true")) Assert.Equal(204, (int)deleted.StatusCode);
        Assert.Null(await api.Fleet.FindGatewayAsync(name, CancellationToken.None));
        await client.DeleteAsync("/api/v1/groups/north%2Fvans?vehicles=true").ProblemAsync(404, "/problems/group-not-found");
    }

    [Theory]
    [InlineData("name", ".")]
    [InlineData("name", "..")]
    [InlineData("group", "..")]
    [InlineData("group", "north//vans")]
    [InlineData("group", "north/../vans")]
    [InlineData("group", "/north")]
    [InlineData("group", "north\nvans")]
    [InlineData("group", "")]
    public async Task Names_that_no_address_can_hold_are_refused_when_they_are_made(string field, string value)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Installer);
        var request = new JsonObject { ["name"] = $"{tenant.Name}-gw" };
        request[field] = value;
        var problem = await client.PostAsJsonAsync("/api/v1/devices/gateways", request).ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Contains($"was '{value}'", problem["errors"]![field]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quarantine_shows_the_newest_first_and_only_ours()
    {
        var tenant = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var number = await api.Telemetry.StartLaneAsync(0, CancellationToken.None);
        QuarantinedMessage Message(string owner, int i, byte[] payload) => new()
        {
            Tenant = owner, DeviceId = $"d{i % 2}", Topic = $"fleet/d{i % 2}/position", Reason = "not_json", Payload = [.. payload], Truncated = false,
            ReceivedAt = Noon.AddSeconds(i), Detail = $"detail {i}",
        };
        await api.Telemetry.CommitAsync(
            [
                new LaneCommit
                {
                    Lane = 0, ExpectedNumber = number, Rows = [], NewVehicles = [],
                    Quarantine = [.. Enumerable.Range(0, 5).Select(i => Message(tenant.Name, i, i == 4 ? [0xff] : "{oops"u8.ToArray())), Message(other.Name, 9, [])],
                },
            ],
            CancellationToken.None);
        using var client = await tenant.ClientAsync(Roles.Installer);
        Assert.Equal(["detail 4", "detail 3", "detail 2", "detail 1", "detail 0"], await AllAsync(client, "/api/v1/devices/quarantine?limit=2", "detail"));
        Assert.Equal(["detail 3", "detail 1"], await AllAsync(client, "/api/v1/devices/quarantine?deviceId=d1", "detail"));
        var newest = (await client.GetAsync("/api/v1/devices/quarantine?limit=1").JsonAsync())["items"]![0]!;
        Assert.Equal(("/w==", true, "not_json"), (newest["payload"]!.GetValue<string>(), newest["base64"]!.GetValue<bool>(), newest["reason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task An_unknown_address_and_a_failure_are_problems_that_reveal_nothing()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync();
        await client.GetAsync("/api/v1/nothing").ProblemAsync(404, "/problems/not-found");
        await client.PostAsJsonAsync("/api/v1/vehicles", new { }).ProblemAsync(405, "/problems/method-not-allowed");
        Outage.Failure = new InvalidOperationException("a secret detail");
        try
        {
            var problem = await client.GetAsync("/api/v1/groups").ProblemAsync(500, "/problems/internal");
            Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
            Assert.NotNull(problem["traceId"]);
            Outage.Failure = new TimeoutException();
            await client.GetAsync("/api/v1/groups").ProblemAsync(503, "/problems/unavailable");
            var ready = await client.GetAsync("/health/ready").JsonAsync(503);
            Assert.Equal("not-ready", ready["status"]!.GetValue<string>());
        }
        finally
        {
            Outage.Failure = null;
        }

        await client.GetAsync("/health/live").JsonAsync();
    }

    [Fact]
    public async Task The_description_and_the_reference_page_need_nobody_else()
    {
        using var client = api.Host.Client();
        var document = await client.GetAsync("/openapi/v1.json").JsonAsync();
        foreach (var path in new[] { "/api/v1/auth/login", "/api/v1/vehicles", "/api/v1/vehicles/{id}/positions", "/api/v1/positions/latest", "/api/v1/devices/quarantine", "/api/v1/devices/gateways", "/api/v1/groups/{name}" })
            Assert.NotNull(document["paths"]![path]);
        Assert.NotNull(document["paths"]!["/api/v1/vehicles"]!["get"]!["security"]);
        Assert.Null(document["paths"]!["/api/v1/auth/login"]!["post"]!["security"]);
        Assert.NotNull(document["paths"]!["/api/v1/vehicles"]!["get"]!["responses"]!["503"]);
        using var root = await client.GetAsync("/docs");
        var page = await (root.Headers.Location is { } location ? client.GetStringAsync(location) : root.Content.ReadAsStringAsync());
        Assert.DoesNotMatch("""(src|href)=["']https?:""", page);
        Assert.Contains("script-src 'self' 'unsafe-inline'", string.Join(' ', root.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_web_app_is_served_with_its_routes_caching_and_policy()
    {
        var root = Directory.CreateTempSubdirectory("fleettracker-web-").FullName;
        Directory.CreateDirectory(Path.Combine(root, "assets"));
        await File.WriteAllTextAsync(Path.Combine(root, "index.html"), "<p>app</p>");
        await File.WriteAllTextAsync(Path.Combine(root, "assets", "app-1a2b3c.js"), "1");
        await using var host = await api.StartAsync(
            TimeProvider.System, ("Web:Root", root), ("Web:AllowedOrigins:0", "https://map.example.com"), ("Map:StyleUrl", "https://tiles.example.com/style.json"));
        using var client = host.Client();
        foreach (var path in new[] { "/", "/index.html", "/vehicles/v1" })
        {
            using var page = await client.GetAsync(path);
            Assert.Equal((200, "no-cache", "<p>app</p>"), ((int)page.StatusCode, page.Headers.CacheControl!.ToString(), await page.Content.ReadAsStringAsync()));
            Assert.Contains("connect-src 'self' https://tiles.example.com", string.Join(' ', page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        }

        using var asset = await client.GetAsync("/assets/app-1a2b3c.js");
        Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        await client.GetAsync("/assets/gone.js").ProblemAsync(404, "/problems/not-found");
        await client.GetAsync("/api/gone").ProblemAsync(404, "/problems/not-found");
        var config = await client.GetAsync("/config.json").JsonAsync();
        Assert.Equal("""{"apiUrl":"","hubUrl":"/hubs/live","mapStyleUrl":"https://tiles.example.com/style.json","mqttHost":"","mqttPort":1883}""", config.ToJsonString());

        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/v1/vehicles");
        preflight.Headers.Add("Origin", "https://map.example.com");
        preflight.Headers.Add("Access-Control-Request-Method", "GET");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization");
        using var allowed = await client.SendAsync(preflight);
        Assert.Equal("https://map.example.com", string.Join(' ', allowed.Headers.GetValues("Access-Control-Allow-Origin")));
        Directory.Delete(root, recursive: true);
    }
}
