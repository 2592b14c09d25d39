using System.Diagnostics;
using System.Text.Json;
using FleetTracker.Testing;
using Microsoft.AspNetCore.SignalR.Client;

namespace FleetTracker.Standalone;

/// <summary>What the README's first screen promises, done as a newcomer would: clone, run, publish, look.</summary>
[Trait("Suite", "smoke")]
public sealed class NewcomerTests
{
    private static readonly TimeSpan BuildAndStart = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_clone_runs_and_a_published_fix_is_on_the_map_within_a_second()
    {
        using var folder = new TemporaryFolder();
        var clone = Path.Combine(folder, "FleetTracker");
        await RunAsync("git", ["clone", "--quiet", "--no-hardlinks", Repository.Root, clone]);

        var (http, mqtt) = (FreePorts.Next(), FreePorts.Next());
        var begun = Stopwatch.StartNew();
        await using var server = RealProcess.Start("run", Path.Combine(clone, "run"),
            ["--data", Path.Combine(folder, "data"), "--http-port", $"{http}", "--mqtt-port", $"{mqtt}"],
            [new("FLEETTRACKER_ADMIN_PASSWORD", "smoke-test-password"), new("FLEETTRACKER_ENROLMENT_KEY", "smoke-test-key"), new("Web__Root", "")], clone);
        await server.LineAsync("FleetTracker is ready.", BuildAndStart);
        Report.Line("clone to ready: {0:F0} s", begun.Elapsed.TotalSeconds);

        using var api = new ApiClient(new Uri($"http://127.0.0.1:{http}"));
        await api.SignInAsync("admin", "smoke-test-password");
        await using var map = await MapAsync(api, http);
        await RunAsync("mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{mqtt}", "-q", "1", "-u", "truck-1", "-P", "smoke-test-key", "-t", "fleet/truck-1/position",
            "-m", """{"lat":60.1699,"lon":24.9384,"speed":12.5,"heading":90}"""]);
        var published = Stopwatch.StartNew();

        var onMap = await map.FirstAsync(vehicle => vehicle.GetProperty("name").GetString() == "truck-1", OneSecond);
        var inApi = await WaitAsync(async () => (await api.AllAsync("/api/v1/vehicles")).SingleOrDefault(v => v.GetProperty("position").ValueKind == JsonValueKind.Object), OneSecond);
        Report.Line("on the map and in the API {0:F0} ms after mosquitto_pub ended", published.Elapsed.TotalMilliseconds);

        Assert.Equal("truck-1", inApi.GetProperty("deviceId").GetString());
        Assert.Equal(60.1699, inApi.GetProperty("position").GetProperty("lat").GetDouble());
        Assert.Equal("moving", onMap.GetProperty("status").GetString());
        Assert.Equal(inApi.GetProperty("id").GetString(), onMap.GetProperty("vehicleId").GetString());

        // Whoever opens the map later gets it in the snapshot.
        await using var later = await MapAsync(api, http);
        await later.FirstAsync(vehicle => vehicle.GetProperty("name").GetString() == "truck-1", OneSecond);
        Assert.Equal(0, await server.StopAsync(TimeSpan.FromSeconds(30)));
    }

    private static async Task<MapClient> MapAsync(ApiClient api, int http)
    {
        var map = new MapClient(new Uri($"http://127.0.0.1:{http}/hubs/live"), api.AccessToken);
        await map.WatchWorldAsync();
        return map;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        await using var process = RealProcess.Start(program, program, arguments);
        var exit = await process.ExitAsync(TimeSpan.FromSeconds(60));
        Assert.True(exit == 0, $"{program} ended with {exit}: {process.Output}");
    }

    private static async Task<JsonElement> WaitAsync(Func<Task<JsonElement>> look, TimeSpan timeout)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < timeout; await poll.WaitForNextTickAsync())
        {
            if (await look() is { ValueKind: JsonValueKind.Object } found) return found;
        }

        throw new TimeoutException($"The vehicle was not in the API after {timeout}.");
    }

    private sealed class MapClient : IAsyncDisposable
    {
        private readonly HubConnection _hub;
        private readonly System.Threading.Channels.Channel<JsonElement> _vehicles = System.Threading.Channels.Channel.CreateUnbounded<JsonElement>();

        public MapClient(Uri address, string token)
        {
            _hub = new HubConnectionBuilder().WithUrl(address, options => options.AccessTokenProvider = () => Task.FromResult<string?>(token)).Build();
            _hub.On<JsonElement>("Snapshot", message => Take(message, "vehicles"));
            _hub.On<JsonElement>("Delta", message => Take(message, "upserts"));
        }

        public async Task WatchWorldAsync()
        {
            await _hub.StartAsync();
            await _hub.InvokeAsync("Watch", new { west = -180, south = -85, east = 180, north = 85, zoom = 2 });
        }

        public async Task<JsonElement> FirstAsync(Func<JsonElement, bool> wanted, TimeSpan timeout)
        {
            using var patience = new CancellationTokenSource(timeout);
            await foreach (var vehicle in _vehicles.Reader.ReadAllAsync(patience.Token))
            {
                if (wanted(vehicle)) return vehicle;
            }

            throw new InvalidOperationException("The hub ended.");
        }

        public ValueTask DisposeAsync() => _hub.DisposeAsync();

        private void Take(JsonElement message, string list)
        {
            foreach (var vehicle in message.GetProperty(list).EnumerateArray()) _vehicles.Writer.TryWrite(vehicle.Clone());
        }
    }
}
