using System.Collections.Immutable;

namespace FleetTracker.Ingestion;

/// <summary>The queues that the writer serves, apart from the writer so that gauges and readiness can look at them.</summary>
internal sealed class TelemetryWriterState(TelemetryHold hold)
{
    private ImmutableArray<LaneQueue> _queues = [];

    public ImmutableArray<LaneQueue> Queues => _queues;

    public int Lanes => _queues.Length;

    public int QueuedRows => _queues.Sum(queue => queue.QueuedRows);

    public int Behind => _queues.Sum(queue => queue.Behind);

    public bool IsHolding => hold.Reason is not null;

    public void Attach(LaneQueue queue) => ImmutableInterlocked.Update(ref _queues, static (all, added) => all.Add(added), queue);

    public void Detach(LaneQueue queue) => ImmutableInterlocked.Update(ref _queues, static (all, gone) => all.Remove(gone), queue);
}
