using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Problems;
using FleetTracker.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FleetTracker.Identity.Tests;

[Collection("api")]
public sealed class TokenTests(ApiFixture api)
{
    private const string Path = "/api/v1/tokens";

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static async Task<(string Id, string Secret)> MakeAsync(HttpClient client, string permissions = """["read"]""", string more = "")
    {
        var made = await client.PostTextAsync(Path, $$"""{"name":"report","permissions":{{permissions}}{{more}}}""").JsonAsync(201);
        return (Text(made["token"]!, "id"), Text(made, "secret"));
    }

    [Fact]
    public async Task A_token_opens_what_it_was_given_and_is_shown_once()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var (id, secret) = await MakeAsync(admin, """["read","install","read"]""");
        Assert.StartsWith("ft_" + id + "_", secret, StringComparison.Ordinal);
        var listed = await admin.GetAsync(Path).JsonAsync();
        Assert.DoesNotContain(secret[^43..], listed.ToJsonString(), StringComparison.Ordinal);
        var token = Assert.Single(listed["items"]!.AsArray())!;
        Assert.Equal(("report", """["read","install"]""", $"{tenant.Name}-admin"), (Text(token, "name"), token["permissions"]!.ToJsonString(), Text(token, "userName")));
        Assert.Equal(90, (token["expiresAt"]!.GetValue<DateTimeOffset>() - token["createdAt"]!.GetValue<DateTimeOffset>()).TotalDays);

        using var program = api.Host.Client(secret);
        await program.GetAsync("/api/v1/vehicles").JsonAsync();
        await program.GetAsync("/api/v1/devices/gateways").JsonAsync();
        foreach (var path in new[] { "/api/v1/users", "/api/v1/account", Path }) await program.GetAsync(path).ProblemAsync(403, "/problems/forbidden");
        await program.PostTextAsync("/api/v1/geofences", "{}").ProblemAsync(403, "/problems/forbidden");
        var stored = await api.Host.Services.GetRequiredService<IApiTokenStore>().FindAsync(id, api.Time.GetUtcNow(), CancellationToken.None);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret[^43..])), stored!.Token.Hash.AsEnumerable());
    }

    [Theory]
    [InlineData("viewer", "dispatch")]
    [InlineData("installer", "administer")]
    [InlineData("dispatcher", "install")]
    public async Task Nobody_gives_a_token_more_than_he_may(string role, string permission)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(role);
        var problem = await client.PostTextAsync(Path, $$"""{"name":"x","permissions":["{{permission}}"]}""").ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Contains(permission, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_loses_what_its_user_loses_and_dies_with_the_users_access()
    {
        var tenant = await api.NewTenantAsync();
        await using var host = await api.StartAsync(TimeProvider.System, ("Auth:ApiTokenFreshness", "00:00:00"));
        using var admin = await tenant.ClientAsync(Roles.Admin, host);
        using var dispatcher = await tenant.ClientAsync(Roles.Dispatcher, host);
        var (_, secret) = await MakeAsync(dispatcher, """["read","dispatch"]""");
        using var program = host.Client(secret);
        await program.PostTextAsync("/api/v1/geofences", "{}").ProblemAsync(422, "/problems/invalid-parameters");
        var user = Text((await admin.GetAsync("/api/v1/users").JsonAsync())["items"]!.AsArray().Single(user => Text(user!, "role") == "dispatcher")!, "id");
        await admin.PutTextAsync($"/api/v1/users/{user}", """{"role":"viewer"}""").JsonAsync();
        await program.PostTextAsync("/api/v1/geofences", "{}").ProblemAsync(403, "/problems/forbidden");
        await program.GetAsync("/api/v1/vehicles").JsonAsync();

        await admin.PutTextAsync($"/api/v1/users/{user}", """{"role":"viewer","disabled":true}""").JsonAsync();
        await program.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
        await admin.PutTextAsync($"/api/v1/users/{user}", """{"role":"viewer"}""").JsonAsync();
        await program.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
    }

    [Fact]
    public async Task A_revoked_token_is_refused_at_once_and_on_other_hosts_within_a_poll()
    {
        var tenant = await api.NewTenantAsync();
        await using var second = await api.StartAsync(TimeProvider.System, ("Auth:SessionPoll", "00:00:00.1"), ("Auth:ApiTokenFreshness", "00:10:00"));
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var (id, secret) = await MakeAsync(admin);
        using var here = api.Host.Client(secret);
        using var there = second.Client(secret);
        await here.GetAsync("/api/v1/vehicles").JsonAsync();
        await there.GetAsync("/api/v1/vehicles").JsonAsync();
        Assert.Equal(204, (int)(await admin.DeleteAsync($"{Path}/{id}")).StatusCode);
        await admin.DeleteAsync($"{Path}/{id}").ProblemAsync(404, "/problems/token-not-found");
        await here.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
        var begun = TimeProvider.System.GetTimestamp();
        while ((int)(await there.GetAsync("/api/v1/vehicles")).StatusCode != 401)
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(20), "another host still takes the token");
        Assert.Empty((await admin.GetAsync(Path).JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task A_token_expires()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Viewer, api.Moved);
        var expiresAt = Rfc3339.Write(api.Time.GetUtcNow().AddMinutes(5));
        var (_, secret) = await MakeAsync(admin, more: $$""","expiresAt":"{{expiresAt}}" """);
        using var program = api.Moved.Client(secret);
        await program.GetAsync("/api/v1/vehicles").JsonAsync();
        api.Time.Advance(TimeSpan.FromMinutes(5));
        await program.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
    }

    [Fact]
    public async Task Users_see_and_revoke_their_own_and_administrators_all_of_the_tenant()
    {
        var tenant = await api.NewTenantAsync();
        using var viewer = await tenant.ClientAsync(Roles.Viewer);
        using var installer = await tenant.ClientAsync(Roles.Installer);
        using var admin = await tenant.ClientAsync(Roles.Admin);
        using var stranger = await (await api.NewTenantAsync()).ClientAsync(Roles.Admin);
        var (id, _) = await MakeAsync(viewer);
        Assert.Empty((await installer.GetAsync(Path).JsonAsync())["items"]!.AsArray());
        foreach (var other in new[] { installer, stranger }) await other.DeleteAsync($"{Path}/{id}").ProblemAsync(404, "/problems/token-not-found");
        Assert.Single((await admin.GetAsync(Path).JsonAsync())["items"]!.AsArray());
        Assert.Equal(204, (int)(await admin.DeleteAsync($"{Path}/{id}")).StatusCode);
    }

    [Fact]
    public async Task The_newest_use_is_told_to_the_minute()
    {
        var tenant = await api.NewTenantAsync();
        using var viewer = await tenant.ClientAsync();
        var (id, secret) = await MakeAsync(viewer);
        using var program = api.Host.Client(secret);
        await program.GetAsync("/api/v1/vehicles").JsonAsync();
        var begun = TimeProvider.System.GetTimestamp();
        JsonNode? used;
        do used = (await viewer.GetAsync(Path).JsonAsync())["items"]!.AsArray().Single(token => Text(token!, "id") == id)!["usedAt"];
        while (used is null && TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(20));
        Assert.InRange(used!.GetValue<DateTimeOffset>(), TimeProvider.System.GetUtcNow().AddMinutes(-2), TimeProvider.System.GetUtcNow());
    }

    [Theory]
    [InlineData("""{}""", "name,permissions")]
    [InlineData("""{"name":"x","permissions":[]}""", "permissions")]
    [InlineData("""{"name":"x","permissions":["all",7]}""", "permissions[0],permissions[1]")]
    [InlineData("""{"name":"x","permissions":["account"]}""", "permissions[0]")]
    [InlineData("""{"name":"x","permissions":["read"],"expiresAt":"tomorrow"}""", "expiresAt")]
    [InlineData("""{"name":"x","permissions":["read"],"expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"x","permissions":["read"],"expiresAt":"2999-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"name":"x","permissions":["read"],"scope":1}""", "scope")]
    public async Task A_wrong_token_is_told_field_by_field(string body, string fields)
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var problem = await admin.PostTextAsync(Path, body).ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(fields.Split(','), problem["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task There_are_as_many_tokens_as_the_option_says()
    {
        var tenant = await api.NewTenantAsync();
        await using var host = await api.StartAsync(TimeProvider.System, ("Auth:MaxApiTokensPerUser", "2"));
        using var viewer = await tenant.ClientAsync(Roles.Viewer, host);
        for (var i = 0; i < 2; i++) await MakeAsync(viewer);
        await viewer.PostTextAsync(Path, """{"name":"x","permissions":["read"]}""").ProblemAsync(409, "/problems/too-many-tokens");
    }

    [Theory]
    [InlineData("ft_")]
    [InlineData("ft_AAAAAAAAAAAAAAAAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ft_AAAAAAAAAAAAAAAAAAAAAA_")]
    public async Task What_looks_like_a_token_is_none(string token)
    {
        using var client = api.Host.Client(token);
        using var answer = await client.GetAsync("/api/v1/vehicles");
        Assert.Equal((401, "Bearer"), ((int)answer.StatusCode, answer.Headers.WwwAuthenticate.ToString()));
    }

    [Fact]
    public async Task A_tokens_id_with_another_secret_is_refused_and_logging_out_with_one_ends_nothing()
    {
        var tenant = await api.NewTenantAsync();
        using var viewer = await tenant.ClientAsync();
        var (_, secret) = await MakeAsync(viewer);
        using var wrong = api.Host.Client(secret[..^1] + (secret[^1] == 'A' ? 'E' : 'A'));
        await wrong.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
        using var program = api.Host.Client(secret);
        Assert.Equal(204, (int)(await program.PostAsync("/api/v1/auth/logout", null)).StatusCode);
        await program.GetAsync("/api/v1/vehicles").JsonAsync();
    }

    [Fact]
    public async Task Who_makes_tokens_up_is_not_looked_up_for_ever()
    {
        var tenant = await api.NewTenantAsync();
        await using var host = await api.StartAsync(TimeProvider.System, ("Auth:AttemptBurst", "12"), ("Auth:AttemptsPerMinute", "1"));
        using var viewer = await tenant.ClientAsync(Roles.Viewer, host);
        var (_, known) = await MakeAsync(viewer);
        var (_, unknown) = await MakeAsync(viewer);
        using var program = host.Client(known);
        await program.GetAsync("/api/v1/vehicles").JsonAsync();
        for (var i = 0; i < 12; i++)
        {
            using var guess = host.Client(ApiTokens.New().Token);
            await guess.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
        }

        await program.GetAsync("/api/v1/vehicles").JsonAsync();
        using var late = host.Client(unknown);
        await late.GetAsync("/api/v1/vehicles").ProblemAsync(401, "/problems/unauthenticated");
    }
}
