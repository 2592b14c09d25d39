using System.CommandLine;

namespace FleetTracker.Simulation;

/// <summary>The command line's way to say an <see cref="MqttTarget"/>.</summary>
internal static class TargetOptions
{
    private static readonly Option<string> Host = new("--host") { DefaultValueFactory = _ => "127.0.0.1" };
    private static readonly Option<int> Port = new("--mqtt-port") { DefaultValueFactory = _ => 1883 };
    private static readonly Option<string?> User = new("--user") { Description = "A gateway's user name, gateway:NAME." };
    private static readonly Option<string?> Password = new("--password") { Description = "The gateway's password." };

    private static readonly Option<string?> EnrollmentKey = new("--enrollment-key")
    {
        Description = "One connection per device, each under its own name, with this key. Default without --user: the environment's FLEETTRACKER_ENROLLMENT_KEY.",
    };

    private static readonly Option<int?> Window = new("--window") { Description = "Unacknowledged publishes per connection." };

    public static IEnumerable<Option> All => [Host, Port, User, Password, EnrollmentKey, Window];

    public static MqttTarget Read(ParseResult parsed)
    {
        var user = parsed.GetValue(User);
        return new MqttTarget
        {
            Host = parsed.GetRequiredValue(Host),
            Port = parsed.GetRequiredValue(Port),
            Gateway = new MqttCredentials(user, parsed.GetValue(Password)),
            EnrollmentKey = parsed.GetValue(EnrollmentKey) ?? (user is null ? KeyOfEnvironment() : null),
            Window = parsed.GetValue(Window),
        };
    }

    private static string? KeyOfEnvironment() =>
        Environment.GetEnvironmentVariable("FLEETTRACKER_ENROLLMENT_KEY") ?? Environment.GetEnvironmentVariable("FLEETTRACKER_ENROLMENT_KEY");
}
