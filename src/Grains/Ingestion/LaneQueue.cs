using System.Threading.Channels;
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
    private List<LaneVehicle> _newVehicles = [];
    private int _rows;
    private int _unfolded;

    public int Lane => lane;

    /// <summary>The lane's number as of the last commit of this owner.</summary>
    public long Number { get; private set; }

    /// <summary>Commits to look at, in order; ends when the lane was lost to another owner. Bounded, since nothing is taken while too many wait.</summary>
    public ChannelReader<CommittedWork> Committed => _committed.Reader;

    public int QueuedRows => Volatile.Read(ref _rows);

    public void Start(long number) => Number = number;

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
            if (_batches.Count == 0 || Volatile.Read(ref _unfolded) >= options.MaxUnfoldedCommits) return null;

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
            return LaneWork.Of(this, taken, newVehicles);
        }
    }

    /// <summary>The writer hands over what it committed; <paramref name="number"/> is the lane's number now.</summary>
    public void Complete(CommittedWork work, long number)
    {
        Number = number;
        Interlocked.Increment(ref _unfolded);
        _committed.Writer.TryWrite(work);
    }

    /// <summary>The lane has looked at a commit.</summary>
    public void Folded() => Interlocked.Decrement(ref _unfolded);

    /// <summary>Another owner has the lane: what was not committed stays unacknowledged.</summary>
    public void Lose() => _committed.Writer.TryComplete();
}
