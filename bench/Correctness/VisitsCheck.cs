using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Bench;

/// <param name="Kept">Raw visits that the policy tells, each as one of its own.</param>
/// <param name="Joined">Those that belong to a visit before, since the absence between was none.</param>
/// <param name="TooShort">Those below the dwell that no visit of the policy overlaps.</param>
/// <param name="LeftOut">Longer ones that are below the dwell without the fixes that were left out.</param>
/// <param name="Missed">All others that no visit of the policy overlaps.</param>
/// <param name="JoinedOverLongAbsence">Of <see cref="Joined"/>, those after an absence as long as the dwell.</param>
/// <param name="Invented">Visits of the policy that no raw visit overlaps.</param>
internal sealed record VisitsResult(
    string Trace, string Fences, int RawVisits, int RawTransitions, int PolicyVisits, int PolicyTransitions, int Kept, int Joined, int TooShort, int LeftOut, int Missed,
    int JoinedOverLongAbsence, int Invented);

/// <summary>What the default options make of raw enters and exits: what is gone, and that nothing real is.</summary>
internal static class VisitsCheck
{
    public static async Task<VisitsResult> RunAsync(Recordings recordings, string trace, string fences, bool explains)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        var rules = TenantRules.None with { Fences = recordings.Fences(fences, refused) };
        var raw = recordings.Transitions(trace, fences, refused);
        var (kept, joined, tooShort, leftOut, missed, joinedLong, invented, policyVisits, policyTransitions, rawVisits) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        foreach (var (name, rows) in recordings.Rows(trace))
        {
            var vehicle = await FoldedVehicle.OfAsync(rows, rules);
            var visits = vehicle.Stretches(OutcomeType.Visit).ToList();
            var unbelieved = vehicle.Said.Where(outcome => outcome.Type == OutcomeType.Excluded).Select(outcome => outcome.At.Digest).ToHashSet();
            var taken = new Dictionary<Stretch, Stretch>();
            var mine = RawVisits(raw.Where(transition => transition.Vehicle == name), vehicle.Rows[^1].FixedAt).ToList();
            rawVisits += mine.Count;
            policyVisits += visits.Count;
            policyTransitions += vehicle.Said.Count(outcome => outcome.Kind is "geofence.enter" or "geofence.exit");
            invented += visits.Count(visit => !mine.Exists(stretch => Overlaps(stretch, visit)));
            foreach (var stretch in mine)
            {
                var visit = visits.Find(candidate => Overlaps(stretch, candidate));
                if (visit == default)
                {
                    var isLong = stretch.Length >= rules.Options.FenceMinDwell;
                    var isLeftOut = Believed(vehicle, stretch, unbelieved) < rules.Options.FenceMinDwell;
                    if (!isLong) tooShort++;
                    else if (isLeftOut) leftOut++;
                    else missed++;
                    if (isLong && explains) Explain(vehicle, stretch, isLeftOut ? "left out" : "missed");
                }
                else if (taken.TryGetValue(visit, out var before))
                {
                    joined++;
                    taken[visit] = stretch;
                    if (stretch.From - before.To < rules.Options.FenceMinDwell) continue;
                    joinedLong++;
                    if (explains) Explain(vehicle, new Stretch(name, before.To, stretch.From, stretch.Subject), "absence not told");
                }
                else
                {
                    kept++;
                    taken[visit] = stretch;
                }
            }
        }

        return new VisitsResult(trace, fences, rawVisits, raw.Count, policyVisits, policyTransitions, kept, joined, tooShort, leftOut, missed, joinedLong, invented);
    }

    private static IEnumerable<Stretch> RawVisits(IEnumerable<Transition> transitions, DateTimeOffset last)
    {
        var inside = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var transition in transitions)
        {
            if (transition.Event is not "exit") inside[transition.FenceId] = transition.At;
            else if (inside.Remove(transition.FenceId, out var from)) yield return new Stretch(transition.Vehicle, from, transition.At, transition.FenceId);
        }

        foreach (var (fence, from) in inside) yield return new Stretch("", from, last, fence);
    }

    /// <summary>How long it is by the fixes that count: from the first of them inside to the first outside; less than nothing when there is none.</summary>
    private static TimeSpan Believed(FoldedVehicle vehicle, Stretch stretch, HashSet<long> unbelieved)
    {
        var rows = vehicle.Rows.Where(row => row.FixedAt >= stretch.From && row.Verdict == FixVerdict.Accepted && !unbelieved.Contains(row.Digest)).ToList();
        if (rows.Count == 0 || rows[0].FixedAt >= stretch.To) return TimeSpan.MinValue;
        return (rows.Find(row => row.FixedAt >= stretch.To) ?? rows[^1]).FixedAt - rows[0].FixedAt;
    }

    /// <summary>Also when both are one instant.</summary>
    private static bool Overlaps(Stretch a, Stretch b) => a.Subject == b.Subject && a.From <= b.To && b.From <= a.To;

    private static void Explain(FoldedVehicle vehicle, Stretch stretch, string what)
    {
        Console.WriteLine(FormattableString.Invariant($"  {what}: {vehicle.Rows[0].VehicleId} {stretch.Subject} {stretch.From:HH:mm:ss.fff} for {stretch.Length.TotalSeconds:0} s"));
        foreach (var line in vehicle.Explain(stretch.Subject, stretch.From.AddSeconds(-1), stretch.To.AddSeconds(1)).Take(8))
            Console.WriteLine(FormattableString.Invariant($"    {line.At:HH:mm:ss.fff} {line.Step}: {line.Text}"));
    }
}
