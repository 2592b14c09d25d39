using System.CommandLine;
using System.CommandLine.Parsing;

namespace FleetTracker.Simulation;

internal static class ReplayCommand
{
    private static readonly Argument<string> File = new("file")
    {
        Description = "A trace (CSV, gzipped or not) or a dump of HFP messages; or the name of one that comes with the simulator, such as capmetro_bus_austin.",
    };

    private static readonly Option<double> Speed = new("--speed") { Description = "1 = real time, 0 = as fast as possible.", DefaultValueFactory = _ => 1 };

    private static readonly Option<Rebase> RebaseTo = new("--rebase")
    {
        Description = "none = recorded times; now = the newest fix happens now; first = the oldest fix happens now.",
        DefaultValueFactory = _ => Rebase.None,
    };

    private static readonly Option<string> Prefix = new("--prefix") { Description = "Put before the device ids of CSV traces.", DefaultValueFactory = _ => "" };

    private static readonly Option<bool> Verify = new("--verify") { Description = "Afterwards compare the server's history and counts with what was sent." };

    private static readonly Option<int> MaxDifferences = new("--max-differences")
    {
        Description = "How many differences to list.",
        DefaultValueFactory = _ => 50,
    };

    public static Command Create()
    {
        var command = new Command("replay", "Publishes a recording with its own relative timing, and can verify what the server made of it.")
        {
            File, Speed, RebaseTo, Prefix, Verify, MaxDifferences,
        };
        foreach (var option in TargetOptions.All) command.Add(option);
        foreach (var option in VerifyOptions.All) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var elements = TraceFile.Load(
            TraceFile.Find(parsed.GetRequiredValue(File)), parsed.GetRequiredValue(Prefix), parsed.GetRequiredValue(RebaseTo), clock);
        var target = TargetOptions.Read(parsed);
        Console.WriteLine($"{elements.Count:N0} elements of {elements.Select(e => e.DeviceId).Distinct().Count():N0} devices to {target}");

        using var http = new HttpClient();
        var verifier = parsed.GetValue(Verify) ? VerifyOptions.Verifier(parsed, http, clock) : null;
        var countsBefore = verifier is null ? null : await verifier.CountsAsync(cancellationToken);
        var bounds = VerifyOptions.Bounds(parsed, clock);

        var progress = new Progress<long>(acknowledged => Console.WriteLine($"  {acknowledged:N0} acknowledged"));
        var result = await new Replayer(target, clock).RunAsync(elements, parsed.GetRequiredValue(Speed), progress, cancellationToken);
        Console.WriteLine($"{result.Acknowledged:N0} of {result.Sent:N0} acknowledged over {result.Connections} connections in {result.Elapsed.TotalSeconds:N1} s"
            + $" ({result.Acknowledged / Math.Max(result.Elapsed.TotalSeconds, 1e-3):N0}/s), {result.Resent:N0} sent again");
        if (verifier is null) return 0;

        var verified = await verifier.VerifyAsync(elements, bounds, result, countsBefore!, cancellationToken);
        return Report(verified, parsed.GetRequiredValue(MaxDifferences));
    }

    private static int Report(VerificationResult verified, int maxDifferences)
    {
        Console.WriteLine(verified.Expected);
        Console.WriteLine($"{verified.RowsRead:N0} rows of history read back");
        foreach (var difference in verified.Differences.Take(maxDifferences)) Console.Error.WriteLine(difference);
        if (verified.Differences.Count > maxDifferences) Console.Error.WriteLine($"… and {verified.Differences.Count - maxDifferences:N0} more");
        var refused = verified.Expected[SourceGroup.Rejected];
        Console.WriteLine(verified.Differences.Count > 0 ? $"{verified.Differences.Count:N0} differences."
            : refused == 0 ? "Verified: the server holds exactly what was sent."
            : $"Verified: the server holds exactly what was sent, without {refused:N0} elements that it had to reject.");
        return verified.Differences.Count == 0 ? 0 : 1;
    }
}

/// <summary>Where the server's HTTP side is and what it is set to accept.</summary>
internal static class VerifyOptions
{
    private static readonly Option<Uri?> Api = new("--api") { CustomParser = Address, Description = "The API's address, such as http://127.0.0.1:8080." };
    private static readonly Option<string> User = new("--api-user") { Description = "Who reads the history.", DefaultValueFactory = _ => "admin" };

    private static readonly Option<string?> Password = new("--api-password")
    {
        Description = "Default: the environment's FLEETTRACKER_ADMIN_PASSWORD.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("FLEETTRACKER_ADMIN_PASSWORD"),
    };

    private static readonly Option<Uri?> Metrics = new("--metrics") { CustomParser = Address, Description = "The metrics page whose counts to compare as well; a bridge's when it is a process of its own. Default: /metrics at --api." };

    private static readonly Option<double> LateWindow = new("--late-window")
    {
        Description = "Days after which the server folds a late fix into nothing.",
        DefaultValueFactory = _ => 7,
    };

    private static readonly Option<double> Retention = new("--retention")
    {
        Description = "Days after which the server refuses a fix.",
        DefaultValueFactory = _ => 400,
    };

    public static IEnumerable<Option> All => [Api, User, Password, Metrics, LateWindow, Retention];

    public static Verifier Verifier(ParseResult parsed, HttpClient http, TimeProvider clock)
    {
        var address = parsed.GetValue(Api) ?? throw new ArgumentException("--verify needs --api");
        var password = parsed.GetValue(Password) ?? throw new ArgumentException("--verify needs --api-password");
        return new Verifier(new FleetApiClient(http, address, parsed.GetRequiredValue(User), password, clock), http, parsed.GetValue(Metrics) ?? new Uri(address, "/metrics"), clock);
    }

    private static Uri? Address(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
        result.AddError($"'{text}' is no http or https address.");
        return null;
    }

    public static SourceBounds Bounds(ParseResult parsed, TimeProvider clock) => new()
    {
        ReceivedAt = clock.GetUtcNow(),
        LateWindow = TimeSpan.FromDays(parsed.GetRequiredValue(LateWindow)),
        Retention = TimeSpan.FromDays(parsed.GetRequiredValue(Retention)),
    };
}
