using System.CommandLine;
using FleetTracker.Simulation;

var root = new RootCommand("Trackers that drive around: replays of recorded traces, a demo fleet and a load generator.")
{
    ReplayCommand.Create(),
    LoadCommand.Create(),
    DemoCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception error) when (error is IOException or TraceFormatException or MqttRefusedException or HttpRequestException or ArgumentException)
{
    // What the caller can mend; anything else is ours, and its whole story helps.
    await Console.Error.WriteLineAsync($"error: {error.Message}");
    return 1;
}
