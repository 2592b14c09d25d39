using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;

namespace FleetTracker.Vehicles.Tests;

[Collection("api")]
public sealed class ProfileTests(ApiFixture api)
{
    [Fact]
    public async Task A_profile_comes_back_as_it_was_put()
    {
        var tenant = await api.NewTenantAsync();
        var path = $"/api/v1/vehicles/{(await tenant.AddVehiclesAsync(1))[0]}/profile";
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        var empty = await client.GetAsync(path).JsonAsync();
        Assert.Equal("""{"plate":null,"vin":null,"kind":null,"icon":null,"fields":{},"updatedAt":null}""", empty.ToJsonString());

        var tag = await client.GetAsync(path).TagAsync();
        var put = await client.PutTextAsync(
            path, """{"plate":"ABC-123","vin":"WVWZZZ1JZXW000001","kind":"van","icon":"truck-2","fields":{"color":"red","Cost center":"42"}}""", tag).JsonAsync();
        Assert.Equal(put.ToJsonString(), (await client.GetAsync(path).JsonAsync()).ToJsonString());
        Assert.Equal("""{"Cost center":"42","color":"red"}""", put["fields"]!.ToJsonString());
        await client.PutTextAsync(path, "{}", tag).ProblemAsync(412, "/problems/changed-meanwhile");
        await client.PutTextAsync(path, put.ToJsonString()).ExpectAsync(200);
    }

    [Fact]
    public async Task Everything_wrong_with_a_profile_is_told()
    {
        var tenant = await api.NewTenantAsync();
        var path = $"/api/v1/vehicles/{(await tenant.AddVehiclesAsync(1))[0]}/profile";
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        Assert.Equal(
            [
                "color is not known here, was \"red\"",
                "fields.a must be text of at most 500 characters, was 1",
                "icon must be of a-z, 0-9 and -, was '../x'",
                "kind must be 1 to 40 characters long, was \"\"",
                "plate must be text, was 7",
                "vin must be 17 of A-Z and 0-9 without I, O and Q, was 'WVWZZZ1JZXW00000O'",
            ],
            await client.PutTextAsync(path, """{"plate":7,"vin":"WVWZZZ1JZXW00000O","kind":"","icon":"../x","fields":{"a":1},"color":"red"}""").ErrorsAsync());
        var many = string.Join(',', Enumerable.Range(0, 51).Select(i => $"\"f{i}\":\"x\""));
        Assert.Equal(["fields must be at most 50, has 51"], await client.PutTextAsync(path, $$$"""{"fields":{{{{many}}}}}""").ErrorsAsync());
    }

    [Fact]
    public async Task Profiles_are_for_vehicles_of_the_tenant()
    {
        var (mine, other) = (await api.NewTenantAsync(), await api.NewTenantAsync());
        var theirs = $"/api/v1/vehicles/{(await other.AddVehiclesAsync(1))[0]}/profile";
        using var client = await mine.ClientAsync(Roles.Dispatcher);
        await client.GetAsync(theirs).ProblemAsync(404, "/problems/vehicle-not-found");
        await client.PutTextAsync(theirs, "{}").ProblemAsync(404, "/problems/vehicle-not-found");
        using var viewer = await other.ClientAsync();
        await viewer.PutTextAsync(theirs, "{}").ProblemAsync(403, "/problems/forbidden");
    }
}
