using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;

namespace FleetTracker.Geofences.Tests;

[Collection("api")]
public sealed class GeofenceTests(ApiFixture api)
{
    private const string Path = "/api/v1/geofences";
    private const string Square = """{"type":"Polygon","coordinates":[[[24,60],[25,60],[25,61],[24,61],[24,60]]]}""";

    private static string Area(string name = "Depot", string geometry = Square, string rules = "{}") =>
        $$"""{"name":"{{name}}","shape":{"type":"area","geometry":{{geometry}}},"rules":{{rules}}}""";

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    [Fact]
    public async Task A_fence_comes_back_as_it_was_sent()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        const string Rules = """
            {"minDwell":20.5,"marginMeters":12.5,"speedLimit":8.3,"dwellEventAfter":7200,"schedule":{"timeZone":"Europe/Helsinki","intervals":[{"day":"friday","from":"22:00","to":"06:30:15"}]},"groups":["Vans","Yard/North"]}
            """;
        using var response = await client.PostTextAsync(
            Path, $$"""{"name":" Depot ","shape":{"type":"circle","geometry":{"type":"Point", "coordinates":[24.94,60.17]},"radiusMeters":150.25},"rules":{{Rules}}}""");
        Assert.Equal(201, (int)response.StatusCode);
        var created = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal($"{Path}/{Text(created, "id")}", response.Headers.Location!.ToString());

        var found = await client.GetAsync(response.Headers.Location).JsonAsync();
        Assert.Equal(created.ToJsonString(), found.ToJsonString());
        Assert.Equal(("Depot", 1), (Text(found, "name"), found["version"]!.GetValue<int>()));
        Assert.Equal("""{"type":"circle","geometry":{"type":"Point","coordinates":[24.94,60.17]},"radiusMeters":150.25}""", found["shape"]!.ToJsonString());
        Assert.Equal(Rules.Trim(), found["rules"]!.ToJsonString());
        Assert.True(found["validFrom"]!.GetValue<DateTimeOffset>() >= found["updatedAt"]!.GetValue<DateTimeOffset>().AddSeconds(5));
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back_and_changes_nothing()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        var created = await client.PostTextAsync(Path, Area()).JsonAsync(201);
        var put = await client.PutTextAsync($"{Path}/{Text(created, "id")}", created.ToJsonString()).JsonAsync();
        Assert.Equal(created.ToJsonString(), put.ToJsonString());
    }

    [Fact]
    public async Task Of_two_editors_the_slower_is_told()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Admin);
        var path = $"{Path}/{Text(await client.PostTextAsync(Path, Area()).JsonAsync(201), "id")}";
        var tag = await client.GetAsync(path).TagAsync();
        var newer = await client.PutTextAsync(path, Area("First"), tag).TagAsync();
        Assert.NotEqual(tag, newer);

        using var late = await client.PutTextAsync(path, Area("Second"), tag);
        Assert.Equal((412, newer), ((int)late.StatusCode, late.Headers.ETag!.Tag));
        await client.PutTextAsync(path, Area("Second"), "W/" + newer).ProblemAsync(412, "/problems/changed-meanwhile");
        await client.PutTextAsync(path, Area("Second"), "nonsense").ProblemAsync(412, "/problems/changed-meanwhile");
        await client.SendJsonAsync(HttpMethod.Delete, path, null, tag).ProblemAsync(412, "/problems/changed-meanwhile");
        Assert.Equal("First", Text(await client.GetAsync(path).JsonAsync(), "name"));

        await client.PutTextAsync(path, Area("Third"), "*").ExpectAsync(200);
        await client.PutTextAsync(path, Area("Fourth")).ExpectAsync(200);
        await client.SendJsonAsync(HttpMethod.Delete, path, null).ExpectAsync(204);
        await client.GetAsync(path).ProblemAsync(404, "/problems/geofence-not-found");
        await client.PutTextAsync(path, Area()).ProblemAsync(404, "/problems/geofence-not-found");
        await client.DeleteAsync(path).ProblemAsync(404, "/problems/geofence-not-found");
    }

    [Fact]
    public async Task Another_tenants_fence_does_not_exist()
    {
        var mine = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        using var theirs = await other.ClientAsync(Roles.Admin);
        var path = $"{Path}/{Text(await theirs.PostTextAsync(Path, Area()).JsonAsync(201), "id")}";
        using var client = await mine.ClientAsync(Roles.Admin);
        await client.GetAsync(path).ProblemAsync(404, "/problems/geofence-not-found");
        await client.PutTextAsync(path, Area("Mine")).ProblemAsync(404, "/problems/geofence-not-found");
        await client.DeleteAsync(path).ProblemAsync(404, "/problems/geofence-not-found");
        Assert.Empty((await client.GetAsync(Path).JsonAsync())["items"]!.AsArray());
        Assert.Empty((await client.GetAsync($"{Path}/export").JsonAsync())["features"]!.AsArray());
        Assert.Equal("Depot", Text(await theirs.GetAsync(path).JsonAsync(), "name"));
    }

    [Theory]
    [InlineData(Roles.Viewer)]
    [InlineData(Roles.Installer)]
    public async Task Who_only_looks_may_not_draw(string role)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(role);
        await client.PostTextAsync(Path, Area()).ProblemAsync(403, "/problems/forbidden");
        await client.PutTextAsync($"{Path}/x", Area()).ProblemAsync(403, "/problems/forbidden");
        await client.DeleteAsync($"{Path}/x").ProblemAsync(403, "/problems/forbidden");
        await client.PostTextAsync($"{Path}/import", "{}").ProblemAsync(403, "/problems/forbidden");
        await client.GetAsync(Path).ExpectAsync(200);
        using var nobody = api.Host.Client();
        await nobody.GetAsync(Path).ProblemAsync(401, "/problems/unauthenticated");
    }

    [Fact]
    public async Task Fences_are_paged_by_name_and_searched()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        foreach (var name in new[] { "Cedar yard", "Acorn yard", "Birch depot" }) await client.PostTextAsync(Path, Area(name)).ExpectAsync(201);
        var names = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await client.GetAsync($"{Path}?limit=2{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}").JsonAsync();
            names.AddRange(page["items"]!.AsArray().Select(item => Text(item!, "name")));
            cursor = page["next"]?.GetValue<string>();
        }

        Assert.Equal(["Acorn yard", "Birch depot", "Cedar yard"], names);
        var found = await client.GetAsync($"{Path}?q=YARD%20cedar").JsonAsync();
        Assert.Equal("Cedar yard", Text(Assert.Single(found["items"]!.AsArray())!, "name"));
        Assert.Equal(
            ["cursor is not one that this list gave out, was 'x'", "limit must be a whole number from 1 to 10,000, was '0'"],
            await client.GetAsync($"{Path}?limit=0&cursor=x").ErrorsAsync());
    }

    [Fact]
    public async Task Everything_wrong_is_told_at_once_with_its_place_and_value()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        const string Body = """
            {"name":"","colour":"red","shape":{"type":"blob","geometry":5,"radius":1},
             "rules":{"minDwell":-1,"marginMeters":"wide","speedLimit":0,"dwellEventAfter":1e9,"groups":["",7],"minDwel":3,
              "schedule":{"timeZone":"Mars/Olympus","intervals":[{"day":"Monday","from":"25:00","to":600},{"day":"monday"},3]}}}
            """;
        string[] expected =
        [
            "colour is not known here, was \"red\"",
            "name must be 1 to 200 characters long, was \"\"",
            "rules.dwellEventAfter must be 1 to 31622400 s, was 1e9",
            "rules.groups[0] must be 1 to 100 characters long, was ''",
            "rules.groups[1] must be text, was 7",
            "rules.marginMeters must be 0 to 10000 m, was \"wide\"",
            "rules.minDwel is not known here, was 3",
            "rules.minDwell must be 0 to 604800 s, was -1",
            "rules.schedule.intervals[0].day must be one of monday, tuesday, wednesday, thursday, friday, saturday, sunday, was \"Monday\"",
            "rules.schedule.intervals[0].from must be a time of day such as 06:30, was \"25:00\"",
            "rules.schedule.intervals[0].to must be a time of day such as 06:30, was 600",
            "rules.schedule.intervals[1].from is missing",
            "rules.schedule.intervals[1].to is missing",
            "rules.schedule.intervals[2] must be an object, was 3",
            "rules.schedule.timeZone must be an IANA time zone such as Europe/Helsinki, was \"Mars/Olympus\"",
            "rules.speedLimit must be 1 to 1000 m/s, was 0",
            "shape.radius is not known here, was 1",
            "shape.type must be one of area, circle, corridor, was \"blob\"",
        ];
        Assert.Equal(expected, await client.PostTextAsync(Path, Body).ErrorsAsync());
        Assert.Equal(expected, await client.PutTextAsync($"{Path}/x", Body).ErrorsAsync());
        var check = await client.PostTextAsync($"{Path}/check", Body).JsonAsync();
        Assert.Equal(expected, Edits.Lines(check["errors"]!));
        Assert.Empty((await client.GetAsync(Path).JsonAsync())["items"]!.AsArray());
    }

    [Theory]
    [InlineData("{}", "name is missing", "shape is missing")]
    [InlineData("[]", "body must be an object, was []")]
    [InlineData("""{"name":"a\u0001b","shape":{"type":"area","geometry":null}}""", "name must not have control characters, was \"a\\u0001b\"", "shape.geometry is missing")]
    [InlineData("""{"name":7,"shape":7}""", "name must be text, was 7", "shape must be an object, was 7")]
    [InlineData("""{"name":"a","shape":{"type":"area","geometry":[]}}""", "shape.geometry must be an object, was []")]
    [InlineData("""{"name":"a","shape":{"type":"circle","geometry":{"type":"Point","coordinates":[0,0]}}}""", "shape.radiusMeters is missing")]
    [InlineData("""{"name":"a","shape":{"type":"circle","geometry":{"type":"Point","coordinates":[0,0]},"radiusMeters":0}}""", "shape.radiusMeters must be 0.1 to 1000000 m, was 0")]
    [InlineData("""{"name":"a","shape":{"type":"area","geometry":{},"radiusMeters":5}}""", "shape.geometry.type must be Polygon or MultiPolygon, is missing", "shape.radiusMeters must be missing for an area, was 5")]
    [InlineData("""{"name":"a","shape":{"type":"area","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}}}""", "shape.geometry.coordinates[0] is not closed: begins at [0, 0] and ends at [0, 1]")]
    [InlineData("""{"name":"a","shape":{"type":"area","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,95],[1,1],[0,0]]]}}}""", "shape.geometry.coordinates[0][1][1] latitude must be -90 to 90, is 95; longitude comes first, are they swapped?")]
    [InlineData("""{"name":"a","shape":{"type":"area","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}}""", "shape.geometry.coordinates the outline crosses itself, at longitude 0.5, latitude 0.5")]
    [InlineData("""{"name":"a","shape":{"type":"area","geometry":{"type":"Polygon","coordinates":[[[0,0],["x",1],[1,0],[0,1],[0,0]]]}}}""", "shape.geometry.coordinates[0][1][0] must be a number of degrees, is a string")]
    public async Task A_wrong_fence_is_refused_with_its_place_and_value(string body, params string[] expected)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        Assert.Equal(expected, await client.PostTextAsync(Path, body).ErrorsAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("nonsense")]
    [InlineData("""{"name":"\ud800"}""")]
    public async Task What_is_no_JSON_cannot_be_read(string body)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        foreach (var path in new[] { Path, $"{Path}/check", $"{Path}/import" })
            await client.PostTextAsync(path, body).ProblemAsync(400, "/problems/unreadable-request");
        await client.PutTextAsync($"{Path}/x", body).ProblemAsync(400, "/problems/unreadable-request");
    }

    [Fact]
    public async Task A_check_saves_nothing()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        Assert.Equal("""{"errors":{},"warnings":[]}""", (await client.PostTextAsync($"{Path}/check", Area()).JsonAsync()).ToJsonString());
        const string Small = """{"name":"Gate","shape":{"type":"circle","geometry":{"type":"Point","coordinates":[24.94,60.17]},"radiusMeters":5}}""";
        var warned = await client.PostTextAsync($"{Path}/check?accuracy=20&interval=30&speed=10", Small).JsonAsync();
        Assert.Equal(["fence-below-accuracy", "fence-between-fixes"], warned["warnings"]!.AsArray().Select(warning => Text(warning!, "code")));
        Assert.Equal(["accuracy must be a number from 0 to 100000, was '-1'"], await client.PostTextAsync($"{Path}/check?accuracy=-1", Small).ErrorsAsync());
        Assert.Empty((await client.GetAsync(Path).JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task The_fences_around_a_point_are_those_of_the_time()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        var asleep = """{"schedule":{"timeZone":"UTC","intervals":[{"day":"monday","from":"08:00","to":"09:00"}]}}""";
        var created = await client.PostTextAsync(Path, Area("B", rules: asleep)).JsonAsync(201);
        await client.PostTextAsync(Path, Area("A")).ExpectAsync(201);
        await client.PostTextAsync(Path, Area("Far", Square.Replace("60", "50", StringComparison.Ordinal).Replace("61", "51", StringComparison.Ordinal))).ExpectAsync(201);

        async Task<string[]> AroundAsync(string query) =>
            [.. (await client.GetAsync($"{Path}/containing?{query}").JsonAsync())["items"]!.AsArray().Select(item => $"{item!["name"]} {item["version"]} {item["awake"]}")];

        // The next Sunday is after they began, and far from Monday morning.
        var sunday = TimeProvider.System.GetUtcNow().Date.AddDays(7 - (int)TimeProvider.System.GetUtcNow().DayOfWeek).ToString("yyyy-MM-dd", null) + "T12:00:00Z";
        Assert.Equal(["A 1 true", "B 1 false"], await AroundAsync($"lat=60.5&lon=24.5&at={sunday}"));
        Assert.Equal(["A 1 true", "B 1 false"], await AroundAsync($"lat=60&lon=24&at={sunday}"));
        Assert.Empty(await AroundAsync($"lat=59.9&lon=24.5&at={sunday}"));

        // Not before its time: a few seconds ahead.
        Assert.Empty(await AroundAsync($"lat=60.5&lon=24.5&at={created["updatedAt"]}"));
        await client.DeleteAsync($"{Path}/{created["id"]}").ExpectAsync(204);
        Assert.Equal(["A 1 true"], await AroundAsync($"lat=60.5&lon=24.5&at={sunday}"));
    }

    [Fact]
    public async Task A_place_and_time_that_make_no_sense_are_refused()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync();
        Assert.Equal(["lat must be given: a number from -90 to 90", "lon must be given: a number from -180 to 180"], await client.GetAsync($"{Path}/containing").ErrorsAsync());
        Assert.Equal(
            ["at must be an RFC 3339 time with its offset such as 2026-03-01T12:00:00Z, was 'noon'", "lat must be a number from -90 to 90, was '91'", "lon must be a number from -180 to 180, was 'NaN'"],
            await client.GetAsync($"{Path}/containing?lat=91&lon=NaN&at=noon").ErrorsAsync());
        Assert.Contains("was '2020-01-01T00:00:00Z'", Assert.Single(await client.GetAsync($"{Path}/containing?lat=1&lon=1&at=2020-01-01T00:00:00Z").ErrorsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_changed_a_fence_is_recorded()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        var path = $"{Path}/{Text(await client.PostTextAsync(Path, Area()).JsonAsync(201), "id")}";
        await client.PutTextAsync(path, Area("Renamed")).ExpectAsync(200);
        await client.DeleteAsync(path).ExpectAsync(204);
        var audit = await api.Rules.ReadAuditAsync(tenant.Name, null, 10, CancellationToken.None);
        Assert.Equal(["geofence.delete", "geofence.update", "geofence.create"], audit.Select(entry => entry.What));
        Assert.All(audit, entry => Assert.Equal(($"{tenant.Name}-{Roles.Dispatcher}", path[(Path.Length + 1)..]), (entry.Who, entry.Subject)));
    }
}
