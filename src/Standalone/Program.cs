using FleetTracker.Standalone;

var (arguments, exitCode) = CommandLine.Read(args, Console.Out, Console.Error);
return arguments is null ? exitCode : await StandaloneServer.RunAsync(arguments);
