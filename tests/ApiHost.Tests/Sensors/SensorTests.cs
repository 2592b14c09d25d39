using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;

namespace FleetTracker.Sensors.Tests;

[Collection("api")]
public sealed class SensorTests(ApiFixture api)
{
    private const string Path = "/api/v1/sensors";

    private static string Gauge(string name = "Cold box", string more = "") => $$"""{"name":"{{name}}","attribute":"temp1","kind":"gauge","high":8{{more}}}""";

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    [Theory]
    [InlineData("""{"name":"Tank","attribute":"can.fuel","kind":"fuel","unit":"l","calibration":[[0,0],[2048.5,120],[4095,400]],"validMin":1,"validMax":4095,"minDuration":90.5,"fillAmount":20,"drainAmount":12.5,"smoothing":7,"maxDuration":900,"groups":["Vans"]}""")]
    [InlineData("""{"name":"Cold","attribute":"temp","kind":"gauge","unit":"°C","minDuration":300,"low":-2,"high":8.5,"hysteresis":0.5}""")]
    [InlineData("""{"name":"Door","attribute":"in1","kind":"switch","hysteresis":0.1,"threshold":2.5,"inverted":true}""")]
    [InlineData("""{"name":"Raw","attribute":"battery","kind":"gauge"}""")]
    public async Task A_sensor_comes_back_as_it_was_sent_and_can_be_sent_back(string sent)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        using var response = await client.PostTextAsync(Path, sent);
        Assert.Equal(201, (int)response.StatusCode);
        var created = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Equal($"{Path}/{Text(created, "id")}", response.Headers.Location!.ToString());
        foreach (var (name, value) in JsonNode.Parse(sent)!.AsObject()) Assert.Equal(value!.ToJsonString(), created[name]!.ToJsonString());
        Assert.Equal(1, created["version"]!.GetValue<int>());

        var found = await client.GetAsync(response.Headers.Location).JsonAsync();
        Assert.Equal(created.ToJsonString(), found.ToJsonString());
        var put = await client.PutTextAsync($"{Path}/{Text(created, "id")}", found.ToJsonString(), response.Headers.ETag!.Tag).JsonAsync();
        Assert.Equal(created.ToJsonString(), put.ToJsonString());
    }

    [Fact]
    public async Task Of_two_editors_the_slower_is_told()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Admin);
        var path = $"{Path}/{Text(await client.PostTextAsync(Path, Gauge()).JsonAsync(201), "id")}";
        var tag = await client.GetAsync(path).TagAsync();
        var newer = await client.PutTextAsync(path, Gauge("First"), tag).TagAsync();
        Assert.NotEqual(tag, newer);
        using var late = await client.PutTextAsync(path, Gauge("Second"), tag);
        Assert.Equal((412, newer), ((int)late.StatusCode, late.Headers.ETag!.Tag));
        await client.SendJsonAsync(HttpMethod.Delete, path, null, tag).ProblemAsync(412, "/problems/changed-meanwhile");
        Assert.Equal("First", Text(await client.GetAsync(path).JsonAsync(), "name"));
        Assert.Equal(2, (await client.PutTextAsync(path, Gauge("First", ",\"low\":2")).JsonAsync())["version"]!.GetValue<int>());
        await client.SendJsonAsync(HttpMethod.Delete, path, null).ExpectAsync(204);
        await client.GetAsync(path).ProblemAsync(404, "/problems/sensor-not-found");
        await client.PutTextAsync(path, Gauge()).ProblemAsync(404, "/problems/sensor-not-found");
        await client.DeleteAsync(path).ProblemAsync(404, "/problems/sensor-not-found");
    }

    [Fact]
    public async Task Another_tenants_sensor_does_not_exist()
    {
        var mine = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        using var theirs = await other.ClientAsync(Roles.Admin);
        var theirVehicle = (await other.AddVehiclesAsync(1))[0];
        var id = Text(await theirs.PostTextAsync(Path, Gauge()).JsonAsync(201), "id");
        using var client = await mine.ClientAsync(Roles.Admin);
        var myVehicle = (await mine.AddVehiclesAsync(1))[0];
        await client.GetAsync($"{Path}/{id}").ProblemAsync(404, "/problems/sensor-not-found");
        await client.PutTextAsync($"{Path}/{id}", Gauge("Mine")).ProblemAsync(404, "/problems/sensor-not-found");
        await client.DeleteAsync($"{Path}/{id}").ProblemAsync(404, "/problems/sensor-not-found");
        Assert.Empty((await client.GetAsync(Path).JsonAsync())["items"]!.AsArray());
        foreach (var what in new[] { "history", "history/export", "chart" })
        {
            await client.GetAsync($"/api/v1/vehicles/{myVehicle}/sensors/{id}/{what}").ProblemAsync(404, "/problems/sensor-not-found");
            await client.GetAsync($"/api/v1/vehicles/{theirVehicle}/sensors/{id}/{what}").ProblemAsync(404, "/problems/vehicle-not-found");
        }

        await client.GetAsync($"/api/v1/vehicles/{theirVehicle}/sensors").ProblemAsync(404, "/problems/vehicle-not-found");
        Assert.Equal(
            [$"vehicleIds must be vehicles of yours, has '{theirVehicle}'"], await client.PostTextAsync(Path, Gauge(more: $",\"vehicleIds\":[\"{theirVehicle}\"]")).ErrorsAsync());
        Assert.Equal("Cold box", Text(await theirs.GetAsync($"{Path}/{id}").JsonAsync(), "name"));
    }

    [Theory]
    [InlineData(Roles.Viewer)]
    [InlineData(Roles.Installer)]
    public async Task Who_only_looks_may_not_define(string role)
    {
        var tenant = await api.NewTenantAsync();
        var vehicle = (await tenant.AddVehiclesAsync(1))[0];
        using var client = await tenant.ClientAsync(role);
        await client.PostTextAsync(Path, Gauge()).ProblemAsync(403, "/problems/forbidden");
        await client.PutTextAsync($"{Path}/x", Gauge()).ProblemAsync(403, "/problems/forbidden");
        await client.DeleteAsync($"{Path}/x").ProblemAsync(403, "/problems/forbidden");
        await client.GetAsync(Path).ExpectAsync(200);
        await client.GetAsync($"/api/v1/vehicles/{vehicle}/sensors").ExpectAsync(200);
        using var nobody = api.Host.Client();
        await nobody.GetAsync(Path).ProblemAsync(401, "/problems/unauthenticated");
        await nobody.GetAsync($"/api/v1/vehicles/{vehicle}/sensors").ProblemAsync(401, "/problems/unauthenticated");
    }

    [Fact]
    public async Task Sensors_are_paged_by_name_and_searched()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        foreach (var name in new[] { "Cedar", "Acorn", "Birch" }) await client.PostTextAsync(Path, Gauge(name)).ExpectAsync(201);
        var names = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await client.GetAsync($"{Path}?limit=2{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}").JsonAsync();
            names.AddRange(page["items"]!.AsArray().Select(item => Text(item!, "name")));
            cursor = page["next"]?.GetValue<string>();
        }

        Assert.Equal(["Acorn", "Birch", "Cedar"], names);
        Assert.Equal(3, (await client.GetAsync($"{Path}?q=TEMP1").JsonAsync())["items"]!.AsArray().Count);
        Assert.Single((await client.GetAsync($"{Path}?q=ced%20temp").JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Everything_wrong_is_told_at_once_with_its_place_and_value()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        const string Body = """
            {"name":"","attribute":7,"kind":"gauge","unit":"far too long for any unit","calibration":[[1,2],[3],["a",4]],"validMin":"x","smoothing":1.5,"inverted":"no",
             "low":9,"high":8,"fillAmount":3,"minDuration":-1,"vehicleIds":[5,""],"groups":["/"],"colour":"red"}
            """;
        string[] expected =
        [
            "attribute must be text, was 7", "calibration[1] must be a pair of numbers [raw, value], was [3]", "calibration[2] must be a pair of numbers [raw, value], was [\"a\",4]",
            "colour is not known here, was \"red\"", "fillAmount is not for this kind of sensor, was 3",
            "groups[0] must not have an empty level, '.' or '..' between its slashes, was '/'", "inverted must be true or false, was \"no\"",
            "low must be less than high, which is 8, was 9", "minDuration must be 0 to 1000000000 s, was -1", "name must be 1 to 200 characters long, was \"\"",
            "smoothing must be a whole number, was 1.5", "unit must be 1 to 20 characters long, was \"far too long for any unit\"", "validMin must be a number, was \"x\"",
            "vehicleIds[0] must be text, was 5", "vehicleIds[1] must be 1 to 200 characters long, was ''",
        ];
        Assert.Equal(expected, await client.PostTextAsync(Path, Body).ErrorsAsync());
        Assert.Equal(["attribute is missing", "kind must be one of gauge, fuel, switch, was \"thermometer\"", "name is missing"], await client.PostTextAsync(Path, """{"kind":"thermometer"}""").ErrorsAsync());
        Assert.Equal(
            ["calibration[2] must have a greater raw value than the point before, which has 5, was 5"],
            await client.PostTextAsync(Path, Gauge(more: ",\"calibration\":[[1,1],[5,2],[5,3]]")).ErrorsAsync());
        await client.PostTextAsync(Path, "{").ProblemAsync(400, "/problems/unreadable-request");
        Assert.Empty((await client.GetAsync(Path).JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task One_sensor_too_many_is_refused()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        for (var i = 0; i < 1_000; i++)
        {
            await api.Sensors.CreateSensorAsync(
                tenant.Name, new() { Id = $"{tenant.Name}-{i}", Name = $"{i}", Rules = new SensorRules { Attribute = "a", Kind = SensorKind.Gauge } }, "test", CancellationToken.None);
        }

        var problem = await client.PostTextAsync(Path, Gauge()).ProblemAsync(409, "/problems/too-many-sensors");
        Assert.Equal("A tenant may have 1000 sensors. Nothing was saved.", Text(problem, "detail"));
    }

    [Fact]
    public async Task A_vehicle_that_left_the_fleet_does_not_keep_its_sensor_from_being_changed()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        var draft = new Storage.SensorDraft
        {
            Id = $"{tenant.Name}-s", Name = "Old", Rules = new SensorRules { Attribute = "a", Kind = SensorKind.Gauge }, Scope = new SensorScope { VehicleIds = ["gone"] },
        };
        await api.Sensors.CreateSensorAsync(tenant.Name, draft, "test", CancellationToken.None);
        var read = await client.GetAsync($"{Path}/{draft.Id}").JsonAsync();
        read["name"] = "New";
        Assert.Equal("New", Text(await client.PutTextAsync($"{Path}/{draft.Id}", read.ToJsonString()).JsonAsync(), "name"));
    }
}
