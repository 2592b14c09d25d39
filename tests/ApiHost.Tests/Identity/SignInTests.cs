using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FleetTracker.Identity.Tests;

[Collection("api")]
public sealed class SignInTests(ApiFixture api)
{
    private static Task<HttpResponseMessage> LoginAsync(HttpClient client, string userName, string password) =>
        client.PostAsJsonAsync("/api/v1/auth/login", new { userName, password });

    private static Task<HttpResponseMessage> RefreshAsync(HttpClient client, string refreshToken) =>
        client.PostAsJsonAsync("/api/v1/auth/refresh", new { refreshToken });

    private static string Refresh(JsonNode tokens) => tokens["refreshToken"]!.GetValue<string>();

    [Fact]
    public async Task A_right_password_gives_tokens_that_open_the_api()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        var tokens = await LoginAsync(client, $"  {tenant.Name.ToUpperInvariant()}-VIEWER ", TestTenant.Password).JsonAsync();
        Assert.Equal(900, tokens["expiresIn"]!.GetValue<int>());
        using var authorized = api.Host.Client(tokens["accessToken"]!.GetValue<string>());
        Assert.Empty((await authorized.GetAsync("/api/v1/groups").JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task The_token_is_ES256_verifies_with_the_published_keys_and_carries_the_claims()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        var token = await tenant.TokenAsync(Roles.Admin);
        var keys = new JsonWebKeySet(await client.GetStringAsync("/.well-known/jwks.json"));
        Assert.DoesNotContain("\"d\"", await client.GetStringAsync("/.well-known/jwks.json"), StringComparison.Ordinal);
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.GetSigningKeys(), ValidIssuer = "fleettracker", ValidAudience = "fleettracker",
        });
        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal("ES256", ((JsonWebToken)result.SecurityToken).Alg);
        Assert.Equal((tenant.Name, "admin", $"{tenant.Name}-admin"), (result.Claims["tenant"], result.Claims["role"], result.Claims["name"]));
        Assert.True(result.Claims.ContainsKey("sub") && result.Claims.ContainsKey("sid"));
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_user_look_the_same()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        foreach (var userName in new[] { $"{tenant.Name}-viewer", $"{tenant.Name}-nobody" })
        {
            for (var i = 0; i < 5; i++) await LoginAsync(client, userName, "wrong-password").ProblemAsync(401, "/problems/bad-credentials");
            await LoginAsync(client, userName, TestTenant.Password).ProblemAsync(429, "/problems/too-many-attempts");
        }
    }

    [Fact]
    public async Task A_lock_ends_grows_and_is_lifted_by_a_right_password()
    {
        var tenant = await api.NewTenantAsync();
        var userName = $"{tenant.Name}-viewer";
        using var client = api.Host.Client();
        for (var i = 0; i < 5; i++) await LoginAsync(client, userName, "wrong-password").ProblemAsync(401, "/problems/bad-credentials");
        using (var locked = await LoginAsync(client, userName, TestTenant.Password)) Assert.Equal(30, locked.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        api.Time.Advance(TimeSpan.FromSeconds(30));
        await LoginAsync(client, userName, "wrong-password").ProblemAsync(401, "/problems/bad-credentials");
        using (var locked = await LoginAsync(client, userName, TestTenant.Password)) Assert.Equal(60, locked.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        api.Time.Advance(TimeSpan.FromSeconds(60));
        await LoginAsync(client, userName, TestTenant.Password).JsonAsync();
        await LoginAsync(client, userName, "wrong-password").ProblemAsync(401, "/problems/bad-credentials");
        await LoginAsync(client, userName, TestTenant.Password).JsonAsync();
    }

    [Fact]
    public async Task A_refresh_rotates_and_the_token_before_it_ends_the_session()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        var first = Refresh(await api.Host.LoginAsync($"{tenant.Name}-viewer"));
        var second = Refresh(await RefreshAsync(client, first).JsonAsync());
        var third = Refresh(await RefreshAsync(client, second).JsonAsync());
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
        await RefreshAsync(client, first).ProblemAsync(401, "/problems/session-ended");
        await RefreshAsync(client, third).ProblemAsync(401, "/problems/session-ended");
    }

    [Fact]
    public async Task Only_hashes_of_refresh_tokens_are_stored()
    {
        var tenant = await api.NewTenantAsync();
        var token = Refresh(await api.Host.LoginAsync($"{tenant.Name}-viewer"));
        var session = await api.Identity.FindSessionAsync(token[..token.IndexOf('.', StringComparison.Ordinal)], CancellationToken.None);
        Assert.Equal([.. Sha256(token[..token.LastIndexOf('.')]), .. Sha256(token)], session!.RefreshHash);

        static byte[] Sha256(string text) => System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task The_id_of_a_session_is_not_enough_to_end_it()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        var granted = await api.Host.LoginAsync($"{tenant.Name}-viewer");
        var genuine = Refresh(granted);
        var id = genuine[..genuine.IndexOf('.', StringComparison.Ordinal)];
        foreach (var made in new[] { $"{id}.", $"{id}.x", $"{id}.x.y", $"{id}.{genuine[(genuine.LastIndexOf('.') + 1)..]}" })
        {
            await RefreshAsync(client, made).ProblemAsync(401, "/problems/session-ended");
            using var out1 = await client.PostAsJsonAsync("/api/v1/auth/logout", new { refreshToken = made });
            Assert.Equal(204, (int)out1.StatusCode);
        }

        var next = await RefreshAsync(client, genuine).JsonAsync();
        Assert.NotEqual(genuine, Refresh(next));

        // A token that was rotated away proves that it once was known: it ends the session by logout as by refresh.
        using var out2 = await client.PostAsJsonAsync("/api/v1/auth/logout", new { refreshToken = genuine });
        await RefreshAsync(client, Refresh(next)).ProblemAsync(401, "/problems/session-ended");
    }

    [Fact]
    public async Task Logout_ends_the_session_by_refresh_token_or_by_bearer()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        var a = await api.Host.LoginAsync($"{tenant.Name}-viewer");
        var b = await api.Host.LoginAsync($"{tenant.Name}-viewer");
        using (var out1 = await client.PostAsJsonAsync("/api/v1/auth/logout", new { refreshToken = Refresh(a) })) Assert.Equal(204, (int)out1.StatusCode);
        using var bearer = api.Host.Client(b["accessToken"]!.GetValue<string>());
        using (var out2 = await bearer.PostAsync("/api/v1/auth/logout", null)) Assert.Equal(204, (int)out2.StatusCode);
        using (var out3 = await client.PostAsync("/api/v1/auth/logout", null)) Assert.Equal(204, (int)out3.StatusCode);
        await RefreshAsync(client, Refresh(a)).ProblemAsync(401, "/problems/session-ended");
        await RefreshAsync(client, Refresh(b)).ProblemAsync(401, "/problems/session-ended");
    }

    [Fact]
    public async Task An_access_token_holds_its_minutes_and_no_longer()
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync(host: api.Moved);
        await client.GetAsync("/api/v1/groups").JsonAsync();
        api.Time.Advance(TimeSpan.FromMinutes(14.9));
        await client.GetAsync("/api/v1/groups").JsonAsync();
        api.Time.Advance(TimeSpan.FromMinutes(0.2));
        await client.GetAsync("/api/v1/groups").ProblemAsync(401, "/problems/unauthenticated");
    }

    [Fact]
    public async Task A_session_that_is_not_used_expires()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        var token = Refresh(await api.Host.LoginAsync($"{tenant.Name}-viewer"));
        api.Time.Advance(TimeSpan.FromDays(15));
        await RefreshAsync(client, token).ProblemAsync(401, "/problems/session-ended");
    }

    [Fact]
    public async Task Tokens_that_are_not_ours_are_refused()
    {
        var tenant = await api.NewTenantAsync();
        var token = await tenant.TokenAsync(Roles.Viewer);
        var parts = token.Split('.');
        using var foreign = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var claims = new JsonWebToken(token);
        string Forge(string keyId) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "fleettracker", Audience = "fleettracker", Expires = claims.ValidTo, Claims = new Dictionary<string, object> { ["tenant"] = tenant.Name, ["role"] = "owner", ["sub"] = "x" },
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(foreign) { KeyId = keyId }, SecurityAlgorithms.EcdsaSha256),
        });
        foreach (var bad in new[] { "x", "a.b.c", $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA", $"eyJhbGciOiJub25lIn0.{parts[1]}.", Forge("unknown"), Forge(claims.Kid) })
        {
            using var client = api.Host.Client(bad);
            await client.GetAsync("/api/v1/groups").ProblemAsync(401, "/problems/unauthenticated");
        }
    }

    [Fact]
    public async Task The_query_carries_a_token_only_to_the_hub()
    {
        var tenant = await api.NewTenantAsync();
        var token = await tenant.TokenAsync(Roles.Viewer);
        using var client = api.Host.Client();
        await client.GetAsync($"/api/v1/groups?access_token={token}").ProblemAsync(401, "/problems/unauthenticated");
        using var negotiated = await client.PostAsync($"/hubs/live/negotiate?negotiateVersion=1&access_token={token}", null);
        Assert.Equal(200, (int)negotiated.StatusCode);
    }

    [Fact]
    public async Task Missing_fields_are_reported_together()
    {
        using var client = api.Host.Client();
        var problem = await client.PostAsJsonAsync("/api/v1/auth/login", new { }).ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(["password", "userName"], problem["errors"]!.AsObject().Select(e => e.Key).Order());
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_is_unreadable()
    {
        using var client = api.Host.Client();
        await client.PostAsync("/api/v1/auth/login", new StringContent("{", MediaTypeHeaderValue.Parse("application/json"))).ProblemAsync(400, "/problems/unreadable-request");
        await client.PostAsync("/api/v1/auth/logout", new StringContent("{", MediaTypeHeaderValue.Parse("application/json"))).ProblemAsync(400, "/problems/unreadable-request");
        await client.PostAsync("/api/v1/auth/login", new StringContent("x=1")).ProblemAsync(415, "/problems/unsupported-media-type");
    }

    [Fact]
    public async Task A_flood_from_one_address_is_slowed()
    {
        await using var host = await api.StartAsync(TimeProvider.System, ("Auth:AttemptBurst", "3"), ("Auth:AttemptsPerMinute", "1"));
        using var client = host.Client();
        for (var i = 0; i < 3; i++) await RefreshAsync(client, "x.y").ProblemAsync(401, "/problems/session-ended");
        await RefreshAsync(client, "x.y").ProblemAsync(429, "/problems/too-many-requests");
    }

    [Fact]
    public async Task A_store_that_is_away_is_503_and_no_refusal()
    {
        var tenant = await api.NewTenantAsync();
        using var client = api.Host.Client();
        Outage.Failure = new Microsoft.Data.Sqlite.SqliteException("disk I/O error", 10);
        try
        {
            await LoginAsync(client, $"{tenant.Name}-viewer", TestTenant.Password).ProblemAsync(503, "/problems/unavailable");
        }
        finally
        {
            Outage.Failure = null;
        }

        await LoginAsync(client, $"{tenant.Name}-viewer", TestTenant.Password).JsonAsync();
    }

    [Fact]
    public async Task The_first_start_creates_and_the_second_leaves_alone()
    {
        var bootstrap = api.Host.Services.GetRequiredService<AdminBootstrap>();
        var first = await bootstrap.EnsureAsync(new BootstrapRequest(), CancellationToken.None);
        Assert.True(first is { TenantCreated: true, AdminCreated: true, EnrollmentKeyCreated: true });
        var tokens = await api.Host.LoginAsync(AdminBootstrap.UserName, first.GeneratedPassword!);

        var second = await bootstrap.EnsureAsync(new BootstrapRequest { AdminPassword = "another-password" }, CancellationToken.None);
        Assert.True(second is { TenantCreated: false, AdminCreated: false, EnrollmentKeyCreated: false, GeneratedPassword: null, GeneratedEnrollmentKey: null });
        var given = await bootstrap.EnsureAsync(new BootstrapRequest { EnrollmentKey = "given-enrollment-key" }, CancellationToken.None);
        Assert.True(given is { EnrollmentKeyCreated: true, GeneratedEnrollmentKey: null });
        Assert.False((await bootstrap.EnsureAsync(new BootstrapRequest { EnrollmentKey = "given-enrollment-key" }, CancellationToken.None)).EnrollmentKeyCreated);

        var reset = await bootstrap.ResetPasswordAsync(null, CancellationToken.None);
        using var client = api.Host.Client();
        await RefreshAsync(client, Refresh(tokens)).ProblemAsync(401, "/problems/session-ended");
        await LoginAsync(client, AdminBootstrap.UserName, first.GeneratedPassword!).ProblemAsync(401, "/problems/bad-credentials");
        await LoginAsync(client, AdminBootstrap.UserName, reset).JsonAsync();
    }

    [Fact]
    public async Task Hosts_that_make_the_first_key_at_once_agree_on_one()
    {
        await api.Identity.DeleteSigningKeysAsync(DateTimeOffset.MaxValue, CancellationToken.None);
        var time = new FakeTimeProvider(api.Time.GetUtcNow());
        using var keysA = new SigningKeys(api.Identity, Options.Create(new AuthOptions()), time, NullLogger<SigningKeys>.Instance);
        using var keysB = new SigningKeys(api.Identity, Options.Create(new AuthOptions()), time, NullLogger<SigningKeys>.Instance);
        var first = await Task.WhenAll(
            Task.Run(async () => (await keysA.GetSigningKeyAsync(CancellationToken.None)).KeyId),
            Task.Run(async () => (await keysB.GetSigningKeyAsync(CancellationToken.None)).KeyId));

        // Either verifies what the other signs, and once both have read again they sign with one.
        await keysA.EnsureReadAsync(first[1], CancellationToken.None);
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((await keysA.GetSigningKeyAsync(CancellationToken.None)).KeyId, (await keysB.GetSigningKeyAsync(CancellationToken.None)).KeyId);
        Assert.True(keysA.Known.ById.ContainsKey(first[0]) && keysA.Known.ById.ContainsKey(first[1]) && keysB.Known.ById.ContainsKey(first[0]));

        time.Advance(TimeSpan.FromDays(91));
        var before = await keysA.GetSigningKeyAsync(CancellationToken.None);
        await keysB.GetSigningKeyAsync(CancellationToken.None);
        Assert.True(keysB.Known.Keys.Length >= 2);
        time.Advance(TimeSpan.FromDays(1.01));
        var after = await keysA.GetSigningKeyAsync(CancellationToken.None);
        Assert.NotEqual(before.KeyId, after.KeyId);
        Assert.Equal(after.KeyId, (await keysB.GetSigningKeyAsync(CancellationToken.None)).KeyId);
        Assert.True(keysB.Known.ById.ContainsKey(before.KeyId));
        time.Advance(TimeSpan.FromDays(2));
        await keysB.GetSigningKeyAsync(CancellationToken.None);
        Assert.False(keysB.Known.ById.ContainsKey(before.KeyId));

        // The other hosts' clock is not there yet.
        await api.Identity.DeleteSigningKeysAsync(DateTimeOffset.MaxValue, CancellationToken.None);
    }
}
