using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Simulations;

/// <summary>Thresholds that would have served.</summary>
/// <param name="Flaps">So many are left with them.</param>
/// <param name="LostVisits">So many stays of more than five minutes would not be told.</param>
/// <param name="IsPartial">Not all fixes near the fence were tried.</param>
public sealed record FenceSuggestion(TimeSpan MinDwell, double MarginMeters, int Flaps, int LostVisits, bool IsPartial);

/// <summary>Tries thresholds on the stretches of history that lead near the fence, and finds the smallest that keep every longer stay and no flap.</summary>
internal sealed class FenceTuning
{
    private static readonly double[] Dwells = [0, 10, 30, 60, 120, 300];
    private static readonly double[] Margins = [0, 15, 30, 50, 100];
    private static readonly TimeSpan LongStay = TimeSpan.FromMinutes(5);

    private readonly Trial[] _trials;
    private int _rowsLeft;
    private bool _isPartial;

    public FenceTuning(Geofence definition, TenantRules rules, int mostRows)
    {
        _rowsLeft = mostRows;
        _trials =
        [
            .. from dwell in Dwells from margin in Margins
               select new Trial(
                   TimeSpan.FromSeconds(dwell), margin,
                   new FenceCandidate(definition with { Rules = definition.Rules with { MinDwell = TimeSpan.FromSeconds(dwell), MarginMeters = margin } }, rules)),
        ];
    }

    /// <summary><c>null</c> when no vehicle was ever in it.</summary>
    public FenceSuggestion? Suggestion
    {
        get
        {
            if (Array.TrueForAll(_trials, trial => trial.Visits == 0)) return null;
            var best = _trials.MinBy(trial => (trial.Lost, trial.Flaps, trial.Dwell, trial.Margin))!;
            return new FenceSuggestion(best.Dwell, best.Margin, best.Flaps, best.Lost, _isPartial);
        }
    }

    /// <summary>Whether so many rows would still be tried.</summary>
    public bool HasRoom(int rows)
    {
        if (rows <= _rowsLeft) return true;
        _isPartial = true;
        return false;
    }

    /// <param name="before">The state before the first row; it is in no fence.</param>
    /// <param name="cancellationToken">Asked between trials.</param>
    public void Take(string vehicleId, VehicleState before, IReadOnlyList<Fix> rows, DateTimeOffset from, CancellationToken cancellationToken)
    {
        if (!HasRoom(rows.Count)) return;
        _rowsLeft -= rows.Count;
        List<SimulatedVisit>? stays = null;
        foreach (var trial in _trials)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var run = new FenceRun(trial.Candidate, vehicleId, before.Clone(), from);
            foreach (var row in rows) run.Take(row);
            var visits = run.Visits;

            // The first trial takes every fix inside at its word.
            stays ??= [.. visits.Where(visit => visit.Duration > LongStay)];
            trial.Visits += visits.Count;
            trial.Flaps += Flaps.Count(visits);
            trial.Lost += stays.Count(stay => !visits.Exists(stay.Overlaps));
        }
    }

    private sealed class Trial(TimeSpan dwell, double margin, FenceCandidate candidate)
    {
        public TimeSpan Dwell { get; } = dwell;

        public double Margin { get; } = margin;

        public FenceCandidate Candidate { get; } = candidate;

        public int Visits { get; set; }

        public int Flaps { get; set; }

        public int Lost { get; set; }
    }
}
