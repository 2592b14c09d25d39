using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using FleetTracker.Testing;

namespace FleetTracker.Standalone;

/// <summary>A real server as its operators and clients see it: metrics by name, documents, what survives a restart.</summary>
public sealed partial class RunningServerTests : IAsyncLifetime
{
    private const string Password = "contract-test-password";
    private const string Key = "contract-test-key";
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly int _http = FreePorts.Next();
    private readonly int _mqtt = FreePorts.Next();
    private RealProcess _server = null!;

    private Uri Address => new($"http://127.0.0.1:{_http}");

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    [Fact]
    public async Task Every_fix_is_counted_once_under_the_names_that_dashboards_use()
    {
        await PublishAsync("""{"time":"2026-01-01T00:00:00Z","lat":60.1,"lon":24.9}""");
        var now = TimeProvider.System.GetUtcNow();
        string At(int seconds) => now.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        await PublishAsync($$"""{"time":"{{At(-10)}}","lat":60.1,"lon":24.9}""");
        await PublishAsync($$"""{"time":"{{At(-10)}}","lat":60.1,"lon":24.9}""");
        await PublishAsync($$"""{"time":"{{At(-20)}}","lat":60.1,"lon":24.9}""");
        await PublishAsync($$"""[{"time":"{{At(-5)}}","lat":60.1,"lon":24.9},{"time":"{{At(-4)}}","lat":91,"lon":24.9},{"time":"{{At(-3)}}","lat":0,"lon":0}]""");
        await PublishAsync("not json");

        var counted = await FixesAsync();
        Assert.Equal(new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["accepted/none"] = 2, ["late/none"] = 2, ["duplicate/none"] = 1, ["rejected/latitude_out_of_range"] = 1, ["rejected/null_island"] = 1, ["rejected/not_json"] = 1,
        }.OrderBy(pair => pair.Key, StringComparer.Ordinal), counted.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Documents_and_health_are_where_they_are_said_to_be()
    {
        using var http = new HttpClient { BaseAddress = Address };
        foreach (var path in new[] { "/health/live", "/health/ready", "/health", "/metrics", "/openapi/v1.json", "/docs/", "/config.json", "/.well-known/jwks.json" })
        {
            using var answer = await http.GetAsync(path);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Secrets_are_printed_at_the_first_start_only_and_data_survive_a_kill()
    {
        await _server.LineAsync("FleetTracker is ready.", Start);
        Assert.Contains("Enrollment key", _server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, _server.Output, StringComparison.Ordinal);
        await PublishAsync("""{"lat":60.1,"lon":24.9}""");
        await _server.KillAsync();
        await _server.DisposeAsync();

        _server = await StartAsync();
        await _server.LineAsync("FleetTracker is ready.", Start);
        Assert.DoesNotContain("Enrollment key", _server.Output, StringComparison.Ordinal);
        using var api = new ApiClient(Address);
        await api.SignInAsync("admin", Password);
        var vehicle = Assert.Single(await api.AllAsync("/api/v1/vehicles"));
        Assert.Equal(60.1, vehicle.GetProperty("position").GetProperty("lat").GetDouble());
    }

    [Fact]
    public async Task A_group_is_removed_in_one_step_with_its_gateway()
    {
        using var api = new ApiClient(Address);
        await api.SignInAsync("admin", Password);
        using var made = await api.SendAsync(HttpMethod.Post, "/api/v1/devices/gateways", new { name = "depot", group = "yard" });
        var secret = System.Text.Json.JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("password").GetString()!;
        await PublishAsync("""{"lat":60.1,"lon":24.9}""", "gateway:depot", secret, "bus-1");
        Assert.Single(await api.AllAsync("/api/v1/vehicles?group=yard"));

        using var removed = await api.SendAsync(HttpMethod.Delete, "/api/v1/groups/yard?vehicles=true");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty(await api.AllAsync("/api/v1/vehicles"));
        await using var refused = Publish("""{"lat":60.1,"lon":24.9}""", "gateway:depot", secret, "bus-1");
        Assert.NotEqual(0, await refused.ExitAsync(Start));
    }

    /// <summary>What silence means may change while a vehicle is silent.</summary>
    [Fact]
    public async Task Other_settings_reach_a_vehicle_that_is_silent()
    {
        using var api = new ApiClient(Address);
        await api.SignInAsync("admin", Password);
        using var patient = await api.SendAsync(HttpMethod.Put, "/api/v1/settings/policy", new { offlineAfter = 7_200, tripSilence = 7_200 });
        Assert.Equal(HttpStatusCode.OK, patient.StatusCode);
        await PublishAsync("""{"lat":60.1,"lon":24.9}""");
        Assert.Empty(await api.AllAsync("/api/v1/events?kind=offline"));
        using var hasty = await api.SendAsync(HttpMethod.Put, "/api/v1/settings/policy", new { offlineAfter = 1 });
        Assert.Equal(HttpStatusCode.OK, hasty.StatusCode);
        var begun = TimeProvider.System.GetTimestamp();
        while ((await api.AllAsync("/api/v1/events?kind=offline")).Count == 0)
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60), "the vehicle still waits for what was set before");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<Dictionary<string, int>> FixesAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        var text = await http.GetStringAsync("/metrics");
        return FixesLine().Matches(text).ToDictionary(
            match => $"{match.Groups["outcome"].Value}/{match.Groups["reason"].Value}", match => int.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    private async Task<RealProcess> StartAsync()
    {
        var server = RealProcess.Start("standalone", "dotnet",
            [Repository.Host("Standalone"), "--data", Path.Combine(_folder, "data"), "--http-port", $"{_http}", "--mqtt-port", $"{_mqtt}"],
            [new("FLEETTRACKER_ADMIN_PASSWORD", Password), new("FLEETTRACKER_ENROLMENT_KEY", Key)]);
        await server.ReadyAsync(new Uri(Address, "/health/ready"), Start);
        return server;
    }

    private async Task PublishAsync(string payload, string user = "truck-1", string password = Key, string device = "truck-1")
    {
        await using var publish = Publish(payload, user, password, device);
        var exit = await publish.ExitAsync(Start);
        Assert.True(exit == 0, publish.Output);
    }

    private RealProcess Publish(string payload, string user, string password, string device) => RealProcess.Start("mosquitto_pub", "mosquitto_pub",
        ["-h", "127.0.0.1", "-p", $"{_mqtt}", "-q", "1", "-u", user, "-P", password, "-t", $"fleet/{device}/position", "-m", payload]);

    [GeneratedRegex("""^fleettracker_ingestion_fixes_total\{[^}]*outcome="(?<outcome>\w+)",reason="(?<reason>\w+)"\} (?<value>\d+)""", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex FixesLine();
}
