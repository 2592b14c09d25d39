using FleetTracker.Explanations.Tests;
using FleetTracker.Hosting.Tests;
using FleetTracker.LiveMap;
using FleetTracker.Outcomes;

namespace FleetTracker.Geofences.Tests;

[Collection("api")]
public sealed class InsideTests(ApiFixture api)
{
    [Fact]
    public async Task Vehicles_inside_now_are_listed_with_the_beginning_of_their_visits()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(4);
        var depot = await new Journey(api, tenant, ids[0]).AddDepotAsync();
        // The last one is in the bounds of the circle and not in the circle.
        await TestLanes.Current.PublishAsync(
            tenant.Live(ids[0], 60.2, 24.9, MotionStatus.Stopped), tenant.Live(ids[1], 60.2005, 24.9), tenant.Live(ids[2], 60.3, 24.9), tenant.Live(ids[3], 60.2008, 24.9016));
        await tenant.CommitAsync(
            tenant.Outcome(ids[0], OutcomeType.Visit, Journey.Noon, subject: depot, state: OutcomeState.Open),
            tenant.Outcome(ids[1], OutcomeType.Visit, Journey.Noon, subject: "another", state: OutcomeState.Open),
            tenant.Outcome(ids[1], OutcomeType.Visit, Journey.Noon, subject: depot, endedAt: Journey.Noon.AddHours(1)));
        using var client = await tenant.ClientAsync();
        var page = await client.GetAsync($"/api/v1/geofences/{depot}/inside").JsonAsync();
        var items = page["items"]!.AsArray();
        Assert.Equal(ids[..2], items.Select(item => item!["vehicleId"]!.GetValue<string>()));
        Assert.Equal((Journey.At(0), "stopped", 60.2), (items[0]!["since"]!.GetValue<string>(), items[0]!["status"]!.GetValue<string>(), items[0]!["position"]!["lat"]!.GetValue<double>()));
        Assert.Null(items[1]!["since"]);
        Assert.Null(page["next"]);

        var first = await client.GetAsync($"/api/v1/geofences/{depot}/inside?limit=1").JsonAsync();
        var second = await client.GetAsync($"/api/v1/geofences/{depot}/inside?limit=1&cursor={first["next"]!.GetValue<string>()}").JsonAsync();
        Assert.Equal((ids[1], true), (second["items"]![0]!["vehicleId"]!.GetValue<string>(), second["next"] is null));
        await client.GetAsync($"/api/v1/geofences/{depot}/inside?limit=0").ProblemAsync(422, "/problems/invalid-parameters");
        await client.GetAsync("/api/v1/geofences/none/inside").ProblemAsync(404, "/problems/geofence-not-found");
        using var other = await (await api.NewTenantAsync()).ClientAsync();
        await other.GetAsync($"/api/v1/geofences/{depot}/inside").ProblemAsync(404, "/problems/geofence-not-found");
    }
}
