using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Storage;

namespace FleetTracker.Identity.Tests;

[Collection("api")]
public sealed class UserTests(ApiFixture api)
{
    private const string Path = "/api/v1/users";
    private const string Chosen = "chosen-password";

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static Task<HttpResponseMessage> ChooseAsync(HttpClient client, string token, string password = Chosen) =>
        client.PostAsJsonAsync("/api/v1/auth/password", new { token, password });

    private static async Task<(string Id, string Name, string Token)> InviteAsync(HttpClient admin, TestTenant tenant, string role = "viewer")
    {
        var name = $"{tenant.Name}-{Guid.NewGuid():N}";
        var invited = await admin.PostTextAsync(Path, $$"""{"userName":"{{name}}","role":"{{role}}","displayName":" Anna B ","email":"anna@example.com"}""").JsonAsync(201);
        return (Text(invited["user"]!, "id"), name, Text(invited["link"]!, "token"));
    }

    private async Task<string> SignInAsync(string name, string password = Chosen) => Text(await api.Host.LoginAsync(name, password), "accessToken");

    [Fact]
    public async Task Somebody_who_is_invited_chooses_a_password_once_and_signs_in()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        using var anybody = api.Host.Client();
        var (id, name, token) = await InviteAsync(admin, tenant, "dispatcher");
        var invited = await admin.GetAsync($"{Path}/{id}").JsonAsync();
        Assert.Equal(("invited", "Anna B", "anna@example.com", "dispatcher"), (Text(invited, "status"), Text(invited, "displayName"), Text(invited, "email"), Text(invited, "role")));
        await anybody.PostAsJsonAsync("/api/v1/auth/login", new { userName = name, password = "" }).ProblemAsync(422, "/problems/invalid-parameters");
        await anybody.PostAsJsonAsync("/api/v1/auth/login", new { userName = name, password = "x" }).ProblemAsync(401, "/problems/bad-credentials");

        await ChooseAsync(anybody, token, "short").ProblemAsync(422, "/problems/invalid-parameters");
        await NoContentAsync(ChooseAsync(anybody, token));
        await ChooseAsync(anybody, token, "another-password").ProblemAsync(410, "/problems/link-expired");
        using var user = api.Host.Client(await SignInAsync(name));
        var account = await user.GetAsync("/api/v1/account").JsonAsync();
        Assert.Equal((id, "active"), (Text(account, "id"), Text(account, "status")));
        Assert.NotNull(account["signedInAt"]);
    }

    [Fact]
    public async Task A_link_expires_and_a_newer_one_takes_its_place()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin, api.Moved);
        using var anybody = api.Moved.Client();
        var (id, name, first) = await InviteAsync(admin, tenant);
        var second = Text(await admin.PostAsync($"{Path}/{id}/password-link", null).JsonAsync(), "token");
        await ChooseAsync(anybody, first).ProblemAsync(410, "/problems/link-expired");
        await NoContentAsync(ChooseAsync(anybody, second));
        var third = Text(await admin.PostAsync($"{Path}/{id}/password-link", null).JsonAsync(), "token");
        api.Time.Advance(TimeSpan.FromDays(3));
        await ChooseAsync(anybody, third).ProblemAsync(410, "/problems/link-expired");
        foreach (var wrong in new[] { "", "x", new string('x', 5_000), third + "x" }) Assert.True((int)(await ChooseAsync(anybody, wrong)).StatusCode is 410 or 422);
        await SignInAsync(name);
    }

    /// <summary>On the host where it happens at once, on another within a poll: tokens that still hold are refused.</summary>
    [Theory]
    [InlineData("disable")]
    [InlineData("role")]
    [InlineData("delete")]
    [InlineData("sign-out")]
    [InlineData("password-link")]
    public async Task What_is_taken_from_a_user_ends_the_users_sessions_everywhere(string what)
    {
        var tenant = await api.NewTenantAsync();
        // Hosts that read their keys now: other tests make the store's keys old.
        await using var first = await api.StartAsync(TimeProvider.System);
        await using var second = await api.StartAsync(TimeProvider.System, ("Auth:SessionPoll", "00:00:00.1"));
        using var admin = await tenant.ClientAsync(Roles.Admin, first);
        using var anybody = first.Client();
        var (id, name, token) = await InviteAsync(admin, tenant, "dispatcher");
        await NoContentAsync(ChooseAsync(anybody, token));
        var tokens = await first.LoginAsync(name, Chosen);
        using var user = first.Client(Text(tokens, "accessToken"));
        using var elsewhere = second.Client(Text(tokens, "accessToken"));
        await user.GetAsync("/api/v1/groups").JsonAsync();
        await elsewhere.GetAsync("/api/v1/groups").JsonAsync();

        await (what switch
        {
            "disable" => OkAsync(admin.PutTextAsync($"{Path}/{id}", """{"role":"dispatcher","disabled":true}""")),
            "role" => OkAsync(admin.PutTextAsync($"{Path}/{id}", """{"role":"viewer"}""")),
            "delete" => NoContentAsync(admin.DeleteAsync($"{Path}/{id}")),
            "sign-out" => NoContentAsync(admin.PostAsync($"{Path}/{id}/sign-out", null)),
            _ => NoContentAsync(ChooseAsync(anybody, Text(await admin.PostAsync($"{Path}/{id}/password-link", null).JsonAsync(), "token"), "another-password")),
        });
        await user.GetAsync("/api/v1/groups").ProblemAsync(401, "/problems/unauthenticated");
        await anybody.PostAsJsonAsync("/api/v1/auth/refresh", new { refreshToken = Text(tokens, "refreshToken") }).ProblemAsync(401, "/problems/session-ended");
        var patience = TimeProvider.System.GetTimestamp();
        while ((int)(await elsewhere.GetAsync("/api/v1/groups")).StatusCode != 401)
            Assert.True(TimeProvider.System.GetElapsedTime(patience) < TimeSpan.FromSeconds(20), "another host still takes the token");

        var again = await anybody.PostAsJsonAsync("/api/v1/auth/login", new { userName = name, password = Chosen });
        Assert.Equal(what is "role" or "sign-out" ? 200 : 401, (int)again.StatusCode);
    }

    [Fact]
    public async Task A_deleted_user_is_gone_and_the_name_free()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var (id, name, token) = await InviteAsync(admin, tenant);
        await NoContentAsync(admin.DeleteAsync($"{Path}/{id}"));
        await admin.GetAsync($"{Path}/{id}").ProblemAsync(404, "/problems/user-not-found");
        await admin.DeleteAsync($"{Path}/{id}").ProblemAsync(404, "/problems/user-not-found");
        await ChooseAsync(admin, token).ProblemAsync(410, "/problems/link-expired");
        Assert.DoesNotContain((await admin.GetAsync(Path).JsonAsync())["items"]!.AsArray(), user => Text(user!, "id") == id);
        await admin.PostTextAsync(Path, $$"""{"userName":"{{name.ToUpperInvariant()}}","role":"viewer"}""").JsonAsync(201);
        await admin.PostTextAsync(Path, $$"""{"userName":"{{name}}","role":"viewer"}""").ProblemAsync(409, "/problems/user-name-taken");
    }

    [Fact]
    public async Task Users_are_listed_by_name_in_pages()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var names = new List<string>();
        string? cursor = null;
        do
        {
            var page = await admin.GetAsync($"{Path}?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}").JsonAsync();
            names.AddRange(page["items"]!.AsArray().Select(user => Text(user!, "userName")));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        Assert.Equal(Roles.All.Select(role => $"{tenant.Name}-{role}").Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Only_owners_make_change_and_remove_owners()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        using var owner = await tenant.ClientAsync(Roles.Owner);
        var id = Text((await admin.GetAsync(Path).JsonAsync())["items"]!.AsArray().Single(user => Text(user!, "role") == "owner")!, "id");
        await admin.PostTextAsync(Path, $$"""{"userName":"{{tenant.Name}}-o2","role":"owner"}""").ProblemAsync(403, "/problems/owners-alone");
        await admin.PutTextAsync($"{Path}/{id}", """{"role":"viewer"}""").ProblemAsync(403, "/problems/owners-alone");
        await admin.DeleteAsync($"{Path}/{id}").ProblemAsync(403, "/problems/owners-alone");
        await admin.PostAsync($"{Path}/{id}/password-link", null).ProblemAsync(403, "/problems/owners-alone");
        await admin.PostAsync($"{Path}/{id}/sign-out", null).ProblemAsync(403, "/problems/owners-alone");
        var (other, _, _) = await InviteAsync(owner, tenant, "owner");
        await NoContentAsync(owner.DeleteAsync($"{Path}/{other}"));
    }

    [Fact]
    public async Task Nobody_takes_his_own_role_or_access_away()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var id = Text(await admin.GetAsync("/api/v1/account").JsonAsync(), "id");
        await admin.PutTextAsync($"{Path}/{id}", """{"role":"viewer"}""").ProblemAsync(409, "/problems/own-account");
        await admin.PutTextAsync($"{Path}/{id}", """{"role":"admin","disabled":true}""").ProblemAsync(409, "/problems/own-account");
        await admin.DeleteAsync($"{Path}/{id}").ProblemAsync(409, "/problems/own-account");
        Assert.Equal("Me", Text(await admin.PutTextAsync($"{Path}/{id}", """{"role":"admin","displayName":"Me"}""").JsonAsync(), "displayName"));
    }

    [Theory]
    [InlineData("""{}""", "userName,role")]
    [InlineData("""{"userName":"a b","role":"viewer"}""", "userName")]
    [InlineData("""{"userName":7,"role":"boss"}""", "userName,role")]
    [InlineData("""{"userName":"a","role":"viewer","email":"nobody"}""", "email")]
    [InlineData("""{"userName":"a","role":"viewer","email":"a@b@c","displayName":"\u0007"}""", "email,displayName")]
    [InlineData("""{"userName":"a","role":"viewer","password":"x"}""", "password")]
    [InlineData("""[]""", "body")]
    public async Task A_wrong_user_is_told_field_by_field(string body, string fields)
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var problem = await admin.PostTextAsync(Path, body).ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(fields.Split(',').Order(StringComparer.Ordinal), problem["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_two_editors_of_a_user_the_slower_is_told()
    {
        var tenant = await api.NewTenantAsync();
        using var admin = await tenant.ClientAsync(Roles.Admin);
        var (id, _, _) = await InviteAsync(admin, tenant);
        var tag = await admin.GetAsync($"{Path}/{id}").TagAsync();
        var newer = await admin.PutTextAsync($"{Path}/{id}", """{"role":"viewer","displayName":"First"}""", tag).TagAsync();
        await admin.PutTextAsync($"{Path}/{id}", """{"role":"viewer","displayName":"Second"}""", tag).ProblemAsync(412, "/problems/changed-meanwhile");
        await admin.PutTextAsync($"{Path}/{id}", """{"role":"viewer"}""", newer).JsonAsync();
        Assert.Null((await admin.GetAsync($"{Path}/{id}").JsonAsync())["displayName"]);
    }

    [Fact]
    public async Task A_user_sees_and_ends_sessions_and_changes_the_password()
    {
        var tenant = await api.NewTenantAsync();
        var name = $"{tenant.Name}-viewer";
        using var mine = api.Host.Client(await SignInAsync(name, TestTenant.Password));
        using var other = api.Host.Client(await SignInAsync(name, TestTenant.Password));
        using var third = api.Host.Client(await SignInAsync(name, TestTenant.Password));
        var sessions = (await mine.GetAsync("/api/v1/account/sessions").JsonAsync())["items"]!.AsArray();
        Assert.Equal(3, sessions.Count);
        Assert.Single(sessions, session => session!["isThis"]!.GetValue<bool>());
        Assert.All(sessions, session => Assert.Equal("127.0.0.1", Text(session!, "address")));

        var others = (await other.GetAsync("/api/v1/account/sessions").JsonAsync())["items"]!.AsArray().Single(session => session!["isThis"]!.GetValue<bool>())!;
        await NoContentAsync(mine.DeleteAsync($"/api/v1/account/sessions/{Text(others, "id")}"));
        await mine.DeleteAsync($"/api/v1/account/sessions/{Text(others, "id")}").ProblemAsync(404, "/problems/session-not-found");
        await other.GetAsync("/api/v1/account").ProblemAsync(401, "/problems/unauthenticated");

        await mine.PostAsJsonAsync("/api/v1/account/password", new { currentPassword = "wrong-one", newPassword = Chosen }).ProblemAsync(403, "/problems/wrong-password");
        await third.GetAsync("/api/v1/account").JsonAsync();
        await NoContentAsync(mine.PostAsJsonAsync("/api/v1/account/password", new { currentPassword = TestTenant.Password, newPassword = Chosen }));
        await third.GetAsync("/api/v1/account").ProblemAsync(401, "/problems/unauthenticated");
        await mine.GetAsync("/api/v1/account").JsonAsync();
        using var again = api.Host.Client(await SignInAsync(name));
        await NoContentAsync(again.PostAsync("/api/v1/account/sign-out-everywhere", null));
        foreach (var client in new[] { mine, again }) await client.GetAsync("/api/v1/account").ProblemAsync(401, "/problems/unauthenticated");
    }

    /// <summary>A sign-in that checked the old password opens no session behind the new one.</summary>
    [Fact]
    public async Task A_session_is_not_opened_with_a_password_that_has_just_changed()
    {
        var tenant = await api.NewTenantAsync();
        var user = (await api.Identity.FindUserAsync($"{tenant.Name}-viewer", CancellationToken.None))!;
        var session = new StoredSession { Id = Guid.NewGuid().ToString("N"), UserId = user.Id, RefreshHash = [1], CreatedAt = api.Time.GetUtcNow(), ExpiresAt = api.Time.GetUtcNow().AddDays(1) };
        Assert.False(await api.Identity.AddSessionAsync(session, "an older hash", CancellationToken.None));
        Assert.Null(await api.Identity.FindSessionAsync(session.Id, CancellationToken.None));
    }

    private static async Task NoContentAsync(Task<HttpResponseMessage> sent)
    {
        using var response = await sent;
        Assert.True((int)response.StatusCode == 204, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }

    private static async Task OkAsync(Task<HttpResponseMessage> sent) => await sent.JsonAsync();
}
