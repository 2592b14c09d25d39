using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Simulations;

/// <summary>A stay that the fold says there was.</summary>
/// <param name="ExitedAt"><c>null</c> when it had not ended.</param>
public sealed record SimulatedVisit(DateTimeOffset EnteredAt, DateTimeOffset? ExitedAt, string? EndReason)
{
    public TimeSpan? Duration => ExitedAt - EnteredAt;

    /// <summary>Whether the two have a moment in common.</summary>
    public bool Overlaps(SimulatedVisit other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return EnteredAt <= (other.ExitedAt ?? DateTimeOffset.MaxValue) && other.EnteredAt <= (ExitedAt ?? DateTimeOffset.MaxValue);
    }
}

/// <summary>One vehicle's rows, folded with one fence and no other.</summary>
internal sealed class FenceRun(FenceCandidate candidate, string vehicleId, VehicleState state, DateTimeOffset from)
{
    private readonly OutcomeDrafts _drafts = new();
    private readonly Dictionary<(string Kind, PositionKey At), OutcomeDraft> _events = [];
    private readonly Dictionary<PositionKey, SimulatedVisit> _visits = [];

    public VehicleState State => state;

    /// <summary>By time. Those from before the beginning are left out: they were for warming up.</summary>
    public IEnumerable<OutcomeDraft> Events => _events.Values.OrderBy(happened => happened.At);

    public List<SimulatedVisit> Visits => [.. _visits.OrderBy(visit => visit.Key).Select(visit => visit.Value)];

    public void Take(Fix row)
    {
        VehiclePolicy.Fold(state, row, candidate.Rules, _drafts);
        Keep();
    }

    public void End(DateTimeOffset until)
    {
        VehiclePolicy.AdvanceTo(state, vehicleId, until, candidate.Rules, _drafts);
        Keep();
    }

    private void Keep()
    {
        foreach (var draft in _drafts.All)
        {
            if (!string.Equals(draft.Subject, candidate.Fence.Definition.Id, StringComparison.Ordinal)) continue;
            if (draft.Type == OutcomeType.Event && draft.At.FixedAt >= from) _events[(draft.Kind, draft.At)] = draft;
            else if (draft.Type == OutcomeType.Visit && !(draft.EndedAt < from)) _visits[draft.At] = new SimulatedVisit(draft.At.FixedAt, draft.EndedAt, ReasonOf(draft));
        }

        _drafts.Clear();
    }

    private static string? ReasonOf(OutcomeDraft visit)
    {
        if (visit.EndedAt is null) return null;
        using var evidence = System.Text.Json.JsonDocument.Parse(visit.Evidence);
        return evidence.RootElement.TryGetProperty("endReason", out var reason) ? reason.GetString() : null;
    }
}

/// <summary>The fence with one choice of thresholds, and rules that have no other fence.</summary>
internal sealed class FenceCandidate
{
    public FenceCandidate(Geofence definition, TenantRules rules)
    {
        Fence = Fence.Compile(definition);
        Rules = rules with { Fences = FenceSnapshot.Build([Fence]), KnownThrough = DateTimeOffset.MaxValue };
    }

    public Fence Fence { get; }

    public TenantRules Rules { get; }
}

/// <summary>Visits that say more of the receiver or the road than of a stay.</summary>
internal static class Flaps
{
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(2);

    /// <summary>Those that were left within two minutes, or begin within two minutes of the one before.</summary>
    public static int Count(IReadOnlyList<SimulatedVisit> visits)
    {
        var count = 0;
        for (var i = 0; i < visits.Count; i++)
        {
            var isShort = visits[i].Duration < Short && string.Equals(visits[i].EndReason, "left", StringComparison.Ordinal);
            var isAgain = i > 0 && visits[i].EnteredAt - visits[i - 1].ExitedAt < Short;
            if (isShort || isAgain) count++;
        }

        return count;
    }
}
