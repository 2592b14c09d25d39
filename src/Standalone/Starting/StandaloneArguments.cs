using System.CommandLine;
using System.Net;

namespace FleetTracker.Standalone;

/// <summary>The command line, checked.</summary>
internal sealed record StandaloneArguments
{
    public required string DataDirectory { get; init; }

    public required int HttpPort { get; init; }

    public required int MqttPort { get; init; }

    public required IPAddress Listen { get; init; }

    public required bool Demo { get; init; }

    public required bool ResetAdminPassword { get; init; }
}

/// <summary>Reads the command line. Every mistake is one sentence that names the option and the value.</summary>
internal static class CommandLine
{
    private static readonly Option<string> Data = new("--data") { Description = "Folder of the data; made if missing.", HelpName = "DIR", DefaultValueFactory = _ => "data" };
    private static readonly Option<int> HttpPort = new("--http-port") { Description = "Port of the map and the API.", HelpName = "PORT", DefaultValueFactory = _ => 8080 };
    private static readonly Option<int> MqttPort = new("--mqtt-port") { Description = "Port that trackers connect to.", HelpName = "PORT", DefaultValueFactory = _ => 1883 };
    private static readonly Option<string> Listen = new("--listen") { Description = "Address to listen on; anything but loopback is reachable by others.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<bool> Demo = new("--demo") { Description = "Publish recorded traces into the vehicle group 'demo'." };
    private static readonly Option<bool> Reset = new("--reset-admin-password") { Description = "Set a new password for the user 'admin' and print it (FLEETTRACKER_ADMIN_PASSWORD sets it)." };

    /// <summary>The arguments, or the exit code when there is nothing to start.</summary>
    public static (StandaloneArguments? Arguments, int ExitCode) Read(string[] args, TextWriter output, TextWriter errors)
    {
        var root = new RootCommand("FleetTracker: an open fleet-tracking backend. Starts everything in one process.") { Data, HttpPort, MqttPort, Listen, Demo, Reset };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            errors.WriteLine($"error: {string.Join(" ", parsed.Errors.Select(error => error.Message))} See --help.");
            return (null, 2);
        }

        if (parsed.Action is not null)
        {
            // --help and --version.
            return (null, parsed.Invoke(new InvocationConfiguration { Output = output, Error = errors }));
        }

        if (Check(parsed) is { } problem)
        {
            errors.WriteLine($"error: {problem}");
            return (null, 2);
        }

        return (new StandaloneArguments
        {
            DataDirectory = Path.GetFullPath(parsed.GetValue(Data)!),
            HttpPort = parsed.GetValue(HttpPort),
            MqttPort = parsed.GetValue(MqttPort),
            Listen = AddressOf(parsed.GetValue(Listen)!)!,
            Demo = parsed.GetValue(Demo),
            ResetAdminPassword = parsed.GetValue(Reset),
        }, 0);
    }

    private static string? Check(ParseResult parsed)
    {
        if (parsed.GetValue(Data) is not { Length: > 0 }) return "--data must name a folder.";
        if (parsed.GetValue(HttpPort) is < 1 or > 65535) return $"--http-port must be between 1 and 65535, was {parsed.GetValue(HttpPort)}.";
        if (parsed.GetValue(MqttPort) is < 1 or > 65535) return $"--mqtt-port must be between 1 and 65535, was {parsed.GetValue(MqttPort)}.";
        if (parsed.GetValue(HttpPort) == parsed.GetValue(MqttPort)) return $"--http-port and --mqtt-port must differ, both were {parsed.GetValue(HttpPort)}.";
        return AddressOf(parsed.GetValue(Listen)!) is null ? $"--listen must be an IP address, localhost or *, was '{parsed.GetValue(Listen)}'." : null;
    }

    private static IPAddress? AddressOf(string text) => text switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.Any,
        _ => IPAddress.TryParse(text, out var address) ? address : null,
    };
}
