using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Explanations;

/// <summary>Answers why, from stored rows alone: it folds them again with the rules of their time, and asks no vehicle.</summary>
internal sealed class Explainer(
    ITelemetryStore telemetry, IOutcomeStore outcomes, IOptions<ExplainOptions> options, IOptions<FixOptions> fixes, TimeProvider time)
{
    private const int MaxOutcomes = 200;

    private static readonly OutcomeType[] Told = [OutcomeType.Event, OutcomeType.Trip, OutcomeType.Stop, OutcomeType.Visit];

    public async Task<ExplanationView> ExplainAsync(
        string vehicleId, DateTimeOffset at, string? fenceId, TenantRules rules, CancellationToken cancellationToken)
    {
        var own = options.Value;
        var now = time.GetUtcNow();
        var history = new HistoryWindow(telemetry, rules.Tenant, vehicleId);
        var before = await history.ReadUpToAsync(at, own.Warmup, own.MaxWarmupRows, now - fixes.Value.Retention, cancellationToken);
        var after = await history.ReadAfterAsync(at, null, own.MaxAftermathRows, cancellationToken);
        var until = at + own.Aftermath;
        var near = after.TakeWhile(row => row.FixedAt <= until).ToList();
        if (near.Count == own.MaxAftermathRows) until = near[^1].FixedAt;

        List<Fix> rows = [.. before, .. near];
        var hasMore = near.Count < after.Count || near.Count == own.MaxAftermathRows;
        var window = FoldedWindow.Of(rows, vehicleId, rules, fenceId, at, until, hasMore, now);
        var state = VehicleStateView.Of(window.State);
        var from = Earlier(at - own.Aftermath, state.Last?.FixedAt ?? at);
        var stored = await outcomes.ReadOutcomesAsync(
            new OutcomeQuery { Tenant = rules.Tenant, VehicleIds = [vehicleId], Types = Told, From = from, To = until + TimeSpan.FromMicroseconds(1), Limit = MaxOutcomes },
            cancellationToken);

        var versions = fenceId is null ? [] : rules.Fences.Versions(fenceId);
        var fence = fenceId is null ? null : rules.Fences.Find(fenceId, at);
        state = WithBeginning(state, stored, at) with { Visits = [.. state.Visits.Select(visit => WithBeginning(visit, stored, at))] };
        var standing = fence is null ? null : FenceStanding.Of(window.State, vehicleId, fence, rules);
        if (standing is { Phase: FencePhaseView.Entering or FencePhaseView.Inside })
            standing = standing with { Since = state.Visits.FirstOrDefault(visit => visit.FenceId == fenceId)?.EnteredAt ?? standing.Since };

        bool IsPlace(Fix row) => row.Verdict == FixVerdict.Accepted && window.WhyExcluded(row) is null;
        var next = near.FirstOrDefault(IsPlace) ?? after.Skip(near.Count).FirstOrDefault(row => row.Verdict == FixVerdict.Accepted);
        var asked = new ExplainCase
        {
            VehicleId = vehicleId, At = at, Rules = rules, State = state, Window = window, Since = state.Since, NextAt = next?.FixedAt,
            Unplaced = [.. rows.Where(row => !IsPlace(row) && row.FixedAt > (state.Last?.FixedAt ?? from) && !(row.FixedAt > next?.FixedAt) && (row.FixedAt - at).Duration() <= own.Aftermath)],
            Versions = versions, Fence = fence, Standing = standing,
        };
        return new ExplanationView(
            vehicleId, at, ExplainAnswer.Of(asked), new ExplainedWindowView(from, until, rows.Count == 0 ? null : rows[0].FixedAt, rows.Count),
            state.Last is null ? null : StateOf(state, rules, at), fence is null ? null : FenceOf(fence, standing, rules, vehicleId, at),
            FixesAround(before, near, window, from), [.. stored.Where(outcome => IsAbout(outcome, fenceId)).Select(OutcomeView.Of)], LinesAround(window, at, from, fenceId),
            NotesOf(rules, rows, from, stored.Count));
    }

    /// <summary>The fold began at some row: what was going on there began earlier, as the stored outcome of it says.</summary>
    private static VehicleStateView WithBeginning(VehicleStateView state, IReadOnlyList<Outcome> stored, DateTimeOffset at)
    {
        var type = state.Motion is MotionView.Parked ? OutcomeType.Stop : OutcomeType.Trip;
        var told = stored.FirstOrDefault(outcome => outcome.Type == type && GoesOn(outcome, at));
        return told?.At.FixedAt < state.Since
            ? state with { Since = told.At.FixedAt, Motion = state.Motion is MotionView.Departing ? MotionView.Driving : state.Motion }
            : state;
    }

    private static VehicleStateView.VisitView WithBeginning(VehicleStateView.VisitView visit, IReadOnlyList<Outcome> stored, DateTimeOffset at) =>
        stored.FirstOrDefault(outcome => outcome.Type == OutcomeType.Visit && outcome.Subject == visit.FenceId && GoesOn(outcome, at)) is { } told && told.At.FixedAt < visit.EnteredAt
            ? visit with { EnteredAt = told.At.FixedAt, Phase = visit.Phase == FencePhaseView.Entering ? FencePhaseView.Inside : visit.Phase }
            : visit;

    private static bool GoesOn(Outcome outcome, DateTimeOffset at) => outcome.At.FixedAt <= at && !(outcome.EndedAt <= at);

    private static bool IsAbout(Outcome outcome, string? fenceId) => fenceId is null || outcome.Subject.Length == 0 || outcome.Subject == fenceId;

    private IReadOnlyList<ExplainedFixView> FixesAround(IReadOnlyList<Fix> before, List<Fix> after, FoldedWindow window, DateTimeOffset from) =>
    [
        .. before.Where(row => row.FixedAt >= from).TakeLast(options.Value.MaxFixes).Concat(after.Take(options.Value.MaxFixes))
            .Select(row => new ExplainedFixView(PositionView.Of(row), window.WhyExcluded(row))),
    ];

    /// <summary>Of a fence that was asked for every line of the fold, since its last one may be long ago; of the rest those of the window.</summary>
    private IReadOnlyList<TraceLineView> LinesAround(FoldedWindow window, DateTimeOffset at, DateTimeOffset from, string? fenceId)
    {
        var lines = window.Trace.Lines.Where(line => line.At >= from || (fenceId is not null && line.FenceId == fenceId)).ToList();
        var first = Math.Max(0, Math.Min(lines.FindLastIndex(line => line.At <= at) - (options.Value.MaxLines / 2), lines.Count - options.Value.MaxLines));
        return [.. lines.Skip(first).Take(options.Value.MaxLines).Select(line => new TraceLineView(line.At, line.Step, line.Text, line.FenceId))];
    }

    private static List<string> NotesOf(TenantRules rules, List<Fix> rows, DateTimeOffset from, int outcomeCount)
    {
        var notes = new List<string>();
        if (from < rules.SettledAt)
            notes.Add($"Settings were changed at {Rfc3339.Write(rules.SettledAt)}: outcomes from before were told with earlier ones, the fold here uses those of now.");
        if (rows.Count > 0 && from < rows[0].FixedAt + TimeSpan.FromMinutes(5))
            notes.Add($"The fold began at {Rfc3339.Write(rows[0].FixedAt)} from nothing: what it says of the first minutes may differ from what was told.");
        if (outcomeCount == MaxOutcomes) notes.Add($"There are more outcomes than the {MaxOutcomes} that are shown.");
        return notes;
    }

    private static ExplainedStateView StateOf(VehicleStateView state, TenantRules rules, DateTimeOffset at)
    {
        var place = state.Last!;
        return new ExplainedStateView(
            state.Motion.Word(), state.Since, place.FixedAt, place.Latitude, place.Longitude, place.AccuracyMeters, place.SpeedMetersPerSecond, state.Ignition,
            [
                .. state.Visits.Select(visit => new ExplainedVisitView(
                    visit.FenceId, rules.Fences.Find(visit.FenceId, at)?.Definition.Name, visit.Version, visit.Phase.Word(), visit.EnteredAt, visit.OutsideSince)),
            ]);
    }

    private static ExplainedFenceView FenceOf(Fence fence, FenceStanding? standing, TenantRules rules, string vehicleId, DateTimeOffset at)
    {
        var version = fence.Definition;
        return new ExplainedFenceView(
            version.Id, version.Name, version.Version, version.ValidFrom, version.ValidTo, fence.IsAwakeAt(at), fence.IsFor(rules.GroupsOf(vehicleId)), standing?.Phase.Word(),
            standing is null ? null : Math.Round(standing.MetersOutside, 2), standing is null ? null : Math.Round(standing.MarginMeters, 2), standing?.MinDwell.TotalSeconds);
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
