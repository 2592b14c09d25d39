using FleetTracker.Hosting.Tests;
using FleetTracker.LiveMap;

namespace FleetTracker.Vehicles.Tests;

[Collection("api")]
public sealed class NearestTests(ApiFixture api)
{
    [Fact]
    public async Task Vehicles_come_nearest_first_with_distance_and_bearing_and_only_ours()
    {
        var tenant = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(4);
        var theirs = await other.AddVehiclesAsync(1);
        await TestLanes.Current.PublishAsync(
            tenant.Live(ids[0], 60.3, 24.9), tenant.Live(ids[1], 60.2, 24.91, MotionStatus.Stopped), tenant.Live(ids[2], 10, 10), other.Live(theirs[0], 60.2, 24.9));
        using var client = await tenant.ClientAsync();
        var page = await client.GetAsync("/api/v1/vehicles/nearest?lat=60.2&lon=24.9").JsonAsync();
        var items = page["items"]!.AsArray();
        Assert.Equal([ids[1], ids[0], ids[2]], items.Select(item => item!["vehicleId"]!.GetValue<string>()));
        Assert.Equal((554.6, 90.0, "stopped", 24.91), (
            Math.Round(items[0]!["distance"]!.GetValue<double>(), 1), items[0]!["bearing"]!.GetValue<double>(), items[0]!["status"]!.GetValue<string>(),
            items[0]!["position"]!["lon"]!.GetValue<double>()));
        Assert.Equal(0, items[1]!["bearing"]!.GetValue<double>());
        Assert.StartsWith($"{tenant.Name} ", items[0]!["name"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(page["next"]);
    }

    [Fact]
    public async Task Distance_status_and_limit_narrow_the_search()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(3);
        await TestLanes.Current.PublishAsync(
            tenant.Live(ids[0], 60.21, 24.9), tenant.Live(ids[1], 60.22, 24.9, MotionStatus.Idling), tenant.Live(ids[2], 60.23, 24.9, MotionStatus.Stopped));
        using var client = await tenant.ClientAsync();
        async Task<IEnumerable<string>> IdsAsync(string more) =>
            (await client.GetAsync($"/api/v1/vehicles/nearest?lat=60.2&lon=24.9{more}").JsonAsync())["items"]!.AsArray().Select(item => item!["vehicleId"]!.GetValue<string>());
        Assert.Equal(ids, await IdsAsync(""));
        Assert.Equal(ids[..1], await IdsAsync("&limit=1"));
        Assert.Equal(ids[..2], await IdsAsync("&maxDistance=2500"));
        Assert.Equal(ids[1..], await IdsAsync("&status=idling&status=stopped"));
        Assert.Empty(await IdsAsync("&status=offline"));
    }

    [Theory]
    [InlineData("", "lat", "lon")]
    [InlineData("?lat=91&lon=24", "lat")]
    [InlineData("?lat=NaN&lon=181", "lat", "lon")]
    [InlineData("?lat=1&lon=2&maxDistance=-1&limit=0&status=parked", "limit", "maxDistance", "status")]
    public async Task What_is_no_place_is_refused(string query, params string[] wrong)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync();
        var problem = await client.GetAsync("/api/v1/vehicles/nearest" + query).ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(wrong, problem["errors"]!.AsObject().Select(e => e.Key).Order());
    }
}
