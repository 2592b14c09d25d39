using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>
/// What a database holds of one vehicle, with the rules of a commit: rows once, outcomes by id, checkpoints that are true or gone. A real store in
/// memory, so that thousands of histories can be tried.
/// </summary>
internal sealed class Archive(TenantRules rules)
{
    private readonly SortedDictionary<PositionKey, Fix> _rows = [];
    private readonly Dictionary<Guid, Outcome> _outcomes = [];
    private readonly SortedDictionary<PositionKey, VehicleState> _checkpoints = [];
    private readonly List<VehicleCheckpoint> _queuedCheckpoints = [];
    private readonly List<Outcome> _queued = [];
    private VehicleMemory? _memory;

    /// <summary>May be changed on the way, as a tenant does.</summary>
    public TenantRules Rules { get; set; } = rules;

    public int Rebuilds { get; private set; }

    public int Writes { get; private set; }

    public IEnumerable<Outcome> All => _outcomes.Values;

    public IEnumerable<Outcome> Said => _outcomes.Values.Where(outcome => outcome.State != OutcomeState.Withdrawn);

    public VehicleMemory? Memory => _memory;

    /// <summary>A commit of rows and of what earlier folds said, then the fold of what was new.</summary>
    public void Commit(IEnumerable<Fix> batch, DateTimeOffset now)
    {
        var fresh = batch.Where(row => _rows.TryAdd(PositionKey.Of(row), row)).OrderBy(PositionKey.Of).ToList();
        Flush();
        foreach (var row in fresh) DropCheckpoints(PositionKey.Of(row));
        if (_memory is null) CatchUp(now, null);
        else Take(_memory.Fold(fresh, Rules, now), now, fresh.Count > 0 ? PositionKey.Of(fresh[0]) : null);
    }

    public void Elapse(DateTimeOffset now)
    {
        if (_memory is null) CatchUp(now, null);
        Take(_memory!.Elapse(Rules, now), now, null);
        Flush();
    }

    /// <summary>The process dies: memory and what was not committed are gone.</summary>
    public void Kill()
    {
        _memory = null;
        _queued.Clear();
        _queuedCheckpoints.Clear();
    }

    /// <summary>Everything that is said, without what depends on the order of arrival.</summary>
    public string[] Say() =>
    [
        .. _outcomes.Values.Where(outcome => outcome.State != OutcomeState.Withdrawn)
            .OrderBy(outcome => outcome.At).ThenBy(outcome => outcome.Type).ThenBy(outcome => outcome.Kind, StringComparer.Ordinal).ThenBy(outcome => outcome.Subject, StringComparer.Ordinal)
            .Select(outcome => $"{outcome.At.FixedAt:MM-dd HH:mm:ss}/{outcome.At.Digest} {outcome.Kind} {outcome.Subject} {outcome.State} {outcome.EndedAt:MM-dd HH:mm:ss} {outcome.Evidence}"),
    ];

    private void Flush()
    {
        foreach (var outcome in _queued) _outcomes[outcome.Id] = outcome;
        foreach (var checkpoint in _queuedCheckpoints) _checkpoints[checkpoint.Head] = checkpoint.State;
        Writes += _queued.Count;
        _queued.Clear();
        _queuedCheckpoints.Clear();
    }

    private void Take(FoldResult result, DateTimeOffset now, PositionKey? oldest)
    {
        if (result.IsBehind)
        {
            CatchUp(now, oldest);
            return;
        }

        _queued.AddRange(result.Writes);
        _queuedCheckpoints.AddRange(result.Checkpoints);
    }

    private void CatchUp(DateTimeOffset now, PositionKey? oldest)
    {
        // A catch-up compares with what is stored, so it waits until everything said before is.
        Flush();
        if (oldest is { } row) DropCheckpoints(row);
        Rebuilds++;
        var from = _checkpoints.LastOrDefault();
        _memory = VehicleMemory.Begin("default", "v1", from.Value?.Clone());
        var before = from.Value is null ? default : from.Key;
        var stored = _outcomes.Values.Where(outcome => outcome.State != OutcomeState.Withdrawn
            && (outcome.State == OutcomeState.Open || outcome.At > before || outcome.Through > before)).ToList();
        var rows = _rows.Where(pair => pair.Key > before).Select(pair => pair.Value).ToAsyncEnumerable();
        var caughtUp = _memory.CatchUpAsync(rows, stored, Rules, now);
        Assert.True(caughtUp.IsCompletedSuccessfully, caughtUp.Exception?.ToString());
#pragma warning disable VSTHRD002 // Nothing waits: it has completed, since the rows are in memory.
        Take(caughtUp.Result, now, null);
#pragma warning restore VSTHRD002
    }

    private void DropCheckpoints(PositionKey late)
    {
        foreach (var head in _checkpoints.Keys.Where(head => head >= late).ToArray()) _checkpoints.Remove(head);
        _queuedCheckpoints.RemoveAll(checkpoint => checkpoint.Head >= late);
    }
}
