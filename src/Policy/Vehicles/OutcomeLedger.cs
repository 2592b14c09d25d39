using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>
/// The outcomes of a vehicle that are written or on their way to be, as far as rows to come may change them. Compares what a fold says with what was
/// said, and answers with the difference.
/// </summary>
internal sealed class OutcomeLedger(string tenant, string vehicleId)
{
    private readonly Dictionary<Identity, Outcome> _known = [];

    public int Count => _known.Count;

    public void Load(IEnumerable<Outcome> stored)
    {
        foreach (var outcome in stored) _known[Identity.Of(outcome)] = outcome;
    }

    /// <summary>What a fold of further rows says; everything said before stays.</summary>
    public void Apply(OutcomeDrafts drafts, DateTimeOffset now, List<Outcome> writes)
    {
        foreach (var draft in drafts.All) Write(draft, now, writes);
    }

    /// <summary>
    /// Makes what was said equal to <paramref name="drafts"/>, which are all that is to be said. The same identity is the same outcome; of what is left
    /// over, the nearest of a kind and subject in time order is the same one at another row, and the rest is new or withdrawn.
    /// </summary>
    /// <param name="settledAt">What was through before this stays as it is.</param>
    public void Reconcile(OutcomeDrafts drafts, DateTimeOffset settledAt, DateTimeOffset now, List<Outcome> writes)
    {
        var wanted = new Dictionary<Identity, OutcomeDraft>();
        foreach (var draft in drafts.All) wanted[Identity.Of(draft)] = draft;

        var surplus = _known.Where(known => !wanted.ContainsKey(known.Key) && !IsSettled(known.Value.State, known.Value.Through, settledAt)).Select(known => known.Value).ToList();
        var missing = new List<OutcomeDraft>();
        foreach (var draft in wanted.Values)
        {
            if (IsSettled(draft.State, draft.Through, settledAt)) continue;
            if (_known.ContainsKey(Identity.Of(draft))) Write(draft, now, writes);
            else missing.Add(draft);
        }

        var replaced = surplus.GroupBy(outcome => (outcome.Type, outcome.Kind, outcome.Subject))
            .ToDictionary(group => group.Key, group => new Queue<Outcome>(group.OrderBy(outcome => outcome.At)));
        foreach (var draft in missing.OrderBy(draft => draft.At))
        {
            if (replaced.TryGetValue((draft.Type, draft.Kind, draft.Subject), out var olds) && olds.TryDequeue(out var old)) Move(old, draft, writes);
            else Write(draft, now, writes);
        }

        foreach (var gone in replaced.Values.SelectMany(left => left))
        {
            // Its identity may be another outcome's by now.
            if (_known.TryGetValue(Identity.Of(gone), out var there) && there.Id == gone.Id) _known.Remove(Identity.Of(gone));
            writes.Add(WasOfSensor(gone, settledAt) ? Ended(gone, settledAt) : gone with { State = OutcomeState.Withdrawn, Revision = gone.Revision + 1 });
        }
    }

    /// <summary>Drops what no row after <paramref name="through"/> can change.</summary>
    public void Forget(PositionKey through)
    {
        foreach (var (identity, outcome) in _known)
        {
            if (outcome.State != OutcomeState.Open && outcome.At <= through && outcome.Through <= through) _known.Remove(identity);
        }
    }

    /// <summary>
    /// What a sensor says since before the settled line and does not say any more was true until the sensor was changed or removed: sensors have no versions in
    /// fix time, as fences do.
    /// </summary>
    private static bool WasOfSensor(Outcome gone, DateTimeOffset settledAt) =>
        gone.State == OutcomeState.Open && gone.At.FixedAt < settledAt && gone.Kind.StartsWith("sensor.", StringComparison.Ordinal);

    private static Outcome Ended(Outcome gone, DateTimeOffset settledAt) =>
        gone with { State = OutcomeState.Closed, EndedAt = settledAt, Through = DeadlineKeys.At(settledAt), Revision = gone.Revision + 1 };

    private static bool IsSettled(OutcomeState state, PositionKey through, DateTimeOffset settledAt) =>
        state != OutcomeState.Open && through.FixedAt < settledAt;

    private void Write(OutcomeDraft draft, DateTimeOffset now, List<Outcome> writes)
    {
        var identity = Identity.Of(draft);
        if (!_known.TryGetValue(identity, out var known))
        {
            Put(New(draft, now), writes);
        }
        else if (!IsSame(known, draft))
        {
            Put(Revised(known, draft), writes);
        }
    }

    private void Move(Outcome old, OutcomeDraft draft, List<Outcome> writes)
    {
        if (_known.TryGetValue(Identity.Of(old), out var there) && there.Id == old.Id) _known.Remove(Identity.Of(old));
        Put(Revised(old, draft), writes);
    }

    private void Put(Outcome outcome, List<Outcome> writes)
    {
        _known[Identity.Of(outcome)] = outcome;
        // Of several words on one outcome only the last is stored.
        var earlier = writes.FindIndex(write => write.Id == outcome.Id);
        if (earlier >= 0) writes.RemoveAt(earlier);
        writes.Add(outcome);
    }

    private Outcome New(OutcomeDraft draft, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Tenant = tenant,
        VehicleId = vehicleId,
        Type = draft.Type,
        Kind = draft.Kind,
        Subject = draft.Subject,
        At = draft.At,
        EndedAt = draft.EndedAt,
        Through = draft.Through,
        State = draft.State,
        Revision = 1,
        Evidence = draft.Evidence,
        RecordedAt = now,
    };

    private static Outcome Revised(Outcome known, OutcomeDraft draft) => known with
    {
        At = draft.At,
        EndedAt = draft.EndedAt,
        Through = draft.Through,
        State = draft.State,
        Revision = known.Revision + 1,
        Evidence = draft.Evidence,
    };

    private static bool IsSame(Outcome known, OutcomeDraft draft) =>
        known.State == draft.State && known.EndedAt == draft.EndedAt && string.Equals(known.Evidence, draft.Evidence, StringComparison.Ordinal)
        && (draft.State == OutcomeState.Open || known.Through == draft.Through);

    private readonly record struct Identity(OutcomeType Type, string Kind, string Subject, PositionKey At)
    {
        public static Identity Of(Outcome outcome) => new(outcome.Type, outcome.Kind, outcome.Subject, outcome.At);

        public static Identity Of(OutcomeDraft draft) => new(draft.Type, draft.Kind, draft.Subject, draft.At);
    }
}
