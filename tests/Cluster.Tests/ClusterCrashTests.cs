using System.Diagnostics;
using FleetTracker.Simulation;
using FleetTracker.Testing;
using Npgsql;

namespace FleetTracker.Cluster;

/// <summary>
/// Workload: 40 devices at a bridge in broker mode and 40 behind Mosquitto, 400 fixes/s each. Faults, in turn: every role killed with SIGKILL
/// and started again, every role paused for 20 s, and a silo killed in the middle of a commit. Tolerated: lost connections, fixes that are sent
/// again. Rule: what our bridge acknowledged is in history exactly once; Mosquitto is never killed, so what it acknowledged is there as well.
/// </summary>
public sealed class ClusterCrashTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PauseOf = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Whatever_process_is_killed_or_paused_every_acknowledged_fix_is_stored_once()
    {
        await using var rig = await ClusterRig.StartAsync();
        var direct = new AcknowledgedFixes("direct-");
        var viaMosquitto = new AcknowledgedFixes("broker-");
        using var enough = new CancellationTokenSource();
        var directLoad = new LoadGenerator(Load(rig.MqttPort, "direct-", 40) with { EnrollmentKey = ClusterRig.Key }, TimeProvider.System, direct);
        var brokerLoad = new LoadGenerator(Load(rig.MosquittoPort, "broker-", 40) with
        {
            Shape = LoadShape.Gateways, Connections = 2, Vehicles = 40, Credentials = new MqttCredentials(ClusterRig.BrokerUser, ClusterRig.BrokerPassword),
        }, TimeProvider.System, viaMosquitto);
        Task[] running = [directLoad.RunAsync(enough.Token), brokerLoad.RunAsync(enough.Token)];

        await FlowsAsync(rig, directLoad, "the start");
        foreach (var member in new[] { rig.FirstSilo, rig.Bridge, rig.ClientBridge, rig.Api }) await KillAsync(rig, directLoad, member);
        await KillInTheMiddleOfACommitAsync(rig, directLoad);
        foreach (var member in new[] { rig.Bridge, rig.ClientBridge, rig.Api, rig.SecondSilo }) await PauseAsync(rig, directLoad, member);

        await enough.CancelAsync();
        foreach (var load in running) await Progress.EndAsync(load);
        Assert.False(rig.Mosquitto.HasExited, rig.Mosquitto.Output);
        await DrainedAsync(rig, viaMosquitto);

        using var api = new ApiClient(new Uri($"http://127.0.0.1:{rig.ApiPort}"));
        await api.SignInAsync("admin", ClusterRig.Password);
        var ours = await Histories.CompareAsync(api, direct);
        var brokers = await Histories.CompareAsync(api, viaMosquitto);
        Report.Line("acknowledged by our bridge: {0}", ours);
        Report.Line("acknowledged by Mosquitto: {0}", brokers);
        Assert.True(ours.Acknowledged >= 10_000, ours.ToString());
        Assert.True(ours is { Lost: 0, StoredTwice: 0 }, $"{ours}\n{rig.Outputs}");
        Assert.True(brokers is { Lost: 0, StoredTwice: 0 }, $"Mosquitto was never killed: {brokers}\n{rig.Outputs}");
    }

    private static LoadOptions Load(int port, string prefix, int devices) => new()
    {
        Port = port, Shape = LoadShape.Devices, Connections = devices, Rate = 400, DevicePrefix = prefix, Duration = TimeSpan.FromMinutes(30), WarmUp = TimeSpan.Zero, Patience = TimeSpan.FromSeconds(60),
    };

    private static async Task KillAsync(ClusterRig rig, LoadGenerator load, Member member)
    {
        await member.Process.KillAsync();
        await member.StartAsync(Patience);
        await FlowsAsync(rig, load, $"{member.Name} was killed");
    }

    private static async Task PauseAsync(ClusterRig rig, LoadGenerator load, Member member)
    {
        member.Process.Pause();
        // The pause itself is the fault: nothing signals its end but the clock.
        using (var pause = new PeriodicTimer(PauseOf)) await pause.WaitForNextTickAsync();
        member.Process.Resume();
        if (member == rig.SecondSilo)
        {
            // The others have buried it, and it learns that it is dead: ending is right, an orchestrator starts another.
            await member.Process.ExitAsync(Patience);
            await member.StartAsync(Patience);
        }
        else
        {
            await member.ReadyAsync(Patience);
        }

        await FlowsAsync(rig, load, $"{member.Name} was paused");
    }

    private static async Task KillInTheMiddleOfACommitAsync(ClusterRig rig, LoadGenerator load)
    {
        await using var connection = await rig.ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            // A commit that has begun waits behind this lock, inside of the database.
            await ExecuteAsync(connection, "LOCK TABLE positions IN SHARE MODE");
            await WaitingCommitAsync(rig);
            await rig.FirstSilo.Process.KillAsync();
            await transaction.CommitAsync();
        }

        await rig.FirstSilo.StartAsync(Patience);
        await FlowsAsync(rig, load, "a silo was killed in the middle of a commit");
    }

    private static async Task WaitingCommitAsync(ClusterRig rig)
    {
        await using var connection = await rig.ConnectAsync();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < Patience; await poll.WaitForNextTickAsync())
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%fleet_commit%' AND pid <> pg_backend_pid()", connection);
            if (await command.ExecuteScalarAsync() is long and >= 2) return;
        }

        throw new TimeoutException("No commit of both silos waited for the lock.");
    }

    private static async Task FlowsAsync(ClusterRig rig, LoadGenerator load, string after)
    {
        var begun = Stopwatch.StartNew();
        await Progress.UntilAsync(() => load.TotalAcknowledged, load.TotalAcknowledged + 1000, Patience, () => rig.Outputs);
        Report.Line("{0:F1} s for 1,000 acknowledged fixes after {1}", begun.Elapsed.TotalSeconds, after);
    }

    /// <summary>Mosquitto's queue for the bridge is empty when all that it acknowledged is stored; the comparison says what is missing otherwise.</summary>
    private static async Task DrainedAsync(ClusterRig rig, AcknowledgedFixes acknowledged)
    {
        await using var connection = await rig.ConnectAsync();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < Patience; await poll.WaitForNextTickAsync())
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM positions WHERE device_id LIKE 'broker-%'", connection);
            if (await command.ExecuteScalarAsync() is long stored && stored >= acknowledged.Count) return;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
