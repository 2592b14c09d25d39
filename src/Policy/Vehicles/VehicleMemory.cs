using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Outcomes;
using FleetTracker.Sensors;

namespace FleetTracker.Vehicles;

/// <summary>What a fold gives its lane.</summary>
public sealed class FoldResult
{
    /// <summary>To be written by the lane's next commit, in this order.</summary>
    public required IReadOnlyList<Outcome> Writes { get; init; }

    /// <summary>To be written with them, oldest first.</summary>
    public required IReadOnlyList<VehicleCheckpoint> Checkpoints { get; init; }

    /// <summary>A row is older than the memory reaches: it must be rebuilt from what is stored.</summary>
    public bool IsBehind { get; init; }

    /// <summary>A row was left out because a step threw; <c>null</c> when none was, or when it was told before.</summary>
    public Exception? Failure { get; init; }
}

/// <summary>The fold of all rows up to <paramref name="Head"/>; the state belongs to whoever gets it.</summary>
public readonly record struct VehicleCheckpoint(PositionKey Head, VehicleState State);

/// <summary>
/// What is remembered of one vehicle: its state, its newest rows and the state before them, so that a row that is a little late is folded where it
/// belongs, and what it said so far, so that only differences are written. Pure: no clock, no I/O.
/// </summary>
public sealed class VehicleMemory
{
    /// <summary>Rows that are remembered at least; up to twice as many are.</summary>
    public const int TailRows = 16;

    /// <summary>Rows after which the state before the tail is handed over as a checkpoint; also once per day of fix time.</summary>
    public const int CheckpointRows = 64;

    /// <summary>Rows of a device whose clock is ahead that wait for the rules of their time to be known.</summary>
    private const int MaxWaiting = 64;

    private readonly string _tenant;
    private readonly string _vehicleId;
    private readonly List<Fix> _tail = new(2 * TailRows);
    private readonly List<Fix> _waiting = [];

    // The oldest row that waits and is not remembered: when its time is known, it must be read.
    private DateTimeOffset? _unremembered;
    private readonly OutcomeLedger _ledger;
    private readonly OutcomeDrafts _drafts = new();
    private readonly List<VehicleCheckpoint> _checkpoints = [];
    private VehicleState _before;
    private VehicleState _now;
    private int _sinceCheckpoint;
    private bool _hasElapsed;
    private bool _hasMoved;

    private VehicleMemory(string tenant, string vehicleId, VehicleState before)
    {
        _tenant = tenant;
        _vehicleId = vehicleId;
        _ledger = new OutcomeLedger(tenant, vehicleId);
        _before = before;
        _now = before.Clone();
    }

    /// <summary>Rows at or before this are not remembered; <c>default</c> when all are.</summary>
    public PositionKey Before => _before.Head;

    public VehicleState State => _now;

    /// <summary>A change of fences or sensors may end something that goes on.</summary>
    public bool MindsRules => _now.Visits.Length > 0 || SensorStep.GoesOn(_now);

    /// <summary>Begins a memory from the newest checkpoint before the rows that will follow, or from nothing.</summary>
    /// <param name="before">Belongs to the memory from now on; <c>null</c> when there is no checkpoint.</param>
    public static VehicleMemory Begin(string tenant, string vehicleId, VehicleState? before) => new(tenant, vehicleId, before ?? new VehicleState());

    /// <summary>
    /// Folds rows that are new, sorted by key; known ones change nothing. On <see cref="FoldResult.IsBehind"/> nothing was folded, and the memory is to
    /// be thrown away.
    /// </summary>
    public FoldResult Fold(IReadOnlyList<Fix> rows, TenantRules rules, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(rules);
        var head = _tail.Count > 0 ? PositionKey.Of(_tail[^1]) : _before.Head;
        var first = _tail.Count;
        var isInOrder = !_hasElapsed;
        if (_unremembered <= rules.KnownThrough) return Behind;
        if (_waiting.Count > 0) rows = WithWaiting(rows);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (row.Verdict == FixVerdict.BeyondWindow) continue;
            if (row.FixedAt > rules.KnownThrough)
            {
                Wait(row);
                continue;
            }

            var key = PositionKey.Of(row);
            if (key <= _before.Head) return Behind;
            if (key > head)
            {
                _tail.Add(row);
                head = key;
            }
            else if (Insert(row, key))
            {
                isInOrder = false;
            }
        }

        return Finish(isInOrder ? GoOn(first, rules, now) : Refold(rules, now));
    }

    /// <summary>What is so at <paramref name="now"/> though nothing has arrived.</summary>
    public FoldResult Elapse(TenantRules rules, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (_unremembered <= rules.KnownThrough || (_waiting.Count > 0 && _waiting[0].FixedAt <= rules.KnownThrough)) return Fold([], rules, now);
        _drafts.Clear();
        DraftElapsed(rules, now);
        _hasElapsed |= _drafts.Count > 0;
        return Finish(Apply(rules, now));
    }

    /// <summary>Folds all rows after the checkpoint that the memory began with, and compares the outcome with what is stored.</summary>
    /// <param name="rows">Ascending by key, all of them after <see cref="Before"/>.</param>
    /// <param name="stored">Everything that rows after <see cref="Before"/> may have a say in.</param>
    public async Task<FoldResult> CatchUpAsync(IAsyncEnumerable<Fix> rows, IReadOnlyList<Outcome> stored, TenantRules rules, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(rules);
        _ledger.Load(stored);
        _drafts.Clear();
        VehiclePolicy.WriteOpen(_before, _vehicleId, rules, _drafts);
        await foreach (var row in rows)
        {
            if (row.Verdict == FixVerdict.BeyondWindow) continue;
            if (row.FixedAt > rules.KnownThrough)
            {
                Wait(row);
                continue;
            }

            VehiclePolicy.Fold(_now, row, rules, _drafts);
            _tail.Add(row);
            MoveOn(rules);
        }

        return Finish(Conclude(rules, now));
    }

    /// <summary>When the vehicle must be looked at though nothing arrives; <c>null</c> = never.</summary>
    public DateTimeOffset? DueAt(TenantRules rules, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var due = VehiclePolicy.DueAt(_now, _vehicleId, rules, now);
        if (_waiting.Count == 0) return due;
        var lead = rules.KnownThrough - now;
        var known = _waiting[0].FixedAt - (lead > TimeSpan.Zero ? lead : TimeSpan.Zero);
        return due is null || known < due ? known : due;
    }

    /// <summary>What dispatchers see, or <c>null</c> when there is no place yet.</summary>
    public LiveVehicle? Live(TenantRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return VehiclePolicy.ToLive(_now, _tenant, _vehicleId, rules.OptionsOf(_vehicleId));
    }

    private static FoldResult Nothing { get; } = new() { Writes = [], Checkpoints = [] };

    private static FoldResult Behind { get; } = new() { Writes = [], Checkpoints = [], IsBehind = true };

    private List<Fix> WithWaiting(IReadOnlyList<Fix> rows)
    {
        List<Fix> all = [.. _waiting, .. rows];
        _waiting.Clear();
        all.Sort((a, b) => PositionKey.Of(a).CompareTo(PositionKey.Of(b)));
        return all;
    }

    /// <summary>For the rules of its time to be known.</summary>
    private void Wait(Fix row)
    {
        if (_waiting.Count < MaxWaiting) _waiting.Add(row);
        else if (!(_unremembered <= row.FixedAt)) _unremembered = row.FixedAt;
    }

    /// <summary>False when it is there already.</summary>
    private bool Insert(Fix row, PositionKey key)
    {
        var place = _tail.Count;
        while (place > 0 && PositionKey.Of(_tail[place - 1]) > key) place--;
        if (place > 0 && PositionKey.Of(_tail[place - 1]) == key) return false;
        _tail.Insert(place, row);
        return true;
    }

    /// <summary><c>null</c> when there is nothing to write, as after nearly all rows.</summary>
    private List<Outcome>? GoOn(int first, TenantRules rules, DateTimeOffset now)
    {
        _drafts.Clear();
        for (var i = first; i < _tail.Count; i++) VehiclePolicy.Fold(_now, _tail[i], rules, _drafts);
        // What only the rows to come decide is told as it looks now.
        var told = _drafts.Count;
        if (_now.Connection.IsAhead) DraftElapsed(rules, now);
        _hasElapsed = _drafts.Count > told;
        var writes = Apply(rules, now);
        MoveOn(rules);
        return writes;
    }

    private List<Outcome>? Apply(TenantRules rules, DateTimeOffset now)
    {
        if (_drafts.Count == 0) return null;
        var writes = new List<Outcome>();
        _ledger.Apply(_drafts, rules.SettledAt, now, writes);
        return writes;
    }

    private List<Outcome> Refold(TenantRules rules, DateTimeOffset now)
    {
        _drafts.Clear();
        _now = _before.Clone();
        VehiclePolicy.WriteOpen(_now, _vehicleId, rules, _drafts);
        foreach (var row in _tail) VehiclePolicy.Fold(_now, row, rules, _drafts);
        var writes = Conclude(rules, now);
        MoveOn(rules);
        return writes;
    }

    private List<Outcome> Conclude(TenantRules rules, DateTimeOffset now)
    {
        var told = _drafts.Count;
        DraftElapsed(rules, now);
        _hasElapsed = _drafts.Count > told;
        var writes = new List<Outcome>();
        _ledger.Reconcile(_drafts, rules.SettledAt, now, writes);
        return writes;
    }

    private void DraftElapsed(TenantRules rules, DateTimeOffset now)
    {
        var until = now < rules.KnownThrough ? now : rules.KnownThrough;
        VehiclePolicy.Elapse(_now.Clone(), _vehicleId, until, rules, _drafts);
    }

    private void MoveOn(TenantRules rules)
    {
        if (_tail.Count < 2 * TailRows) return;
        var leaving = _tail.Count - TailRows;
        for (var i = 0; i < leaving; i++)
        {
            VehiclePolicy.Fold(_before, _tail[i], rules);
            _sinceCheckpoint++;
            CheckpointAtDaysEnd(_tail[i], _tail[i + 1]);
        }

        _tail.RemoveRange(0, leaving);
        _hasMoved = true;
        if (_sinceCheckpoint >= CheckpointRows) Checkpoint();
    }

    private void CheckpointAtDaysEnd(Fix row, Fix next)
    {
        if (row.FixedAt.UtcDateTime.Date != next.FixedAt.UtcDateTime.Date) Checkpoint();
    }

    private void Checkpoint()
    {
        // Of one day only the last is kept.
        if (_checkpoints.Count > 0 && _checkpoints[^1].Head.FixedAt.UtcDateTime.Date == _before.Head.FixedAt.UtcDateTime.Date) _checkpoints.RemoveAt(_checkpoints.Count - 1);
        _checkpoints.Add(new VehicleCheckpoint(_before.Head, _before.Clone()));
        _sinceCheckpoint = 0;
    }

    private FoldResult Finish(List<Outcome>? writes)
    {
        if (_hasMoved) _ledger.Forget(_before.Head);
        _hasMoved = false;
        var failure = _drafts.Failure;
        _drafts.Clear();
        if (writes is not { Count: > 0 } && _checkpoints.Count == 0) return Nothing;
        IReadOnlyList<VehicleCheckpoint> checkpoints = [];
        if (_checkpoints.Count > 0)
        {
            checkpoints = [.. _checkpoints];
            _checkpoints.Clear();
        }

        return new FoldResult { Writes = writes ?? [], Checkpoints = checkpoints, Failure = writes is { Count: > 0 } ? failure : null };
    }
}
