using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FleetTracker.Simulation;

internal static class LoadCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly Option<LoadShape> Shape = new("--shape") { Description = "Default: gateways.", DefaultValueFactory = _ => LoadShape.Gateways };
    private static readonly Option<int?> Connections = new("--connections") { Description = "Default: 1000 for devices, 4 for gateways." };
    private static readonly Option<int?> Vehicles = new("--vehicles") { Description = "For gateways. Default: 1000." };
    private static readonly Option<double> Rate = new("--rate") { Description = "Fixes per second; 0 = as fast as possible." };
    private static readonly Option<double> Seconds = new("--seconds") { DefaultValueFactory = _ => 10 };
    private static readonly Option<double> WarmUp = new("--warm-up") { Description = "Seconds of load that are not counted.", DefaultValueFactory = _ => 2 };
    private static readonly Option<long?> Count = new("--count") { Description = "Ends the measurement after this many acknowledged fixes." };
    private static readonly Option<int> Qos = new("--qos") { DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Prefix = new("--prefix") { Description = "Device ids are this and seven digits.", DefaultValueFactory = _ => "load-" };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the report to a file." };

    private static readonly Option<FileInfo?> Record = new("--acknowledged")
    {
        Description = "Writes every acknowledged fix to a file, to be compared with the history after a crash.",
    };

    public static Command Create()
    {
        var command = new Command("load", "Puts load on an MQTT server and measures how fast it acknowledges.")
        {
            Shape, Connections, Vehicles, Rate, Seconds, WarmUp, Count, Qos, Prefix, JsonFile, Record,
        };
        foreach (var option in TargetOptions.All) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        using var log = parsed.GetValue(Record) is { } record ? new AcknowledgedLog(record.FullName, options.DevicePrefix) : null;
        var report = await new LoadGenerator(options, TimeProvider.System, log).RunAsync(cancellationToken);

        var text = JsonSerializer.Serialize(report, Json);
        Console.WriteLine(text);
        if (parsed.GetValue(JsonFile) is { } file) await File.WriteAllTextAsync(file.FullName, text, CancellationToken.None);
        return report.Unacknowledged == 0 ? 0 : 1;
    }

    private static LoadOptions Read(ParseResult parsed)
    {
        var target = TargetOptions.Read(parsed);
        return new LoadOptions
        {
            Host = target.Host,
            Port = target.Port,
            Shape = parsed.GetRequiredValue(Shape),
            Connections = parsed.GetValue(Connections),
            Window = target.Window,
            Vehicles = parsed.GetValue(Vehicles),
            Rate = parsed.GetValue(Rate),
            Duration = TimeSpan.FromSeconds(parsed.GetRequiredValue(Seconds)),
            WarmUp = TimeSpan.FromSeconds(parsed.GetRequiredValue(WarmUp)),
            Count = parsed.GetValue(Count),
            Qos = parsed.GetRequiredValue(Qos),
            Credentials = target.Gateway,
            EnrollmentKey = target.EnrollmentKey,
            DevicePrefix = parsed.GetRequiredValue(Prefix),
        };
    }
}
