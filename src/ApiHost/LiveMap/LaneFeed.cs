namespace FleetTracker.LiveMap;

/// <summary>
/// What this host knows of one lane's feed. Deltas form a chain by number; whatever breaks it is answered with a snapshot. Deltas that arrive
/// while a snapshot is on its way are kept, because they may continue it. Not safe for threads: the feed's lock covers it.
/// </summary>
internal sealed class LaneFeed(int lane, DateTimeOffset now)
{
    private const int MaxEarly = 64;

    private readonly List<LanePart> _early = [];

    public int Lane => lane;

    /// <summary>Number up to which the replicas have the lane; <c>null</c> = a snapshot is needed.</summary>
    public long? Number { get; private set; }

    /// <summary>Last time the lane said anything about its vehicles.</summary>
    public DateTimeOffset HeardAt { get; private set; } = now;

    public DateTimeOffset AskedAt { get; private set; } = DateTimeOffset.MinValue;

    public bool IsAsking { get; private set; }

    public DateTimeOffset? NewestCommitAt { get; private set; }

    public string? Holding { get; private set; }

    /// <summary>Why the next snapshot is fetched, for the counter.</summary>
    public string ResyncReason { get; private set; } = "start";

    /// <summary>Forgets the chain; the next question asks for a snapshot.</summary>
    public void Break(string reason)
    {
        if (Number is null) return;
        Number = null;
        ResyncReason = reason;
    }

    /// <summary>Nobody looked before, so nobody listened either: the lane's silence begins now.</summary>
    public void Begin(DateTimeOffset now) => HeardAt = now;

    public void Ask(DateTimeOffset now)
    {
        IsAsking = true;
        AskedAt = now;
    }

    /// <summary>Questions in a row that were not answered.</summary>
    public int Failures { get; private set; }

    /// <summary>The question was not answered.</summary>
    public void GiveUp(bool failed)
    {
        IsAsking = false;
        if (failed) Failures++;
    }

    /// <summary>Takes a delta; returns true when it is to be applied now.</summary>
    public bool TryTake(LanePart part, DateTimeOffset now)
    {
        if (Number == part.Since)
        {
            Advance(part, now);
            return true;
        }

        if (Number is { } number && part.Number <= number && part.Since < number) return false;
        Break("gap");
        if (_early.Count == MaxEarly) _early.Clear();
        _early.Add(part);
        return false;
    }

    /// <summary>Takes the answer to <see cref="Ask"/>; returns the snapshot when it is to be applied, and the kept deltas that continue it.</summary>
    public (LaneSnapshot? Snapshot, IReadOnlyList<LanePart> Then) Answer(LaneSnapshot? snapshot, DateTimeOffset now)
    {
        IsAsking = false;
        Failures = 0;
        if (snapshot is null) return (null, []);

        // A delta was under way when the lane compared numbers, and has brought us at least as far since.
        if (Number is { } number && snapshot.Number <= number) return (null, []);

        Number = snapshot.Number;
        HeardAt = now;
        NewestCommitAt = snapshot.NewestCommitAt;
        Holding = snapshot.Holding;
        List<LanePart> then = [];
        foreach (var part in _early)
        {
            if (part.Since != Number) continue;
            Advance(part, now);
            then.Add(part);
        }

        _early.Clear();
        return (snapshot, then);
    }

    private void Advance(LanePart part, DateTimeOffset now)
    {
        Number = part.Number;
        HeardAt = now;
        NewestCommitAt = part.NewestCommitAt;
        Holding = part.Holding;
    }
}
