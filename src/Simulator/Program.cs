using System.CommandLine;
using FleetTracker.Simulation;

var root = new RootCommand("Trackers that drive around: replays of recorded traces, a demo fleet and a load generator.")
{
    ReplayCommand.Create(),
    LoadCommand.Create(),
    DemoCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
