using System.CommandLine;
using FleetTracker.Bench;

var root = new RootCommand("Measures FleetTracker against what its parts could do alone.")
{
    IngestBench.Create(),
    LatencyBench.Create(),
    IdleBench.Create(),
    GeofencesBench.Create(),
    VerifyCommand.Create(),
    HistoryBench.Create(),
    CorrectnessBench.Create(),
    PolicyBench.Create(),
    BareServer.Create(),
    NullSubscriber.Create(),
};
return await root.Parse(args).InvokeAsync();
