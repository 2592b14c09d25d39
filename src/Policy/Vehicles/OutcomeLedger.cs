using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>
/// The outcomes of a vehicle that are written or on their way to be, as far as rows to come may change them. Compares what a fold says with what was
/// said, and answers with the difference.
/// </summary>
internal sealed class OutcomeLedger(string tenant, string vehicleId)
{
    /// <summary>A change counts from some seconds after it was made; rows that were received in between were not there when it was.</summary>
    private static readonly TimeSpan Lead = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Identity, Outcome> _known = [];

    // When the last trip or stop ends that was dropped.
    private DateTimeOffset? _droppedUpTo;

    public int Count => _known.Count;

    public void Load(IEnumerable<Outcome> stored)
    {
        foreach (var outcome in stored) _known[Identity.Of(outcome)] = outcome;
    }

    /// <summary>What a fold of further rows says; everything said before stays.</summary>
    /// <param name="settledAt">As of <see cref="Reconcile"/>.</param>
    public void Apply(OutcomeDrafts drafts, DateTimeOffset settledAt, DateTimeOffset now, List<Outcome> writes)
    {
        foreach (var draft in drafts.All)
        {
            if (Wanted(draft, settledAt, isNew: true) is { } told) Write(told, now, writes);
        }
    }

    /// <summary>
    /// Makes what was said equal to <paramref name="drafts"/>, which are all that is to be said. The same identity is the same outcome; of what is left
    /// over, the nearest of a kind and subject in time order is the same one at another row, and the rest is new or withdrawn.
    /// </summary>
    /// <param name="settledAt">
    /// What was told and through before this, or began before it and is over, stays as it is: it was told with other rules. Rows that were received later say what
    /// was not told, beside it.
    /// </param>
    public void Reconcile(OutcomeDrafts drafts, DateTimeOffset settledAt, DateTimeOffset now, List<Outcome> writes)
    {
        var wanted = new Dictionary<Identity, OutcomeDraft>();
        foreach (var draft in drafts.All) wanted[Identity.Of(draft)] = draft;

        var missing = new List<OutcomeDraft>();
        var found = new HashSet<Identity>();
        foreach (var draft in wanted.Values)
        {
            if (Wanted(draft, settledAt, draft.ReceivedAt - settledAt > -Lead) is not { } told) continue;
            if (_known.ContainsKey(Identity.Of(told)))
            {
                found.Add(Identity.Of(told));
                Write(told, now, writes);
            }
            else
            {
                missing.Add(told);
            }
        }

        var surplus = _known.Where(known => !found.Contains(known.Key) && !wanted.ContainsKey(known.Key) && !Stays(known.Value, settledAt)).Select(known => known.Value);
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
            if (outcome.State == OutcomeState.Open || outcome.At > through || outcome.Through > through) continue;
            _known.Remove(identity);
            if (outcome is { State: OutcomeState.Closed, Type: OutcomeType.Trip or OutcomeType.Stop } && !(_droppedUpTo >= outcome.EndedAt)) _droppedUpTo = outcome.EndedAt;
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

    /// <summary>What of a draft is to be told beside what stays; <c>null</c> when nothing is.</summary>
    /// <param name="isNew">The row that says so was not there when the line was drawn.</param>
    private OutcomeDraft? Wanted(OutcomeDraft draft, DateTimeOffset settledAt, bool isNew)
    {
        if (draft.At.FixedAt >= settledAt) return draft;
        var isKnown = _known.TryGetValue(Identity.Of(draft), out var told);
        if (isKnown && !Stays(told!, settledAt)) return draft;

        // From before the line and over: told with other rules, or by rows that were not there when it was.
        var covered = CoveredUpTo(draft, settledAt);
        if (draft.State != OutcomeState.Open && draft.Through.FixedAt < settledAt) return !isKnown && covered is null && isNew ? draft : null;

        // It goes on beyond the line: what is left of it after what was told.
        if (covered is not { } end) return isKnown ? null : draft;
        return draft.EndedAt <= end ? null : draft with { At = DeadlineKeys.At(end) };
    }

    /// <summary>Told before the line of something that is over.</summary>
    private static bool Stays(Outcome known, DateTimeOffset settledAt) =>
        known.State != OutcomeState.Open && known.At.FixedAt < settledAt && known.RecordedAt <= settledAt;

    /// <summary>When the last of what stays of that time ends: a vehicle is on a trip or on a stop, and in a fence once.</summary>
    private DateTimeOffset? CoveredUpTo(OutcomeDraft draft, DateTimeOffset settledAt)
    {
        DateTimeOffset? end = null;
        if (draft.Type is OutcomeType.Event or OutcomeType.Excluded) return end;
        if (draft.Type is OutcomeType.Trip or OutcomeType.Stop && _droppedUpTo > draft.At.FixedAt) end = _droppedUpTo;
        foreach (var known in _known.Values)
        {
            if (known.State != OutcomeState.Closed || !Stays(known, settledAt) || !IsOfOneCourse(known, draft)) continue;
            if (known.EndedAt is { } ended && ended > draft.At.FixedAt && !(known.At.FixedAt >= draft.EndedAt) && !(end >= ended)) end = ended;
        }

        return end;
    }

    private static bool IsOfOneCourse(Outcome known, OutcomeDraft draft) => draft.Type is OutcomeType.Trip or OutcomeType.Stop
        ? known.Type is OutcomeType.Trip or OutcomeType.Stop
        : known.Type == draft.Type && string.Equals(known.Subject, draft.Subject, StringComparison.Ordinal);

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
