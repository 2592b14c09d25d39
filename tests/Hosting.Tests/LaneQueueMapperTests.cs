using FleetTracker.Ingestion;
using Orleans.Runtime;

namespace FleetTracker.Hosting;

public sealed class LaneQueueMapperTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(1000)]
    public void Every_lane_has_a_stream_and_a_queue_of_its_own(int lanes)
    {
        var mapper = new LaneQueueMapper(lanes);
        for (var lane = 0; lane < lanes; lane++)
        {
            var stream = StreamId.Create(Lanes.StreamNamespace, (long)lane);
            Assert.Equal(lane, LaneQueueMapper.LaneOf(stream));
            Assert.Equal(lane, LaneQueueMapper.LaneOf(mapper.GetQueueForStream(stream)));
        }

        Assert.Equal(lanes, mapper.GetAllQueues().Distinct().Count());
    }

    [Fact]
    public void Queues_spread_over_the_ring()
    {
        var hashes = new LaneQueueMapper(32).GetAllQueues().Select(queue => queue.GetUniformHashCode()).Order().ToArray();
        Assert.All(hashes.Zip(hashes.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, uint.MaxValue / 40, uint.MaxValue / 25));
    }
}
