using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FleetTracker.Explanations.Tests;
using FleetTracker.Geofences;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;
using static FleetTracker.Explanations.Tests.Journey;

namespace FleetTracker.Simulations.Tests;

[Collection("api")]
public sealed class SimulationTests(ApiFixture api)
{
    private const string Fences = "/api/v1/geofences/simulate";
    private const string Policy = "/api/v1/settings/policy/simulate";

    /// <summary>A circle around the depot of the journeys.</summary>
    private static JsonObject Circle(double radius, object? rules = null) => (JsonObject)JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(new
    {
        shape = new { type = "circle", geometry = new { type = "Point", coordinates = new[] { 24.9, 60.2 } }, radiusMeters = radius }, rules,
    }))!;

    private static JsonObject Body(JsonObject? fence, string[]? vehicleIds, int fromMinutes, int toMinutes, params (string Name, JsonNode? Value)[] others)
    {
        var body = new JsonObject { ["from"] = At(fromMinutes), ["to"] = At(toMinutes) };
        if (fence is not null) body["geofence"] = fence;
        if (vehicleIds is not null) body["vehicleIds"] = new JsonArray([.. vehicleIds.Select(id => (JsonNode)id)]);
        foreach (var (name, value) in others) body[name] = value;
        return body;
    }

    private static async Task<JsonNode> SimulateAsync(TestTenant tenant, JsonObject body, string path = Fences, TestHost? host = null)
    {
        using var client = await tenant.ClientAsync(Roles.Dispatcher, host);
        return await client.PostAsJsonAsync(path, body).JsonAsync();
    }

    private static int Int(JsonNode node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path) node = node[name]!;
        return node.GetValue<int>();
    }

    [Fact]
    public async Task A_fence_that_is_not_saved_is_run_over_history()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(2);
        // In the depot for half an hour, away, back for good; twenty minutes from the first are before the time that is asked for.
        await new Journey(api, tenant, ids[0]).Stay(-20, 30, 0).Drive(30, 0, 6_000, 10).Stay(41, 50, 6_000).Drive(50, 6_000, 0, 10).Stay(61, 80, 0).CommitAsync();
        // Passes through it: once with two fixes inside, once without any.
        await new Journey(api, tenant, ids[1]).Drive(0, -3_000, 3_000, 15).Drive(10, 3_000, 900, 15).Fix(13, -800, 15).Drive(13, -800, -3_000, 15).CommitAsync();

        var answer = await SimulateAsync(tenant, Body(Circle(100), ids, 0, 120));
        Assert.Equal((1, 1, 1, 1), (Int(answer, "counts", "geofence.exit"), Int(answer, "counts", "geofence.enter"), Int(answer, "counts", "geofence.cross"), Int(answer, "missedPasses", "crossed")));
        Assert.Equal((1, 2), (Int(answer, "missedPasses", "tooShort"), Int(answer, "visitCount")));
        Assert.Equal(["too-short", "crossed"], answer["missedPasses"]!["items"]!.AsArray().Select(pass => pass!["kind"]!.GetValue<string>()));
        Assert.Equal([ids[0], ids[0]], answer["visits"]!.AsArray().Select(visit => visit!["vehicleId"]!.GetValue<string>()));
        Assert.Equal((At(-20), At(30, 20), "left"), (
            answer["visits"]![0]!["enteredAt"]!.GetValue<string>(), answer["visits"]![0]!["exitedAt"]!.GetValue<string>(), answer["visits"]![0]!["endReason"]!.GetValue<string>()));
        Assert.Null(answer["visits"]![1]!["exitedAt"]);
        Assert.Equal([ids[0], ids[1]], answer["vehicles"]!.AsArray().Select(vehicle => vehicle!["vehicleId"]!.GetValue<string>()));
        Assert.Equal(10, answer["seen"]!["intervalSeconds"]!.GetValue<double>());
        Assert.Empty(answer["cut"]!.AsArray());
        using var client = await tenant.ClientAsync();
        Assert.Empty((await client.GetAsync("/api/v1/geofences").JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Flaps_are_counted_and_the_smallest_thresholds_without_any_are_suggested()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(1);
        // Stands at the edge for an hour; every ten minutes its receiver sees it 40 m further out for some seconds.
        var journey = new Journey(api, tenant, ids[0]).Drive(-10, 6_000, 150, 10);
        for (var minute = 0; minute < 60; minute++)
        {
            journey.Fix(minute, 95);
            if (minute % 10 == 5) journey.Fix(minute + 0.2, 135, 2).Fix(minute + 0.4, 135, 2).Fix(minute + 0.6, 95);
        }

        await journey.Drive(60, 95, 6_000, 10).CommitAsync();
        var loose = await SimulateAsync(tenant, Body(Circle(100, new { minDwell = 0, marginMeters = 0 }), ids, -60, 120));
        Assert.Equal((6, 6), (Int(loose, "flaps", "count"), Int(loose, "flaps", "withoutDwell")));
        var suggested = loose["suggested"]!;
        Assert.Equal((0.0, 50.0, 0, 0, false), (
            suggested["minDwell"]!.GetValue<double>(), suggested["marginMeters"]!.GetValue<double>(), Int(suggested, "flaps"), Int(suggested, "lostVisits"), suggested["partial"]!.GetValue<bool>()));

        var calm = await SimulateAsync(tenant, Body(Circle(100, new { minDwell = 60, marginMeters = 0 }), ids, -60, 120));
        Assert.Equal((0, 6, 1), (Int(calm, "flaps", "count"), Int(calm, "flaps", "withoutDwell"), Int(calm, "visitCount")));
        var better = await SimulateAsync(tenant, Body(Circle(100, new { minDwell = 0, marginMeters = suggested["marginMeters"]!.GetValue<double>() }), ids, -60, 120));
        Assert.Equal((0, 1), (Int(better, "flaps", "count"), Int(better, "visitCount")));
    }

    [Fact]
    public async Task A_saved_fence_is_run_over_a_group_for_which_it_is()
    {
        var tenant = await api.NewTenantAsync();
        var vans = await tenant.AddVehiclesAsync(2, "vans");
        var journey = new Journey(api, tenant, vans[0]).Stay(0, 20, 0);
        await journey.CommitAsync();
        await new Journey(api, tenant, vans[1]).Stay(0, 20, 0).CommitAsync();
        var forVans = await journey.AddDepotAsync(rules: new GeofenceRules { Groups = ["vans"] });
        var forTrucks = await journey.AddDepotAsync(rules: new GeofenceRules { Groups = ["trucks"] });
        Assert.Equal(2, Int(await SimulateAsync(tenant, Body(null, null, -10, 60, ("geofenceId", forVans), ("group", "vans"))), "visitCount"));
        var none = await SimulateAsync(tenant, Body(null, null, -10, 60, ("geofenceId", forTrucks), ("group", "vans")));
        Assert.Equal((0, true), (Int(none, "visitCount"), none["suggested"] is null));
    }

    [Fact]
    public async Task A_fence_that_vehicles_will_miss_is_warned_of()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(1);
        await new Journey(api, tenant, ids[0]).Drive(0, -5_000, 5_000, 25).CommitAsync();
        var answer = await SimulateAsync(tenant, Body(Circle(50), ids, -10, 60));
        Assert.Equal("fence-between-fixes", Assert.Single(answer["warnings"]!.AsArray())!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_lies_beyond_the_limits_is_left_out_and_told()
    {
        var tenant = await api.NewTenantAsync();
        var vans = await tenant.AddVehiclesAsync(3, "vans");
        foreach (var id in vans) await new Journey(api, tenant, id).Stay(0, 20, 0).CommitAsync();
        await using var host = await api.StartAsync(
            TimeProvider.System, ("Simulations:MaxVehicles", "2"), ("Simulations:MaxRows", "20"), ("Simulations:MaxListed", "1"), ("Simulations:MaxTuningRows", "5"));
        var answer = await SimulateAsync(tenant, Body(Circle(100), null, -10, 60, ("group", "vans")), host: host);
        var cut = answer["cut"]!.AsArray().Select(line => line!.GetValue<string>()).ToList();
        Assert.Contains(cut, line => line.Contains("first 2 vehicles of group 'vans'", StringComparison.Ordinal));
        Assert.Contains(cut, line => line.StartsWith("1 of 2 vehicles", StringComparison.Ordinal) && line.Contains("reads 20 rows", StringComparison.Ordinal));
        Assert.Equal((1, 1), (answer["vehicles"]!.AsArray().Count, answer["visits"]!.AsArray().Count));
        Assert.True(answer["suggested"]!["partial"]!.GetValue<bool>());
        using var client = await tenant.ClientAsync(Roles.Dispatcher, host);
        var problem = await client.PostAsJsonAsync(Fences, Body(Circle(100), vans, 0, 60)).ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Contains("at most 2 items, has 3", problem["errors"]!["vehicleIds"]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_thresholds_are_compared_with_those_of_now()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(1);
        // Two drives with a stay of seven minutes between them.
        await new Journey(api, tenant, ids[0]).Stay(-20, 0, 0).Drive(0, 0, 3_000, 10).Stay(6, 12, 3_000).Drive(12, 3_000, 6_000, 10).Stay(18, 50, 6_000).CommitAsync();
        var body = Body(null, ids, -30, 60, ("settings", new JsonObject { ["minStopDuration"] = 900 }));
        var answer = await SimulateAsync(tenant, body, Policy);
        var counts = answer["counts"]!.AsArray().ToDictionary(count => count!["kind"]!.GetValue<string>(), count => (Int(count!, "before"), Int(count!, "after")), StringComparer.Ordinal);
        Assert.Equal(((2, 1), (3, 2)), (counts["trip"], counts["stop"]));
        Assert.Equal(ids, answer["vehicles"]!.AsArray().Select(vehicle => vehicle!["vehicleId"]!.GetValue<string>()));

        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        body["settings"] = new JsonObject { ["minStopDuration"] = "long", ["speed"] = 1 };
        var problem = await client.PostAsJsonAsync(Policy, body).ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal("settings.minStopDuration settings.speed", Wrong(problem));
    }

    [Fact]
    public async Task Everything_wrong_with_a_request_is_named_with_its_value()
    {
        var tenant = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var theirs = (await other.AddVehiclesAsync(1))[0];
        var id = (await tenant.AddVehiclesAsync(1))[0];
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        Task<JsonNode> RefusedAsync(JsonNode body) => client.PostAsJsonAsync(Fences, body).ProblemAsync(422, "/problems/invalid-parameters");

        Assert.Equal("from geofence to vehicleIds", Wrong(await RefusedAsync(new JsonObject())));
        Assert.Equal("colour geofence.shape.radiusMeters vehicleIds[0]", Wrong(await RefusedAsync(Body(Circle(-5), [theirs], 0, 60, ("colour", "red")))));
        Assert.Equal("from", Wrong(await RefusedAsync(Body(Circle(100), [id], 60, 0))));
        Assert.Equal("to", Wrong(await RefusedAsync(Body(Circle(100), [id], -40 * 24 * 60, 0))));
        Assert.Equal("from to", Wrong(await RefusedAsync(new JsonObject { ["geofence"] = Circle(100), ["vehicleIds"] = new JsonArray(id), ["from"] = "noon", ["to"] = 7 })));
        Assert.Equal("geofence vehicleIds", Wrong(await RefusedAsync(Body(Circle(100), [id], 0, 60, ("geofenceId", "g"), ("group", "vans")))));
        Assert.Equal("group", Wrong(await RefusedAsync(Body(Circle(100), null, 0, 60, ("group", "nobody")))));
        await client.PostAsJsonAsync(Fences, Body(null, [id], 0, 60, ("geofenceId", "g"))).ProblemAsync(404, "/problems/geofence-not-found");
        using var viewer = await tenant.ClientAsync();
        await viewer.PostAsJsonAsync(Fences, Body(Circle(100), [id], 0, 60)).ProblemAsync(403, "/problems/forbidden");
        await viewer.PostAsJsonAsync(Policy, Body(null, [id], 0, 60)).ProblemAsync(403, "/problems/forbidden");
    }

    [Fact]
    public async Task A_host_runs_so_many_at_once_and_asks_the_next_to_come_back()
    {
        var slots = new SimulationSlots(Microsoft.Extensions.Options.Options.Create(new SimulationOptions { AtOnce = 1 }));
        var held = new TaskCompletionSource<Microsoft.AspNetCore.Http.IResult>();
        var first = slots.RunAsync(() => held.Task);
        var busy = await slots.RunAsync(() => Task.FromResult<Microsoft.AspNetCore.Http.IResult>(Microsoft.AspNetCore.Http.TypedResults.Ok()));
        Assert.IsType<Problems.RetryLater>(busy);
        held.SetResult(Microsoft.AspNetCore.Http.TypedResults.Ok());
        await first;
        Assert.IsNotType<Problems.RetryLater>(await slots.RunAsync(() => Task.FromResult<Microsoft.AspNetCore.Http.IResult>(Microsoft.AspNetCore.Http.TypedResults.Ok())));
    }

    private static string Wrong(JsonNode problem) => string.Join(' ', problem["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
}
