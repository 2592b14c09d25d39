using System.CommandLine;
using System.Diagnostics;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>What a machine with few trackers pays for being ready.</summary>
internal sealed record IdleResult(
    double CpuPercentOfCore, double RssMegabytes, double PeakRssMegabytes, int Devices, double Minutes, long Fixes, double P50Ms, double P99Ms);

/// <summary>Standalone with a small fleet that reports now and then: how much of a core and of memory it takes.</summary>
internal static class IdleBench
{
    private static readonly Option<double> Minutes = new("--minutes") { DefaultValueFactory = _ => 10 };
    private static readonly Option<int> Devices = new("--devices") { DefaultValueFactory = _ => 100 };
    private static readonly Option<double> Interval = new("--interval") { Description = "Seconds between two fixes of a device.", DefaultValueFactory = _ => 30 };
    private static readonly Option<string?> Standalone = new("--standalone") { Description = "FleetTracker.Standalone.dll; default: the one of this repository." };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("idle", "Processor and memory with a small fleet.") { Minutes, Devices, Interval, Standalone, JsonFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (devices, interval, minutes) = (parsed.GetRequiredValue(Devices), parsed.GetRequiredValue(Interval), parsed.GetRequiredValue(Minutes));
        await using var server = await new Hosts(parsed.GetValue(Standalone)).StartStandaloneAsync(cancellationToken);
        var generator = new LoadGenerator(
            new LoadOptions
            {
                Shape = LoadShape.Devices,
                Port = server.MqttPort,
                Connections = devices,
                EnrollmentKey = server.EnrollmentKey,
                Rate = devices / interval,
                KeepAlive = TimeSpan.FromSeconds(Math.Max(60, 4 * interval)),
                Duration = TimeSpan.FromMinutes(minutes),
                // The code that runs at start is compiled, and its garbage collected, before anything is measured.
                WarmUp = TimeSpan.FromSeconds(15),
            },
            TimeProvider.System);

        var run = generator.RunAsync(cancellationToken);
        await generator.Measuring;
        var (before, begun, peak) = (server.Usage(), Stopwatch.GetTimestamp(), 0.0);
        using var sampling = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!generator.Measured.IsCompleted && await sampling.WaitForNextTickAsync(cancellationToken))
            peak = Math.Max(peak, server.Usage().RssMegabytes);
        var (after, elapsed) = (server.Usage(), Stopwatch.GetElapsedTime(begun));
        var report = await run;

        await Results.WriteAsync(
            new IdleResult(
                100 * (after.Cpu - before.Cpu) / elapsed, after.RssMegabytes, Math.Max(peak, after.RssMegabytes), devices, elapsed.TotalMinutes,
                report.Acknowledged, report.P50Ms, report.P99Ms),
            parsed.GetValue(JsonFile));
        return 0;
    }
}
