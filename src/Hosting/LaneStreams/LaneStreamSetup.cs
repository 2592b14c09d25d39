using FleetTracker.Ingestion;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Streams;

namespace FleetTracker.Hosting;

/// <summary>The grain streams that carry batches from bridges to lanes; the same on silos and clients.</summary>
public static class LaneStreamSetup
{
    /// <summary>
    /// An agent's pause after it found nothing. Finding nothing takes as long as the receiver is patient, so this is no polling period.
    /// </summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static ISiloBuilder AddLaneStreams(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        return silo.AddPersistentStreams(Lanes.StreamProvider, Create, streams =>
        {
            streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly);
            streams.ConfigurePullingAgent(agent => agent.Configure(options =>
            {
                options.GetQueueMsgsTimerPeriod = Pause;
                options.BatchContainerBatchSize = 64;
                // A batch that cannot be delivered is published again by its bridge; holding up those behind it helps nobody.
                options.MaxEventDeliveryTime = TimeSpan.FromSeconds(5);
            }));
        });
    }

    public static IClientBuilder AddLaneStreams(this IClientBuilder client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.AddPersistentStreams(Lanes.StreamProvider, Create, streams => streams.ConfigureStreamPubSub(StreamPubSubType.ImplicitOnly));
    }

    private static IQueueAdapterFactory Create(IServiceProvider services, string name) => ActivatorUtilities.CreateInstance<LaneStreamAdapterFactory>(services);
}
