using System.CommandLine;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>Publish to map. <see cref="RatePerSecond"/> is the load during it, <see cref="MaxRatePerSecond"/> what the server could take.</summary>
internal sealed record LatencyResult(
    double P50Ms, double P99Ms, double MaxMs, double RatePerSecond, double MaxRatePerSecond, double AcknowledgedP99Ms,
    long Updates, int VehiclesInView, int Gaps, double CpuMicrosecondsPerFix);

/// <summary>
/// From the moment at which a tracker writes a fix to the moment at which a map has it, durable in between, at half of the rate that the server
/// takes. A fix's own time is when it was written, so one clock measures both ends.
/// </summary>
internal static class LatencyBench
{
    // Where the load generator drives.
    private static readonly LiveViewport Everything = new(-98.5, 29.5, -97, 31, 12);

    private static readonly Option<double> Rate = new("--rate") { Description = "Fixes per second; 0 = half of what the server takes." };
    private static readonly Option<int> Vehicles = new("--vehicles") { Description = "All in view.", DefaultValueFactory = _ => 500 };
    private static readonly Option<double> Seconds = new("--seconds") { DefaultValueFactory = _ => 20 };
    private static readonly Option<string?> Standalone = new("--standalone") { Description = "FleetTracker.Standalone.dll; default: the one of this repository." };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("latency", "How old a position is when it arrives on a map.") { Rate, Vehicles, Seconds, Standalone, JsonFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var server = await new Hosts(parsed.GetValue(Standalone)).StartStandaloneAsync(cancellationToken);
        var options = new LoadOptions
        {
            Shape = LoadShape.Gateways,
            Port = server.MqttPort,
            Vehicles = parsed.GetRequiredValue(Vehicles),
            Credentials = server.Gateway,
            WarmUp = TimeSpan.FromSeconds(5),
            Duration = TimeSpan.FromSeconds(8),
        };
        var full = await new LoadGenerator(options, TimeProvider.System).RunAsync(cancellationToken);
        var rate = parsed.GetValue(Rate) is var given and > 0 ? given : full.RatePerSecond / 2;
        await Console.Error.WriteLineAsync($"{full.RatePerSecond:N0}/s at most, measuring at {rate:N0}/s");

        var result = await MeasureAsync(
            server, options with { Rate = rate, Duration = TimeSpan.FromSeconds(parsed.GetRequiredValue(Seconds)) }, full.RatePerSecond, cancellationToken);
        await Results.WriteAsync(result, parsed.GetValue(JsonFile));
        return 0;
    }

    private static async Task<LatencyResult> MeasureAsync(
        RunningServer server, LoadOptions options, double maxRate, CancellationToken cancellationToken)
    {
        var token = await server.AdminApi().TokenAsync(cancellationToken);
        await using var client = await LiveClient.ConnectAsync(server.Http!, token, Everything, TimeProvider.System, cancellationToken);

        var generator = new LoadGenerator(options, TimeProvider.System);
        var run = generator.RunAsync(cancellationToken);
        await generator.Measuring;
        var cpu = server.Usage().Cpu;
        client.StartMeasuring();
        await generator.Measured;
        var (updates, p50, p99, max) = client.Stop();
        cpu = server.Usage().Cpu - cpu;
        var report = await run;
        return new LatencyResult(
            p50, p99, max, report.RatePerSecond, maxRate, report.P99Ms, updates, client.VehiclesInView, client.Gaps,
            cpu.TotalMicroseconds / Math.Max(report.Acknowledged, 1));
    }
}
