using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Bench;

/// <param name="Matched">Pairs of a true and a found trip that share at least half of the shorter one's time; each belongs to one pair at most.</param>
/// <param name="Covered">True trips that lie in found ones for at least half of their time.</param>
/// <param name="Founded">Found trips that share time with any true one.</param>
internal sealed record TripsResult(
    string Trace, int True, int Found, int Matched, double Precision, double Recall, int Covered, int Founded, double StartErrorSeconds, double EndErrorSeconds);

/// <summary>Trips of the policy against trips that somebody wrote down.</summary>
internal static class TripsCheck
{
    public static async Task<TripsResult> RunAsync(Recordings recordings, string trace, List<Stretch> expected, bool explains)
    {
        var found = new List<Stretch>();
        var rules = TenantRules.None;
        foreach (var rows in recordings.Rows(trace).Values)
        {
            var vehicle = await FoldedVehicle.OfAsync(rows, rules);
            found.AddRange(vehicle.Stretches(OutcomeType.Trip));
            if (!explains) continue;
            foreach (var line in vehicle.Explain(null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Where(line => line.Step == "motion"))
                Console.WriteLine(FormattableString.Invariant($"  {rows[0].VehicleId} {line.At:dd HH:mm:ss} {line.Text}"));
        }

        var pairs = Pair(expected, found);
        foreach (var trip in found.Where(trip => explains && !expected.Exists(other => trip.Common(other) > TimeSpan.Zero))) Tell("not written down", trip);
        foreach (var trip in expected.Where(trip => explains && found.Sum(other => trip.Common(other).TotalSeconds) < trip.Length.TotalSeconds / 2)) Tell("not covered", trip);
        var covered = expected.Count(trip => found.Sum(other => trip.Common(other).TotalSeconds) >= trip.Length.TotalSeconds / 2);
        return new TripsResult(
            trace, expected.Count, found.Count, pairs.Count, Share(pairs.Count, found.Count), Share(pairs.Count, expected.Count), covered,
            found.Count(trip => expected.Exists(other => trip.Common(other) > TimeSpan.Zero)),
            Error(pairs, pair => pair.True.From - pair.Found.From), Error(pairs, pair => pair.True.To - pair.Found.To));
    }

    /// <summary>Those that share most first.</summary>
    private static List<(Stretch True, Stretch Found)> Pair(List<Stretch> expected, List<Stretch> found)
    {
        var candidates =
            from trip in expected
            from other in found
            let common = trip.Common(other)
            where common.TotalSeconds > 0 && common.TotalSeconds * 2 >= Math.Min(trip.Length.TotalSeconds, other.Length.TotalSeconds)
            orderby common descending
            select (trip, other);
        var (pairs, taken) = (new List<(Stretch, Stretch)>(), new HashSet<(bool, Stretch)>());
        foreach (var (trip, other) in candidates)
        {
            if (taken.Contains((true, trip)) || taken.Contains((false, other))) continue;
            taken.Add((true, trip));
            taken.Add((false, other));
            pairs.Add((trip, other));
        }

        return pairs;
    }

    private static void Tell(string what, Stretch trip) => Console.WriteLine(FormattableString.Invariant($"  {what}: {trip.Vehicle} {trip.From:HH:mm:ss} to {trip.To:HH:mm:ss}"));

    private static double Share(int part, int whole) => whole == 0 ? 1 : Math.Round((double)part / whole, 3);

    private static double Error(List<(Stretch True, Stretch Found)> pairs, Func<(Stretch True, Stretch Found), TimeSpan> difference) =>
        pairs.Count == 0 ? 0 : Results.Median(pairs.Select(pair => Math.Abs(difference(pair).TotalSeconds)));
}
