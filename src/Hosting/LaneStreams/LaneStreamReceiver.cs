using System.Collections.Immutable;
using FleetTracker.Ingestion;
using Orleans.Providers.Streams.Common;
using Orleans.Runtime;
using Orleans.Streams;

namespace FleetTracker.Hosting;

/// <summary>Waits at a lane's inbox on behalf of the silo's stream agent.</summary>
internal sealed class LaneStreamReceiver(int lane, ILaneInboxGrain inbox, TimeProvider time) : IQueueAdapterReceiver
{
    /// <summary>Well below the response timeout, so that waiting is never taken for trouble.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly StreamId _stream = StreamId.Create(Lanes.StreamNamespace, lane);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Numbers of a later receiver are above those of an earlier one, which is all that a consumer may assume.
    private long _sequence = time.GetUtcNow().UtcTicks;

    public Task Initialize(TimeSpan timeout) => Task.CompletedTask;

    public async Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount)
    {
        if (_stopped.Task.IsCompleted) return [];
        var take = inbox.TakeAsync(maxCount > 0 ? maxCount : int.MaxValue, Patience).AsTask();
        if (await Task.WhenAny(take, _stopped.Task) != take)
        {
            // What this call still brings is lost, was not acknowledged, and is published again.
            _ = take.ContinueWith(static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return [];
        }

        return Contain(await take);
    }

    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    public Task Shutdown(TimeSpan timeout)
    {
        _stopped.TrySetResult();
        return Task.CompletedTask;
    }

    private IBatchContainer[] Contain(ImmutableArray<LaneBatch> batches)
    {
        var containers = new IBatchContainer[batches.Length];
        for (var i = 0; i < containers.Length; i++)
            containers[i] = new LaneBatchContainer { StreamId = _stream, Batch = batches[i], SequenceToken = new EventSequenceTokenV2(_sequence++) };
        return containers;
    }
}
