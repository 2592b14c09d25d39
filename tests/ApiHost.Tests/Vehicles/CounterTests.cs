using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles.Tests;

[Collection("api")]
public sealed class CounterTests(ApiFixture api)
{
    [Fact]
    public async Task Counters_are_those_of_the_fixes_until_somebody_says_otherwise()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        var path = $"/api/v1/vehicles/{id}/counters";
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        Assert.Equal(
            """{"at":null,"odometer":0,"odometerSource":"counted","engineTime":0,"engineTimeSource":"counted"}""", (await client.GetAsync(path).JsonAsync()).ToJsonString());

        var noon = LiveMap.Tests.Fleet.Noon;
        await tenant.CommitAsync([.. Enumerable.Range(0, 5).Select(i => tenant.Fix(id, noon.AddMinutes(i), i) with { Latitude = 60 + (i * 0.001), Longitude = 25, Ignition = true, OdometerMeters = null, SpeedMetersPerSecond = 5 })]);
        var counted = await client.GetAsync(path).JsonAsync();
        Assert.Equal((noon.AddMinutes(4), "counted"), (counted["at"]!.GetValue<DateTimeOffset>(), counted["odometerSource"]!.GetValue<string>()));
        Assert.InRange(counted["odometer"]!.GetValue<double>(), 445, 446.5);
        Assert.Equal(240, counted["engineTime"]!.GetValue<double>());

        var tag = await client.GetAsync(path).TagAsync();
        var set = await client.PatchTextAsync(path, """{"odometer":123456700}""", tag).JsonAsync();
        Assert.Equal((123_456_700, "set", 240, "counted"), Values(set));
        Assert.Equal((123_456_700, "set", 240, "counted"), Values(await client.GetAsync(path).JsonAsync()));
        await client.PatchTextAsync(path, """{"engineTime":3600}""", tag).ProblemAsync(412, "/problems/changed-meanwhile");
        Assert.Equal((123_456_700, "set", 3600, "set"), Values(await client.PatchTextAsync(path, """{"engineTime":3600}""").JsonAsync()));
        Assert.Equal("counted", (await client.PatchTextAsync(path, """{"odometer":null}""").JsonAsync())["odometerSource"]!.GetValue<string>());
        var audited = await api.Rules.ReadAuditAsync(tenant.Name, null, 10, CancellationToken.None);
        Assert.Equal(["counters.update", "counters.update", "counters.update"], audited.Where(entry => entry.Subject == id).Select(entry => entry.What));
        Assert.Equal("""{"odometer":123456700,"engineTime":3600}""", audited[0].Before);
    }

    [Theory]
    [InlineData("{}", "body must have odometer, engineTime or both")]
    [InlineData("""{"odometer":-1}""", "odometer must be 0 to 10000000000 m, was -1")]
    [InlineData("""{"engineTime":"1 h"}""", "engineTime must be 0 to 10000000000 s, was \"1 h\"")]
    [InlineData("""{"odometer":1,"hours":2}""", "hours is not known here, was 2")]
    [InlineData("[]", "body must be an object, was []")]
    public async Task What_is_wrong_is_told(string body, string problem)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        Assert.Contains(problem, await client.PatchTextAsync($"/api/v1/vehicles/{(await tenant.AddVehiclesAsync(1))[0]}/counters", body).ErrorsAsync());
    }

    [Fact]
    public async Task Counters_are_for_vehicles_of_the_tenant_and_those_who_may_change_them()
    {
        var (mine, other) = (await api.NewTenantAsync(), await api.NewTenantAsync());
        var theirs = $"/api/v1/vehicles/{(await other.AddVehiclesAsync(1))[0]}/counters";
        using var client = await mine.ClientAsync(Roles.Dispatcher);
        await client.GetAsync(theirs).ProblemAsync(404, "/problems/vehicle-not-found");
        await client.PatchTextAsync(theirs, """{"odometer":1}""").ProblemAsync(404, "/problems/vehicle-not-found");
        using var viewer = await other.ClientAsync();
        await viewer.PatchTextAsync(theirs, """{"odometer":1}""").ProblemAsync(403, "/problems/forbidden");
    }

    private static (double Odometer, string OdometerSource, double EngineTime, string EngineTimeSource) Values(System.Text.Json.Nodes.JsonNode counters) => (
        counters["odometer"]!.GetValue<double>(), counters["odometerSource"]!.GetValue<string>(), counters["engineTime"]!.GetValue<double>(),
        counters["engineTimeSource"]!.GetValue<string>());
}
