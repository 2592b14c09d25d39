using System.Diagnostics;
using System.Text;
using System.Text.Json;
using FleetTracker.Simulation;
using FleetTracker.Testing;

namespace FleetTracker.Cluster;

/// <summary>
/// Workload: 12 vehicles with the same journey, each fix up to 40 places away from where it belongs, every fifth sent twice. Fault: both silos killed in
/// turn. Rule: what is said of each vehicle is what is said of one that sent the same journey in order when all was quiet: nothing is missing, and
/// nothing is there twice.
/// </summary>
public sealed class OutcomeCrashTests
{
    private const int Vehicles = 12;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Lists = ["trips", "stops", "visits", "events"];

    [Fact]
    public async Task Silos_that_are_killed_in_between_leave_every_event_there_once()
    {
        await using var rig = await ClusterRig.StartAsync();
        using var api = new ApiClient(new Uri($"http://127.0.0.1:{rig.ApiPort}"));
        await api.SignInAsync("admin", ClusterRig.Password);
        await FenceAsync(rig, api);
        var journey = new Journey(TimeProvider.System.GetUtcNow().AddHours(-3));

        var acknowledged = 0L;
        using var enough = new CancellationTokenSource(Patience * 3);
        var sending = Enumerable.Range(0, Vehicles).Select(i => SendAsync(rig, $"crash-{i}", Disordered(journey.Fixes, new Random(i)), 4, () => Interlocked.Increment(ref acknowledged), enough.Token)).ToArray();
        var all = (long)Vehicles * journey.Fixes.Count * 6 / 5;
        for (var kill = 1; kill <= 2; kill++)
        {
            await Progress.UntilAsync(() => Interlocked.Read(ref acknowledged), all * kill / 4, Patience, () => rig.Outputs);
            var silo = kill % 2 == 1 ? rig.FirstSilo : rig.SecondSilo;
            await silo.Process.KillAsync();
            await silo.StartAsync(Patience);
        }

        await Task.WhenAll(sending);
        await SendAsync(rig, "quiet", journey.Fixes, 1, () => { }, enough.Token);

        var devices = await api.VehiclesByDeviceAsync();
        var expected = await SettledAsync(api, devices["quiet"]);
        Report.Line("{0} things said of a vehicle, {1} fixes acknowledged, 2 kills", expected.Count, acknowledged);
        Assert.Contains(expected, said => said.StartsWith("events geofence.enter", StringComparison.Ordinal));
        Assert.Contains(expected, said => said.StartsWith("events sos", StringComparison.Ordinal));
        Assert.Equal(3, expected.Count(said => said.StartsWith("trips", StringComparison.Ordinal)));
        foreach (var i in Enumerable.Range(0, Vehicles)) Assert.Equal(expected, await EqualAsync(api, devices[$"crash-{i}"], expected));
    }

    private static async Task FenceAsync(ClusterRig rig, ApiClient api)
    {
        using var answer = await api.SendAsync(HttpMethod.Post, "/api/v1/geofences", new
        {
            name = "Yard", shape = new { type = "circle", geometry = new { type = "Point", coordinates = new[] { 25.03, 60.17 } }, radiusMeters = 800 }, rules = new { speedLimit = 8.0 },
        });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());

        // A fence holds from when it was drawn; this one was drawn before the journey.
        await using var connection = await rig.ConnectAsync();
        await using var command = new Npgsql.NpgsqlCommand("UPDATE geofence_versions SET valid_from = 0; UPDATE tenants SET rules_revision = rules_revision + 1", connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task SendAsync(ClusterRig rig, string device, IReadOnlyList<string> fixes, int perSecond, Action onAcknowledged, CancellationToken cancellationToken)
    {
        var target = new MqttTarget { Host = "127.0.0.1", Port = rig.MqttPort, EnrollmentKey = ClusterRig.Key };
        await using var publisher = new MqttPublisher(device, target, new MqttCredentials(device, ClusterRig.Key), 64, TimeProvider.System);
        using var pace = perSecond > 1 ? new PeriodicTimer(TimeSpan.FromMilliseconds(100)) : null;
        for (var i = 0; i < fixes.Count; i++)
        {
            // Ten or so at a time, so that the journey lasts as long as the kills.
            if (pace is not null && i % 3 == 0) await pace.WaitForNextTickAsync(cancellationToken);
            await publisher.PublishAsync($"fleet/{device}/position", Encoding.UTF8.GetBytes(fixes[i]), onAcknowledged, cancellationToken);
        }

        await publisher.DrainAsync(cancellationToken);
    }

    private static List<string> Disordered(IReadOnlyList<string> fixes, Random random)
    {
        var sent = new List<string>(fixes);
        for (var i = 0; i < fixes.Count; i += 5) sent.Add(fixes[i]);
        var order = sent.Select((fix, i) => (fix, at: (i < fixes.Count ? i : (i - fixes.Count) * 5) + (random.NextDouble() * 40))).OrderBy(pair => pair.at);
        return [.. order.Select(pair => pair.fix)];
    }

    /// <summary>What is said of a vehicle once it does not change any more.</summary>
    private static async Task<List<string>> SettledAsync(ApiClient api, string vehicle)
    {
        var said = await SaidAsync(api, vehicle);
        using var poll = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var unchanged = 0;
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < Patience && unchanged < 5; await poll.WaitForNextTickAsync())
        {
            var now = await SaidAsync(api, vehicle);
            unchanged = now.Count > 0 && now.SequenceEqual(said, StringComparer.Ordinal) ? unchanged + 1 : 0;
            said = now;
        }

        return said;
    }

    private static async Task<List<string>> EqualAsync(ApiClient api, string vehicle, List<string> expected)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        var said = await SaidAsync(api, vehicle);
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < Patience && !said.SequenceEqual(expected, StringComparer.Ordinal); await poll.WaitForNextTickAsync()) said = await SaidAsync(api, vehicle);
        return said;
    }

    /// <summary>Without ids and revisions. When a vehicle was heard of depends on when it was sent, and stands outside the promise.</summary>
    private static async Task<List<string>> SaidAsync(ApiClient api, string vehicle)
    {
        var said = new List<string>();
        foreach (var list in Lists)
        {
            foreach (var item in await api.AllAsync($"/api/v1/vehicles/{vehicle}/{list}?limit=1000"))
            {
                if (item.TryGetProperty("kind", out var kind) && kind.GetString() is "online" or "offline") continue;
                said.Add($"{list} {Text(item, "kind")} {Text(item, "subject")} {Text(item, "at")} {Text(item, "startedAt")} {Text(item, "endedAt")} {Text(item, "state")} {Text(item, "evidence")}");
            }
        }

        return said;
    }

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.ToString() : "";
}
