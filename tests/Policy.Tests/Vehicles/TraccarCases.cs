using System.Globalization;
using System.Text.Json;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>Cases of Traccar's tests as rows along the equator, and what the policy says at each of them in Traccar's words.</summary>
internal static class TraccarCases
{
    public const double MetersPerSecondPerKnot = 0.514444;

    private const double MetersPerDegree = 111_319.490793;

    public static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", file)));
        return document.RootElement.Clone();
    }

    public static JsonElement Case(string file, string name) =>
        Read(file).GetProperty("cases").EnumerateArray().Single(candidate => candidate.GetProperty("name").ValueEquals(name));

    public static Fix Row(int number, DateTimeOffset at, double eastMeters, double? speed, bool? ignition = null) => new()
    {
        Tenant = "default",
        VehicleId = "v1",
        DeviceId = "d1",
        FixedAt = at,
        ReceivedAt = at,
        Digest = number,
        Verdict = FixVerdict.Accepted,
        Latitude = 0,
        Longitude = 10 + (eastMeters / MetersPerDegree),
        SpeedMetersPerSecond = speed,
        Ignition = ignition,
    };

    /// <summary>Five minutes on the road, which end a minute before a row.</summary>
    public static IEnumerable<Fix> DriveTo(Fix first) => Enumerable.Range(1, 5).Reverse().Select(minutes => first with
    {
        FixedAt = first.FixedAt.AddMinutes(-minutes),
        ReceivedAt = first.FixedAt.AddMinutes(-minutes),
        Digest = -minutes,
        Longitude = first.Longitude - (minutes * 1_000 / MetersPerDegree),
        SpeedMetersPerSecond = 1_000 / 60.0,
        Ignition = null,
    });

    /// <summary>What each row made the policy say; a trip that is told is a device that moves, one that is over a device that stopped.</summary>
    public static List<string[]> Events(IEnumerable<Fix> rows, VehicleOptions options)
    {
        var (rules, state, drafts, events) = (TenantRules.None with { Options = options }, new VehicleState(), new OutcomeDrafts(), new List<string[]>());
        foreach (var row in rows)
        {
            drafts.Clear();
            VehiclePolicy.Fold(state, row, rules, drafts);
            events.Add([.. drafts.All.Select(Name).OfType<string>()]);
        }

        return events;
    }

    public static DateTimeOffset Time(this JsonElement element, string name) => DateTimeOffset.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    public static double? Optional(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string? Name(OutcomeDraft draft) => draft switch
    {
        { Type: OutcomeType.Trip, State: OutcomeState.Open } => "deviceMoving",
        { Type: OutcomeType.Trip, State: OutcomeState.Closed } => "deviceStopped",
        { Kind: "overspeed", State: OutcomeState.Open } => "deviceOverspeed",
        { Kind: "overspeed" } => "overspeed ended",
        _ => null,
    };
}
