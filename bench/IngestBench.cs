using System.CommandLine;
using System.Diagnostics;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>One measurement of one server.</summary>
internal sealed record IngestRun(
    double RatePerSecond, double P50Ms, double P99Ms, double CpuMicrosecondsPerFix, double GeneratorCpuMicrosecondsPerFix, double RssMegabytes);

/// <summary>Both servers, one after the other.</summary>
internal sealed record IngestRound(double Ratio, IngestRun Server, IngestRun Baseline);

/// <summary>Medians of all rounds. <see cref="CpuMicrosecondsPerFix"/> is the server's, all its processes together.</summary>
internal sealed record IngestShapeResult(
    double Ratio, double RatePerSecond, double BaselineRatePerSecond, double CpuMicrosecondsPerFix, double BaselineCpuMicrosecondsPerFix,
    double GeneratorCpuMicrosecondsPerFix, double P50Ms, double P99Ms, double RssMegabytes, IReadOnlyList<IngestRound> Rounds);

/// <summary><c>null</c> for a shape that was not measured.</summary>
internal sealed record IngestResult(string System, string Baseline, IngestShapeResult? Devices, IngestShapeResult? Gateways);

/// <summary>
/// How many fixes per second are durably stored, as a share of what the MQTT part alone could take. Rounds alternate between the two servers,
/// each freshly started and alone on the machine, because a shared machine is not equally fast for ten minutes.
/// </summary>
internal static class IngestBench
{
    private static readonly Option<string> Shapes = new("--shape") { Description = "devices, gateways or both.", DefaultValueFactory = _ => "both" };
    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 5 };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "Measured in each round.", DefaultValueFactory = _ => 8 };
    private static readonly Option<double> WarmUp = new("--warm-up") { Description = "Seconds of load before that.", DefaultValueFactory = _ => 5 };
    private static readonly Option<int> Vehicles = new("--vehicles") { Description = "Spoken for by the gateways.", DefaultValueFactory = _ => 1_000 };
    private static readonly Option<bool> Chain = new("--chain") { Description = "Mosquitto + bridge + 2 silos + PostgreSQL against Mosquitto with a null subscriber." };
    private static readonly Option<bool> SaveEveryChange = new("--save-every-change") { Description = "With --chain: Mosquitto saves its memory with every change, as we ship it." };
    private static readonly Option<string?> Standalone = new("--standalone") { Description = "FleetTracker.Standalone.dll; default: the one of this repository." };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("ingest", "Fixes per second against a server that drops everything.")
        {
            Shapes, Rounds, Seconds, WarmUp, Vehicles, Chain, SaveEveryChange, Standalone, JsonFile,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var hosts = new Hosts(parsed.GetValue(Standalone), parsed.GetValue(SaveEveryChange));
        var chain = parsed.GetValue(Chain);
        Func<CancellationToken, Task<RunningServer>> server = chain ? hosts.StartChainAsync : hosts.StartStandaloneAsync;
        Func<CancellationToken, Task<RunningServer>> baseline = chain ? hosts.StartMosquittoAsync : Hosts.StartBareServerAsync;

        var wanted = parsed.GetRequiredValue(Shapes);
        IngestShapeResult? devices = null, gateways = null;
        if (wanted is "devices" or "both") devices = await MeasureAsync(LoadShape.Devices);
        if (wanted is "gateways" or "both") gateways = await MeasureAsync(LoadShape.Gateways);
        if (devices is null && gateways is null) throw new ArgumentException($"--shape must be devices, gateways or both, was '{wanted}'");

        await Results.WriteAsync(
            new IngestResult(chain ? "chain" : "standalone", chain ? "mosquitto" : "bare-server", devices, gateways), parsed.GetValue(JsonFile));
        return 0;

        async Task<IngestShapeResult> MeasureAsync(LoadShape shape)
        {
            var rounds = new List<IngestRound>();
            for (var i = 1; i <= parsed.GetRequiredValue(Rounds); i++)
            {
                var baselineRun = await RunOneAsync(baseline, shape, parsed, cancellationToken);
                var serverRun = await RunOneAsync(server, shape, parsed, cancellationToken);
                rounds.Add(new IngestRound(serverRun.RatePerSecond / baselineRun.RatePerSecond, serverRun, baselineRun));
                await Console.Error.WriteLineAsync(
                    $"{shape} {i}: {serverRun.RatePerSecond:N0}/s against {baselineRun.RatePerSecond:N0}/s = {rounds[^1].Ratio:F2}");
            }

            return Summarize(rounds);
        }
    }

    private static async Task<IngestRun> RunOneAsync(
        Func<CancellationToken, Task<RunningServer>> start, LoadShape shape, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var server = await start(cancellationToken);
        var generator = new LoadGenerator(
            new LoadOptions
            {
                Shape = shape,
                Port = server.MqttPort,
                Vehicles = parsed.GetRequiredValue(Vehicles),
                Credentials = server.Gateway,
                EnrollmentKey = server.EnrollmentKey,
                Duration = TimeSpan.FromSeconds(parsed.GetRequiredValue(Seconds)),
                WarmUp = TimeSpan.FromSeconds(parsed.GetRequiredValue(WarmUp)),
            },
            TimeProvider.System);

        var run = generator.RunAsync(cancellationToken);
        await generator.Measuring;
        var (cpuBefore, deliveredBefore, begun) = (server.Usage().Cpu, await DeliveredAsync(server, cancellationToken), Stopwatch.GetTimestamp());
        await generator.Measured;
        var (usage, delivered, elapsed) = (server.Usage(), await DeliveredAsync(server, cancellationToken), Stopwatch.GetElapsedTime(begun));
        var report = await run;

        // At the end of a chain the broker's acknowledgement says nothing; what arrived does.
        var fixes = server.Delivered is null ? report.Acknowledged : delivered - deliveredBefore;
        var rate = server.Delivered is null ? report.RatePerSecond : fixes / elapsed.TotalSeconds;
        return new IngestRun(
            rate, report.P50Ms, report.P99Ms, (usage.Cpu - cpuBefore).TotalMicroseconds / Math.Max(fixes, 1), report.CpuMicrosecondsPerFix, usage.RssMegabytes);
    }

    private static Task<long> DeliveredAsync(RunningServer server, CancellationToken cancellationToken) =>
        server.Delivered?.Invoke(cancellationToken) ?? Task.FromResult(0L);

    private static IngestShapeResult Summarize(List<IngestRound> rounds) => new(
        Results.Median(rounds.Select(r => r.Ratio)),
        Results.Median(rounds.Select(r => r.Server.RatePerSecond)),
        Results.Median(rounds.Select(r => r.Baseline.RatePerSecond)),
        Results.Median(rounds.Select(r => r.Server.CpuMicrosecondsPerFix)),
        Results.Median(rounds.Select(r => r.Baseline.CpuMicrosecondsPerFix)),
        Results.Median(rounds.Select(r => r.Server.GeneratorCpuMicrosecondsPerFix)),
        Results.Median(rounds.Select(r => r.Server.P50Ms)),
        Results.Median(rounds.Select(r => r.Server.P99Ms)),
        Results.Median(rounds.Select(r => r.Server.RssMegabytes)),
        rounds);
}
