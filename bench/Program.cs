using System.CommandLine;
using FleetTracker.Bench;

var root = new RootCommand("Measures FleetTracker against what its parts could do alone.")
{
    BareServer.Create(),
};
return await root.Parse(args).InvokeAsync();
