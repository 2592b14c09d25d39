using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Explanations;

/// <summary>A window of a vehicle's rows, folded anew: pure.</summary>
internal sealed class FoldedWindow
{
    private readonly Dictionary<PositionKey, string> _excluded = [];
    private readonly OutcomeDrafts _drafts = new();

    private FoldedWindow(FoldTrace trace) => Trace = trace;

    /// <summary>As it was at the time in question.</summary>
    public VehicleState State { get; private set; } = new();

    public FoldTrace Trace { get; }

    public IReadOnlyList<OutcomeDraft> Drafts => _drafts.All;

    /// <param name="rows">Ascending, those at or before <paramref name="at"/> and some after.</param>
    /// <param name="until">Through when the rows are complete.</param>
    /// <param name="hasMore">Whether there are rows after them.</param>
    /// <param name="now">Silence that lasts until now is known up to now.</param>
    public static FoldedWindow Of(
        IReadOnlyList<Fix> rows, string vehicleId, TenantRules rules, string? fenceId, DateTimeOffset at, DateTimeOffset until, bool hasMore, DateTimeOffset now)
    {
        var window = new FoldedWindow(new FoldTrace { FenceId = fenceId });
        var (state, isTaken) = (new VehicleState(), false);
        foreach (var row in rows)
        {
            // Received too late: no fold ever sees it.
            if (row.Verdict == FixVerdict.BeyondWindow) continue;
            if (row.FixedAt > at && !isTaken)
            {
                window.State = StateAt(state, hasRowsAfter: true);
                isTaken = true;
            }

            VehiclePolicy.Fold(state, row, rules, window._drafts, window.Trace);
        }

        if (!isTaken) window.State = StateAt(state, hasMore);
        if (hasMore) VehiclePolicy.AdvanceTo(state, vehicleId, until, rules, window._drafts, window.Trace);
        else VehiclePolicy.Elapse(state, vehicleId, Earlier(until, now), rules, window._drafts, window.Trace);

        foreach (var draft in window.Drafts.Where(draft => draft.Type == OutcomeType.Excluded)) window._excluded[draft.At] = ReasonOf(draft);
        return window;

        VehicleState StateAt(VehicleState before, bool hasRowsAfter)
        {
            var clone = before.Clone();
            if (hasRowsAfter) VehiclePolicy.AdvanceTo(clone, vehicleId, at, rules);
            else VehiclePolicy.Elapse(clone, vehicleId, Earlier(at, now), rules);
            return clone;
        }
    }

    /// <summary>Why a row was left out; <c>null</c> when it was not.</summary>
    public string? WhyExcluded(Fix row) => _excluded.GetValueOrDefault(PositionKey.Of(row));

    /// <summary>Events of a fence, by what they say happened and when.</summary>
    public IEnumerable<OutcomeDraft> EventsOf(Fence fence) => Drafts
        .Where(draft => draft.Type == OutcomeType.Event && string.Equals(draft.Subject, fence.Definition.Id, StringComparison.Ordinal));

    private static string ReasonOf(OutcomeDraft draft)
    {
        using var evidence = JsonDocument.Parse(draft.Evidence);
        return evidence.RootElement.GetProperty("reason").GetString()!;
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
