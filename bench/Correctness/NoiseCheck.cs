using System.Text.Json;
using FleetTracker.Geodesy;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Bench;

/// <param name="Excluded">Fixes left out, by reason.</param>
/// <param name="StopHours">Time on stops in which there were fixes.</param>
/// <param name="RawStopMeters">What the ways between them add up to.</param>
/// <param name="OdometerStopMeters">What the odometer went on there.</param>
internal sealed record NoiseResult(
    string Trace, int Vehicles, int Fixes, int Rebuilds, IReadOnlyDictionary<string, int> Excluded, double StopHours, double RawStopMeters, double OdometerStopMeters);

/// <summary>What noise adds to a vehicle that stands, and which fixes are left out.</summary>
internal static class NoiseCheck
{
    public static async Task<NoiseResult> RunAsync(Recordings recordings, string trace, bool explains)
    {
        var excluded = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (vehicles, fixes, rebuilds, hours, raw, odometer) = (0, 0, 0, 0.0, 0.0, 0.0);
        foreach (var rows in recordings.Rows(trace).Values)
        {
            var vehicle = await FoldedVehicle.OfAsync(rows, TenantRules.None);
            vehicles++;
            fixes += rows.Count;
            rebuilds += vehicle.Rebuilds;
            foreach (var reason in rows.Where(row => row.Verdict != FixVerdict.Accepted).Select(row => row.Verdict.ToString())) Count(excluded, reason);
            var max = TenantRules.None.Options.MaxSpeedMetersPerSecond;
            foreach (var _ in rows.Where(row => row.SpeedMetersPerSecond > max)) Count(excluded, "speed ignored");
            foreach (var outcome in vehicle.Said.Where(outcome => outcome.Type == OutcomeType.Excluded))
            {
                Count(excluded, Text(outcome, "reason"));
                if (explains) Console.WriteLine(FormattableString.Invariant($"  {rows[0].VehicleId} {outcome.At.FixedAt:dd HH:mm:ss.fff} {outcome.Evidence}"));
            }

            Measure(vehicle, ref hours, ref raw, ref odometer);
        }

        return new NoiseResult(trace, vehicles, fixes, rebuilds, excluded, Math.Round(hours, 1), Math.Round(raw), Math.Round(odometer));
    }

    private static void Count(SortedDictionary<string, int> counts, string reason) => counts[reason] = counts.GetValueOrDefault(reason) + 1;

    /// <summary>Steps between two fixes of one stop. One over a silence is no jitter: the vehicle may have been anywhere.</summary>
    private static void Measure(FoldedVehicle vehicle, ref double hours, ref double raw, ref double odometer)
    {
        var (silence, state, last) = (TenantRules.None.Options.TripSilence, new VehicleState(), vehicle.Rows[0]);
        var stops = new Queue<Stretch>(vehicle.Stretches(OutcomeType.Stop));
        foreach (var row in vehicle.Rows)
        {
            if (row.FixedAt - last.FixedAt >= silence) odometer += TakenBack(state, row);
            var before = state.Distance.TotalMeters;
            VehiclePolicy.Fold(state, row, TenantRules.None);
            if (row.Verdict != FixVerdict.Accepted) continue;
            while (stops.TryPeek(out var past) && past.To < row.FixedAt) stops.Dequeue();
            if (stops.TryPeek(out var stop) && last.FixedAt >= stop.From && row.FixedAt - last.FixedAt < silence)
            {
                hours += (row.FixedAt - last.FixedAt).TotalHours;
                odometer += state.Distance.TotalMeters - before;
                if (last.Latitude is { } latitude) raw += LocalDistance.Meters(latitude, last.Longitude!.Value, row.Latitude!.Value, row.Longitude!.Value);
            }

            last = row;
        }

        odometer += TakenBack(state, last);
    }

    /// <summary>What turns out to be no way once the vehicle is silent; 0 or less.</summary>
    private static double TakenBack(VehicleState state, Fix next)
    {
        var silent = state.Clone();
        VehiclePolicy.Elapse(silent, next.VehicleId, next.FixedAt.AddDays(1), TenantRules.None);
        return silent.Distance.TotalMeters - state.Distance.TotalMeters;
    }

    private static string Text(Outcome outcome, string name)
    {
        using var evidence = JsonDocument.Parse(outcome.Evidence);
        return evidence.RootElement.GetProperty(name).GetString() ?? "";
    }
}
