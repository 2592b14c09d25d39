using System.CommandLine;

namespace FleetTracker.Simulation;

internal static class DemoCommand
{
    private static readonly Option<double> Backfill = new("--backfill") { Description = "Minutes of the past to publish first." };

    public static Command Create()
    {
        var command = new Command("demo", "Keeps the demo fleet on the road until it is stopped.") { Backfill };
        foreach (var option in TargetOptions.All) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var target = TargetOptions.Read(parsed);
        var options = new DemoFleetOptions { Target = target, Backfill = TimeSpan.FromMinutes(parsed.GetValue(Backfill)) };
        var fleet = new DemoFleet(options, TimeProvider.System);
        Console.WriteLine($"{fleet.DeviceIds.Count} vehicles to {target}");
        await fleet.RunAsync(cancellationToken);
        Console.WriteLine($"{fleet.Published:N0} fixes published");
        return 0;
    }
}
