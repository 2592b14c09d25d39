using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Bench;

internal sealed record TransitionsResult(string Trace, string Fences, IReadOnlyCollection<string> RefusedFences, int Expected, int Equal, int Missing, int Extra);

/// <summary>With every filter opened wide, the policy's enters and exits are those of the raw fixes, which were computed elsewhere.</summary>
internal static class TransitionsCheck
{
    /// <summary>No dwell, no margin, no place to be parked at, nothing too fast or too coarse.</summary>
    public static VehicleOptions Raw { get; } = new()
    {
        MaxSpeedMetersPerSecond = 1e9,
        MaxAccuracyMeters = 100_000,
        StandRadiusMeters = 0,
        FenceMinDwell = TimeSpan.Zero,
        FenceMarginMeters = 0,
        FenceMaxMarginMeters = 0,
        FenceCrossings = false,
    };

    public static async Task<TransitionsResult> RunAsync(Recordings recordings, string trace, string fences, DateTimeOffset from = default)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        var rules = TenantRules.None with { Options = Raw, Fences = recordings.Fences(fences, refused) };
        var said = new List<Transition>();
        foreach (var rows in recordings.Rows(trace, from, believesZero: true).Values) said.AddRange(Transitions(await FoldedVehicle.OfAsync(rows, rules)));

        var left = recordings.Transitions(trace, fences, refused);
        var (expected, extra) = (left.Count, 0);
        foreach (var transition in said)
        {
            if (!left.Remove(transition)) extra++;
        }

        return new TransitionsResult(trace, fences, refused, expected, expected - left.Count, left.Count, extra);
    }

    private static IEnumerable<Transition> Transitions(FoldedVehicle vehicle)
    {
        var first = vehicle.Rows[0];
        foreach (var outcome in vehicle.Said)
        {
            var name = outcome.Kind switch
            {
                "geofence.enter" => outcome.At.Digest == first.Digest ? "initial" : "enter",
                "geofence.exit" => "exit",
                _ => null,
            };
            if (name is not null) yield return new Transition(first.VehicleId, outcome.At.FixedAt, outcome.Subject, name);
        }
    }
}
