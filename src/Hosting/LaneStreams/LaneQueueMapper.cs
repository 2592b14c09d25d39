using System.Globalization;
using FleetTracker.Ingestion;
using Orleans.Runtime;
using Orleans.Streams;

namespace FleetTracker.Hosting;

/// <summary>One queue per lane, spread evenly over the ring, so that the silos' agents share the lanes.</summary>
internal sealed class LaneQueueMapper : IConsistentRingStreamQueueMapper
{
    private readonly QueueId[] _queues;

    public LaneQueueMapper(int lanes)
    {
        var step = uint.MaxValue / (uint)lanes;
        _queues = [.. Enumerable.Range(0, lanes).Select(lane => QueueId.GetQueueId(Lanes.StreamProvider, (uint)lane, ((uint)lane * step) + (step / 2)))];
    }

    public static int LaneOf(QueueId queue) => (int)queue.GetNumericId();

    /// <summary>Integer stream keys are written in decimal, unlike integer grain keys.</summary>
    public static int LaneOf(StreamId stream) => int.Parse(stream.GetKeyAsString(), NumberStyles.None, CultureInfo.InvariantCulture);

    public IEnumerable<QueueId> GetAllQueues() => _queues;

    public QueueId GetQueueForStream(StreamId streamId) => _queues[LaneOf(streamId)];

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) => _queues.Where(queue => range.InRange(queue.GetUniformHashCode()));
}
