using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;

namespace FleetTracker.Vehicles.Tests;

[Collection("api")]
public sealed class SettingsTests(ApiFixture api)
{
    private const string Policy = "/api/v1/settings/policy";

    private static string Setting(JsonNode view, string name) => $"{view["effective"]![name]!["value"]?.ToJsonString() ?? "null"} {view["effective"]![name]!["from"]}";

    [Fact]
    public async Task Every_setting_says_what_counts_and_from_where()
    {
        var tenant = await api.NewTenantAsync();
        var vehicle = (await tenant.AddVehiclesAsync(1))[0];
        using var client = await tenant.ClientAsync(Roles.Admin);
        var before = await client.GetAsync(Policy).JsonAsync();
        Assert.Equal(VehicleSettings.Names, before["effective"]!.AsObject().Select(setting => setting.Key));
        Assert.All(before["effective"]!.AsObject(), setting => Assert.Equal("installation", setting.Value!["from"]!.GetValue<string>()));
        Assert.Equal(("300 installation", "{}", true), (Setting(before, "minStopDuration"), before["overridden"]!.ToJsonString(), before["updatedAt"] is null));

        var put = await client.PutTextAsync(Policy, """{"minStopDuration":120.5, "idlingAfter":null,"fenceCrossings":false}""").JsonAsync();
        Assert.Equal(("120.5 tenant", "null tenant", "false tenant", "15 installation"),
            (Setting(put, "minStopDuration"), Setting(put, "idlingAfter"), Setting(put, "fenceCrossings"), Setting(put, "fenceMarginMeters")));
        await client.PutTextAsync($"/api/v1/vehicles/{vehicle}/settings", """{"minStopDuration":60}""").ExpectAsync(200);
        var ofVehicle = await client.GetAsync($"/api/v1/vehicles/{vehicle}/settings").JsonAsync();
        Assert.Equal(("60 vehicle", "false tenant", "15 installation", """{"minStopDuration":60}"""),
            (Setting(ofVehicle, "minStopDuration"), Setting(ofVehicle, "fenceCrossings"), Setting(ofVehicle, "fenceMarginMeters"), ofVehicle["overridden"]!.ToJsonString()));

        await client.DeleteAsync($"/api/v1/vehicles/{vehicle}/settings").ExpectAsync(204);
        Assert.Equal("120.5 tenant", Setting(await client.GetAsync($"/api/v1/vehicles/{vehicle}/settings").JsonAsync(), "minStopDuration"));
        await client.DeleteAsync(Policy).ExpectAsync(204);
        Assert.Equal(before.ToJsonString(), (await client.GetAsync(Policy).JsonAsync()).ToJsonString());
        Assert.Equal(
            ["settings.update", "settings.update", "settings.update", "settings.update"],
            (await api.Rules.ReadAuditAsync(tenant.Name, null, 10, CancellationToken.None)).Select(entry => entry.What));
    }

    [Fact]
    public async Task Every_wrong_value_is_told_at_once_with_its_name()
    {
        var tenant = await api.NewTenantAsync();
        var vehicle = (await tenant.AddVehiclesAsync(1))[0];
        using var client = await tenant.ClientAsync(Roles.Admin);
        string[] expected =
        [
            "MinStopDuration is no setting, was 1",
            "fenceCrossings must be true or false, was 1",
            "fixesToBelieveAJump must be a whole number, was 2.5",
            "lowBatteryPercent must be 0 to 90 %, was 91",
            "maxOfflineAfter must be a number of seconds, was \"36h\"",
            "minStopDuration must be 0 to 7 days, was -5",
            "minTripDuration must be a number of seconds, was null",
            "speedLimitMetersPerSecond must be a number or null, was true",
        ];
        const string Body = """
            {"minStopDuration":-5,"MinStopDuration":1,"fenceCrossings":1,"fixesToBelieveAJump":2.5,"lowBatteryPercent":91,"maxOfflineAfter":"36h","speedLimitMetersPerSecond":true,"minTripDuration":null}
            """;
        Assert.Equal(expected, await client.PutTextAsync(Policy, Body).ErrorsAsync());
        Assert.Equal(expected, await client.PutTextAsync($"/api/v1/vehicles/{vehicle}/settings", Body).ErrorsAsync());
        Assert.Equal(["body must be an object, was []"], await client.PutTextAsync(Policy, "[]").ErrorsAsync());
        await client.PutTextAsync(Policy, "{").ProblemAsync(400, "/problems/unreadable-request");
        Assert.Equal("{}", (await client.GetAsync(Policy).JsonAsync())["overridden"]!.ToJsonString());
    }

    [Fact]
    public async Task Settings_of_a_tenant_must_make_sense_for_its_vehicles_too()
    {
        var tenant = await api.NewTenantAsync();
        var vehicle = (await tenant.AddVehiclesAsync(1))[0];
        using var client = await tenant.ClientAsync(Roles.Admin);
        Assert.Equal(
            ["tripSilence must not be less than minStopDuration (1000), was 900"],
            await client.PutTextAsync($"/api/v1/vehicles/{vehicle}/settings", """{"minStopDuration":1000}""").ErrorsAsync());
        await client.PutTextAsync(Policy, """{"tripSilence":2000}""").ExpectAsync(200);
        await client.PutTextAsync($"/api/v1/vehicles/{vehicle}/settings", """{"minStopDuration":1000}""").ExpectAsync(200);
        string[] expected = [$"vehicles.{vehicle}.tripSilence must not be less than minStopDuration (1000), was 900"];
        Assert.Equal(expected, await client.PutTextAsync(Policy, "{}").ErrorsAsync());
        Assert.Equal(expected, await client.DeleteAsync(Policy).ErrorsAsync());
        Assert.Equal("2000 tenant", Setting(await client.GetAsync(Policy).JsonAsync(), "tripSilence"));
    }

    [Fact]
    public async Task Of_two_editors_of_settings_the_slower_is_told()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(Roles.Admin);
        var tag = await client.GetAsync(Policy).TagAsync();
        var newer = await client.PutTextAsync(Policy, """{"minStopDuration":60}""", tag).TagAsync();
        await client.PutTextAsync(Policy, """{"minStopDuration":70}""", tag).ProblemAsync(412, "/problems/changed-meanwhile");
        await client.SendJsonAsync(HttpMethod.Delete, Policy, null, tag).ProblemAsync(412, "/problems/changed-meanwhile");
        await client.SendJsonAsync(HttpMethod.Delete, Policy, null, newer).ExpectAsync(204);
    }

    [Fact]
    public async Task Only_those_who_may_change_settings_of_their_own_fleet()
    {
        var (mine, other) = (await api.NewTenantAsync(), await api.NewTenantAsync());
        var (vehicle, theirs) = ((await mine.AddVehiclesAsync(1))[0], (await other.AddVehiclesAsync(1))[0]);
        using var viewer = await mine.ClientAsync();
        using var dispatcher = await mine.ClientAsync(Roles.Dispatcher);
        await viewer.GetAsync(Policy).ExpectAsync(200);
        await viewer.PutTextAsync($"/api/v1/vehicles/{vehicle}/settings", "{}").ProblemAsync(403, "/problems/forbidden");
        await dispatcher.PutTextAsync(Policy, "{}").ProblemAsync(403, "/problems/forbidden");
        await dispatcher.PutTextAsync($"/api/v1/vehicles/{vehicle}/settings", "{}").ExpectAsync(200);
        foreach (var id in new[] { theirs, "nobody" })
        {
            await dispatcher.GetAsync($"/api/v1/vehicles/{id}/settings").ProblemAsync(404, "/problems/vehicle-not-found");
            await dispatcher.PutTextAsync($"/api/v1/vehicles/{id}/settings", "{}").ProblemAsync(404, "/problems/vehicle-not-found");
            await dispatcher.DeleteAsync($"/api/v1/vehicles/{id}/settings").ProblemAsync(404, "/problems/vehicle-not-found");
        }
    }
}
