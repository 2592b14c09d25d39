using System.Collections.Immutable;
using System.Diagnostics;
using FleetTracker.Devices;
using Orleans.Streams;

namespace FleetTracker.Ingestion;

/// <summary>Publishes batches to the grain streams. One observer per process hears of the commits.</summary>
internal sealed class OrleansLanePublisher(IClusterClient cluster, CommitEar ear) : ILanePublisher
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, IAsyncStream<LaneBatch>> _streams = [];
    private IIngestObserver? _observer;

    public Task PublishAsync(OutgoingBatch batch, CancellationToken cancellationToken)
    {
        IAsyncStream<LaneBatch>? stream;
        lock (_gate)
        {
            _observer ??= cluster.CreateObjectReference<IIngestObserver>(ear);
            if (!_streams.TryGetValue(batch.Lane, out stream))
            {
                var provider = cluster.GetStreamProvider(Lanes.StreamProvider);
                stream = provider.GetStream<LaneBatch>(StreamId.Create(Lanes.StreamNamespace, batch.Lane));
                _streams[batch.Lane] = stream;
            }
        }

        return stream.OnNextAsync(new LaneBatch
        {
            Id = batch.Id,
            Lane = batch.Lane,
            Observer = _observer,
            Fixes = batch.Fixes,
            Quarantine = batch.Quarantine,
            TraceParent = Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
        });
    }
}

/// <summary>Hears of commits and hands them over at once. Kept alive by its owner: the runtime holds observers weakly.</summary>
internal sealed class CommitEar(IServiceProvider services) : IIngestObserver
{
    private IngestPipeline? _pipeline;

    public Task CommittedAsync(ImmutableArray<BatchReport> reports)
    {
        var pipeline = _pipeline ??= services.GetRequiredService<IngestPipeline>();
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.Pipeline.Committed(work.Reports), (Pipeline: pipeline, Reports: reports), preferLocal: false);
        return Task.CompletedTask;
    }
}

/// <summary>The registry behind its grains.</summary>
internal sealed class OrleansDeviceDirectory(IGrainFactory grains) : IDeviceDirectory
{
    private IDeviceDirectoryGrain Directory => grains.GetGrain<IDeviceDirectoryGrain>(0);

    public async Task<ImmutableArray<DeviceRecord?>> FindAsync(ImmutableArray<string> deviceIds, CancellationToken cancellationToken) =>
        await Directory.FindAsync(deviceIds).AsTask().WaitAsync(cancellationToken);

    public async Task<DeviceRecord?> EnrollAsync(string deviceId, Enrollment enrollment, CancellationToken cancellationToken) =>
        await grains.GetGrain<IDeviceGrain>(deviceId).EnrollAsync(enrollment).AsTask().WaitAsync(cancellationToken);

    public async Task<MqttAccess> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken) =>
        await Directory.AuthenticateAsync(userName, password).AsTask().WaitAsync(cancellationToken);

    public async Task ReportStatusesAsync(ImmutableArray<DeviceStatus> statuses, CancellationToken cancellationToken) =>
        await Directory.ReportStatusesAsync(statuses).AsTask().WaitAsync(cancellationToken);
}
