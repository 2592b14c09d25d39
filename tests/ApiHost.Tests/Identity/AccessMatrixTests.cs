using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FleetTracker.Geofences;
using FleetTracker.Hosting.Tests;
using FleetTracker.Sensors;
using FleetTracker.Storage;

namespace FleetTracker.Identity.Tests;

/// <summary>
/// Every endpoint of the description × every role, nobody, somebody with a made-up token, and another tenant's things. What may be done is what
/// <c>access.tsv</c> says.
/// </summary>
[Collection("api")]
public sealed class AccessMatrixTests(ApiFixture api)
{
    private static readonly Dictionary<string, string[]> RolesOf = new(StringComparer.Ordinal)
    {
        ["account"] = ["owner", "admin", "dispatcher", "viewer", "installer"],
        ["read"] = ["owner", "admin", "dispatcher", "viewer", "installer"],
        ["install"] = ["owner", "admin", "installer"],
        ["dispatch"] = ["owner", "admin", "dispatcher"],
        ["administer"] = ["owner", "admin"],
    };

    [Fact]
    public async Task Every_endpoint_has_a_line_and_every_line_an_endpoint() =>
        Assert.Equal(
            Lines().Select(line => $"{line.Method} {line.Path}").Order(StringComparer.Ordinal),
            (await EndpointsAsync()).Select(endpoint => $"{endpoint.Method} {endpoint.Path}").Order(StringComparer.Ordinal));

    [Fact]
    public async Task Anonymous_are_those_that_say_so()
    {
        var open = (await EndpointsAsync()).Where(endpoint => endpoint.IsOpen).Select(endpoint => $"{endpoint.Method} {endpoint.Path}");
        Assert.Equal(Lines().Where(line => line.Permission == "anonymous").Select(line => $"{line.Method} {line.Path}").Order(StringComparer.Ordinal), open.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJ4IiwidGVuYW50IjoiZGVmYXVsdCIsInJvbGUiOiJvd25lciJ9.")]
    public async Task Nobody_gets_in(string? token)
    {
        using var client = api.Host.Client(token);
        foreach (var line in Lines().Where(line => line.Permission != "anonymous")) await SendAsync(client, line, "x").ProblemAsync(401, "/problems/unauthenticated");
    }

    [Theory]
    [InlineData("owner")]
    [InlineData("admin")]
    [InlineData("dispatcher")]
    [InlineData("viewer")]
    [InlineData("installer")]
    public async Task A_role_does_what_it_may_and_never_with_what_is_another_tenants(string role)
    {
        var others = await OthersAsync();
        var before = await others.LookAsync();
        var tenant = await api.NewTenantAsync();
        foreach (var line in Lines().Where(line => line.Permission != "anonymous"))
        {
            // One that ends its own session signs in again.
            using var client = await tenant.ClientAsync(role);
            using var answer = await SendAsync(client, line, others.IdFor(line.Path));
            var text = await answer.Content.ReadAsStringAsync();
            var what = $"{role}: {line.Method} {line.Path}: {(int)answer.StatusCode} {text}";
            if (!RolesOf[line.Permission].Contains(role))
            {
                Assert.True((int)answer.StatusCode == 403, what);
                continue;
            }

            Assert.True((int)answer.StatusCode is not (401 or 403) and < 500, what);
            // A refusal repeats what was asked for.
            var told = (int)answer.StatusCode == 404 ? text.Replace($"'{others.IdFor(line.Path)}'", "", StringComparison.Ordinal) : text;
            Assert.False(told.Contains(others.Secret, StringComparison.Ordinal), what);
            if (line.Path.Contains('{', StringComparison.Ordinal)) Assert.True((int)answer.StatusCode is 404 or 400 or 422, what);
        }

        Assert.Equal(before, await others.LookAsync());
    }

    private static IEnumerable<Line> Lines() =>
        from row in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Identity", "access.tsv"))
        where !row.StartsWith('#')
        let cells = row.Split('\t')
        select new Line(cells[0], cells[1], cells[2]);

    private async Task<List<(string Method, string Path, bool IsOpen)>> EndpointsAsync()
    {
        using var client = api.Host.Client();
        var description = await client.GetAsync("/openapi/v1.json").JsonAsync();
        return
        [
            .. from path in description["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!["security"] is null),
        ];
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, Line line, string id)
    {
        var address = line.Path.Replace("{id}", id, StringComparison.Ordinal).Replace("{name}", id, StringComparison.Ordinal).Replace("{sensorId}", "x", StringComparison.Ordinal);
        if (address.StartsWith("/api/v1/groups/", StringComparison.Ordinal)) address += "?vehicles=true";
        using var request = new HttpRequestMessage(HttpMethod.Parse(line.Method), address);
        if (line.Method is "POST" or "PUT" or "PATCH") request.Content = new StringContent("{}", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await client.SendAsync(request);
    }

    /// <summary>A tenant that has one of everything.</summary>
    private async Task<Others> OthersAsync()
    {
        var tenant = await api.NewTenantAsync();
        var vehicle = (await tenant.AddVehiclesAsync(1, $"{tenant.Name}-secret"))[0];
        using var client = await tenant.ClientAsync(Roles.Admin);
        var fence = await client.PostTextAsync("/api/v1/geofences", $$$"""{"name":"{{{tenant.Name}}}-secret","shape":{"type":"circle","geometry":{"type":"Point","coordinates":[25,60]},"radiusMeters":100}}""").JsonAsync(201);
        var sensor = await client.PostTextAsync("/api/v1/sensors", $$"""{"name":"{{tenant.Name}}-secret","attribute":"temp","kind":"gauge","unit":"°C"}""").JsonAsync(201);
        var user = await client.PostTextAsync("/api/v1/users", $$"""{"userName":"{{tenant.Name}}-secret","role":"viewer"}""").JsonAsync(201);
        await client.PostTextAsync("/api/v1/devices/gateways", $$"""{"name":"{{tenant.Name}}-secret","topicFilters":["fleet/+/position"]}""").JsonAsync(201);
        return new Others(tenant, vehicle, Id(fence), Id(sensor), Id(user["user"]!));

        static string Id(JsonNode of) => of["id"]!.GetValue<string>();
    }

    private sealed record Line(string Method, string Path, string Permission);

    private sealed record Others(TestTenant Tenant, string Vehicle, string Fence, string Sensor, string User)
    {
        public string Secret => $"{Tenant.Name}-secret";

        public string IdFor(string path) =>
            path.Contains("/vehicles/", StringComparison.Ordinal) ? Vehicle
            : path.Contains("/geofences/", StringComparison.Ordinal) ? Fence
            : path.Contains("/sensors/", StringComparison.Ordinal) ? Sensor
            : path.Contains("/users/", StringComparison.Ordinal) ? User
            : Secret;

        /// <summary>Everything of the tenant, to see that nothing has changed.</summary>
        public async Task<string> LookAsync()
        {
            using var client = await Tenant.ClientAsync(Roles.Admin);
            var all = new StringBuilder();
            foreach (var path in new[]
            {
                "vehicles", "groups", "geofences", "sensors", "devices/gateways", $"vehicles/{Vehicle}/settings", $"vehicles/{Vehicle}/profile", "settings/policy",
                $"users/{User}",
            })
                all.AppendLine((await client.GetAsync($"/api/v1/{path}").JsonAsync()).ToJsonString());
            return all.ToString();
        }
    }
}
