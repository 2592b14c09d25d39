using System.Threading.Channels;
using FleetTracker.Outcomes;
using FleetTracker.Storage;

namespace FleetTracker.Ingestion;

/// <summary>
/// What a lane has for the next commit, and the commits that it has not looked at yet. The lane adds and reads, the silo's writer takes and
/// completes; the lock is held for list operations only.
/// </summary>
internal sealed class LaneQueue(int lane, LaneOptions options)
{
    private readonly Lock _gate = new();
    private readonly Queue<LaneBatch> _batches = new();
    private readonly Channel<CommittedWork> _committed = Channel.CreateUnbounded<CommittedWork>(new() { SingleReader = true, SingleWriter = true });
    private readonly Dictionary<string, PositionKey> _checkpointed = new(StringComparer.Ordinal);
    private readonly List<(long Number, string VehicleId, PositionKey Row)> _lateRows = [];
    private List<LaneVehicle> _newVehicles = [];
    private readonly Dictionary<Guid, LinkedListNode<Outcome>> _queued = [];
    private readonly LinkedList<Outcome> _outcomes = new();
    private List<Checkpoint> _checkpoints = [];
    private long _sequence;
    private int _rows;
    private int _unfolded;

    public int Lane => lane;

    /// <summary>The lane's number as of the last commit of this owner.</summary>
    public long Number { get; private set; }

    /// <summary>Commits to look at, in order; ends when the lane was lost to another owner. Bounded, since nothing is taken while too many wait.</summary>
    public ChannelReader<CommittedWork> Committed => _committed.Reader;

    public int QueuedRows => Volatile.Read(ref _rows);

    /// <summary>Vehicles of the lane that have to catch up, as the lane last said.</summary>
    public int Behind { get; set; }

    /// <summary>Outcomes that wait for a commit.</summary>
    public int QueuedOutcomes
    {
        get
        {
            lock (_gate) return _outcomes.Count;
        }
    }

    public void Start(long number) => Number = number;

    /// <summary>A checkpoint that is stored: rows before its head are late.</summary>
    public void LoadCheckpoint(string vehicleId, PositionKey head)
    {
        lock (_gate) RaiseCheckpointed(vehicleId, head);
    }

    /// <summary>What vehicles said, for the next commit. Answers with the <see cref="LaneWork.Sequence"/> of the work that will carry it.</summary>
    public long AddOutcomes(IEnumerable<Outcome> outcomes)
    {
        lock (_gate)
        {
            foreach (var outcome in outcomes)
            {
                // Of several words on one outcome that wait together, the last is stored.
                if (_queued.Remove(outcome.Id, out var earlier)) _outcomes.Remove(earlier);
                _queued.Add(outcome.Id, _outcomes.AddLast(outcome));
            }

            return _sequence + 1;
        }
    }

    /// <summary>
    /// A checkpoint for the next commit, made of all rows that the lane has looked at. Not taken when a commit that the lane has not looked at yet brought
    /// a row before its head: a checkpoint is true or gone.
    /// </summary>
    public void AddCheckpoint(Checkpoint checkpoint)
    {
        lock (_gate)
        {
            foreach (var late in _lateRows)
            {
                if (late.Row <= checkpoint.Head && string.Equals(late.VehicleId, checkpoint.VehicleId, StringComparison.Ordinal)) return;
            }

            _checkpoints.Add(checkpoint);
            RaiseCheckpointed(checkpoint.VehicleId, checkpoint.Head);
        }
    }

    /// <summary>
    /// False when the lane holds too much: the batch is not taken, and its bridge will publish it again. Only a batch that is taken adds its
    /// vehicles to <paramref name="heads"/>: new ones are committed with the batch that brings them first.
    /// </summary>
    public bool TryAdd(LaneBatch batch, LaneHeads heads)
    {
        lock (_gate)
        {
            if (_rows > options.MaxQueuedRows) return false;
            _batches.Enqueue(batch);
            _newVehicles.AddRange(heads.AddMissing(batch.Fixes));
            _rows += batch.Fixes.Length;
            return true;
        }
    }

    /// <summary>Everything that fits, or <c>null</c> when there is nothing to commit now.</summary>
    public LaneWork? Take(int maxRows)
    {
        lock (_gate)
        {
            var hasOther = _outcomes.Count > 0 || _checkpoints.Count > 0;
            if ((_batches.Count == 0 && !hasOther) || Volatile.Read(ref _unfolded) >= options.MaxUnfoldedCommits) return null;

            var taken = new List<LaneBatch>();
            var rows = 0;
            while (_batches.TryPeek(out var next) && (taken.Count == 0 || rows + next.Fixes.Length <= maxRows))
            {
                taken.Add(_batches.Dequeue());
                rows += next.Fixes.Length;
            }

            _rows -= rows;
            var newVehicles = _newVehicles;
            _newVehicles = [];
            Outcome[] outcomes = _outcomes.Count > 0 ? [.. _outcomes] : [];
            _outcomes.Clear();
            _queued.Clear();
            var checkpoints = _checkpoints;
            if (checkpoints.Count > 0) _checkpoints = [];
            var work = LaneWork.Of(this, taken, newVehicles, outcomes, checkpoints);
            work.Sequence = ++_sequence;
            work.LateRows = LateRows(work.Rows);
            return work;
        }
    }

    /// <summary>The writer hands over what it committed; <paramref name="number"/> is the lane's number now.</summary>
    public void Complete(CommittedWork work, long number)
    {
        lock (_gate)
        {
            Number = number;
            foreach (var index in work.Work.LateRows)
            {
                if (work.Fates[index] == RowFate.New) AddLateRow(number, work.Work.Rows[index]);
            }
        }

        Interlocked.Increment(ref _unfolded);
        _committed.Writer.TryWrite(work);
    }

    /// <summary>The lane has looked at a commit: its vehicles have folded the rows, or know that they are behind.</summary>
    public void Folded(long number)
    {
        lock (_gate) _lateRows.RemoveAll(late => late.Number <= number);
        Interlocked.Decrement(ref _unfolded);
    }

    private int[] LateRows(Fix[] rows)
    {
        if (_checkpointed.Count == 0) return [];
        List<int>? late = null;
        for (var i = 0; i < rows.Length;)
        {
            var vehicle = rows[i].VehicleId;
            var isKnown = _checkpointed.TryGetValue(vehicle, out var head);
            for (; i < rows.Length && string.Equals(rows[i].VehicleId, vehicle, StringComparison.Ordinal); i++)
            {
                if (isKnown && PositionKey.Of(rows[i]) <= head) (late ??= []).Add(i);
            }
        }

        return late is null ? [] : [.. late];
    }

    private void AddLateRow(long number, Fix row)
    {
        var key = PositionKey.Of(row);
        _checkpoints.RemoveAll(checkpoint => checkpoint.Head >= key && string.Equals(checkpoint.VehicleId, row.VehicleId, StringComparison.Ordinal));
        // Of a vehicle's late rows in a commit the oldest, which comes first, says it all.
        if (_lateRows.Count == 0 || _lateRows[^1].Number != number || !string.Equals(_lateRows[^1].VehicleId, row.VehicleId, StringComparison.Ordinal))
            _lateRows.Add((number, row.VehicleId, key));
    }

    private void RaiseCheckpointed(string vehicleId, PositionKey head)
    {
        ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_checkpointed, vehicleId, out _);
        if (head > known) known = head;
    }

    /// <summary>Another owner has the lane: what was not committed stays unacknowledged.</summary>
    public void Lose() => _committed.Writer.TryComplete();
}
