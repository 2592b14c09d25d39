using FleetTracker.Ingestion;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace FleetTracker.Hosting;

/// <summary>
/// A stream provider with one queue per lane, in memory. Unlike Orleans' memory streams its agents do not poll: they wait at the lane's inbox, so
/// a quiet system costs nothing and a batch is delivered at once; and a slow lane stops the taking, so the cache is bounded (ADR 18).
/// </summary>
internal sealed class LaneStreamAdapterFactory(IGrainFactory grains, ILaneCount lanes, TimeProvider time, ILoggerFactory loggers) : IQueueAdapterFactory, IQueueAdapter
{
    private const int CachedBatches = 1024;

    private readonly LaneQueueMapper _mapper = new(lanes.Count);
    private readonly SimpleQueueAdapterCache _cache = new(new SimpleQueueCacheOptions { CacheSize = CachedBatches }, Lanes.StreamProvider, loggers);

    public string Name => Lanes.StreamProvider;

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadWrite;

    public Task<IQueueAdapter> CreateAdapter() => Task.FromResult<IQueueAdapter>(this);

    public IQueueAdapterCache GetQueueAdapterCache() => _cache;

    public IStreamQueueMapper GetStreamQueueMapper() => _mapper;

    public Task<IStreamFailureHandler> GetDeliveryFailureHandler(QueueId queueId) =>
        Task.FromResult<IStreamFailureHandler>(new UndeliveredBatches(loggers.CreateLogger<UndeliveredBatches>()));

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId)
    {
        var lane = LaneQueueMapper.LaneOf(queueId);
        return new LaneStreamReceiver(lane, grains.GetGrain<ILaneInboxGrain>(lane), time);
    }

    public async Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext)
    {
        var inbox = grains.GetGrain<ILaneInboxGrain>(LaneQueueMapper.LaneOf(streamId));
        foreach (var item in events)
        {
            if (item is not LaneBatch batch) throw new NotSupportedException($"Lane streams carry {nameof(LaneBatch)}, not {typeof(T).Name}.");
            await inbox.PutAsync(batch);
        }
    }
}

/// <summary>Tells of batches that a lane could not be given; their bridges publish them again.</summary>
internal sealed partial class UndeliveredBatches(ILogger<UndeliveredBatches> logger) : IStreamFailureHandler
{
    public bool ShouldFaultSubsriptionOnError => false;

    public Task OnDeliveryFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken)
    {
        LogUndelivered(streamIdentity);
        return Task.CompletedTask;
    }

    public Task OnSubscriptionFailure(GuidId subscriptionId, string streamProviderName, StreamId streamIdentity, StreamSequenceToken? sequenceToken)
    {
        LogUndelivered(streamIdentity);
        return Task.CompletedTask;
    }

    [LoggerMessage(2982, LogLevel.Information, "A batch of {Stream} could not be delivered; its bridge publishes it again")]
    private partial void LogUndelivered(StreamId stream);
}
