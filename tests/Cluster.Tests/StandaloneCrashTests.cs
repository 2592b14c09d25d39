using FleetTracker.Simulation;
using FleetTracker.Testing;

namespace FleetTracker.Cluster;

/// <summary>
/// Workload: 50 devices, one fix in flight each, as fast as they are acknowledged. Fault: SIGKILL of the only process, three times. Tolerated:
/// lost connections, unacknowledged fixes. Rule: every acknowledged fix is in history exactly once.
/// </summary>
public sealed class StandaloneCrashTests
{
    private const string Password = "crash-test-password";
    private const string Key = "crash-test-enrollment-key";
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Killed_three_times_under_load_it_has_every_acknowledged_fix_once()
    {
        using var folder = new TemporaryFolder();
        var (http, mqtt) = (FreePorts.Next(), FreePorts.Next());
        var acknowledged = new AcknowledgedFixes("load-");
        var load = new LoadGenerator(new LoadOptions
        {
            Port = mqtt, Shape = LoadShape.Devices, Connections = 50, Rate = 2000, EnrollmentKey = Key, Duration = TimeSpan.FromMinutes(10), WarmUp = TimeSpan.Zero, Patience = TimeSpan.FromSeconds(60),
        }, TimeProvider.System, acknowledged);

        using var enough = new CancellationTokenSource();
        var server = await StartAsync(folder, http, mqtt);
        var running = load.RunAsync(enough.Token);
        for (var kill = 1; kill <= 3; kill++)
        {
            await Progress.UntilAsync(() => load.TotalAcknowledged, atLeast: load.TotalAcknowledged + 5000, TimeSpan.FromMinutes(2), () => server.Output);
            await server.KillAsync();
            await server.DisposeAsync();
            server = await StartAsync(folder, http, mqtt);
        }

        await using var last = server;
        await Progress.UntilAsync(() => load.TotalAcknowledged, atLeast: load.TotalAcknowledged + 5000, TimeSpan.FromMinutes(2), () => server.Output);
        await enough.CancelAsync();
        await Progress.EndAsync(running);

        using var api = new ApiClient(new Uri($"http://127.0.0.1:{http}"));
        await api.SignInAsync("admin", Password);
        var report = await Histories.CompareAsync(api, acknowledged);
        Report.Line("standalone: {0}", report);
        Assert.True(report.Acknowledged >= 20_000, report.ToString());
        Assert.True(report is { Lost: 0, StoredTwice: 0 }, report.ToString());
    }

    private static async Task<RealProcess> StartAsync(string folder, int http, int mqtt)
    {
        var server = RealProcess.Start("standalone", "dotnet",
            [Repository.Host("Standalone"), "--data", Path.Combine(folder, "data"), "--http-port", $"{http}", "--mqtt-port", $"{mqtt}"],
            // So few rows gather that every kill finds rows with their keys and rows without (ADR 19); by default none would have any yet.
            [new("FLEETTRACKER_ADMIN_PASSWORD", Password), new("FLEETTRACKER_ENROLMENT_KEY", Key), new("Storage__SqliteUnindexedRows", "2000")]);
        await server.ReadyAsync(new Uri($"http://127.0.0.1:{http}/health/ready"), Start);
        return server;
    }
}
