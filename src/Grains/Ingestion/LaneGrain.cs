using System.Collections.Immutable;
using FleetTracker.LiveMap;
using FleetTracker.Placement;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.Placement;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace FleetTracker.Ingestion;

/// <summary>
/// Owner of one lane. Key: the lane. Takes batches from the lane's stream into the queue of the silo's writer, and after each commit, and
/// never before, reports to the bridges, lets the vehicles fold the new rows and publishes what changed.
/// <para>
/// Three things run in this activation: calls and stream deliveries, one loop that looks at commits, and vehicles that catch up or look at the clock.
/// They interleave at awaits. What keeps that safe: only the loop moves a vehicle's newest row, a delivery only adds heads that were missing, and a
/// vehicle that catches up is handed no rows meanwhile, it is told afterwards that it missed some.
/// </para>
/// </summary>
[ImplicitStreamSubscription(Lanes.StreamNamespace)]
[LanePlacement]
[KeepAlive]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Reliability", "CA1001", Justification = "Disposed when the activation ends.")]
internal sealed partial class LaneGrain(
    ITelemetryStore store,
    IOutcomeStore outcomes,
    ITenantRules rules,
    TelemetryWriter writer,
    TelemetryWriterState writerState,
    LiveFeed feed,
    ILocalSiloDetails silo,
    IOptions<LaneOptions> options,
    IOptions<VehicleOptions> vehicleOptions,
    TelemetryMetrics metrics,
    FoldMetrics foldMetrics,
    TimeProvider time,
    ILogger<LaneGrain> logger) : Grain, ILaneGrain, IStreamSubscriptionObserver, IAsyncBatchObserver<LaneBatch>
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);
    // Bridges go on for as long as they trust what they know of a device: a minute by default, ten at most.
    private static readonly TimeSpan[] LaterRemovals = [TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(11)];

    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Guid> _held = [];
    private LaneHeads _heads = null!;
    private ReportedBatches _reported = null!;
    private LaneQueue _queue = null!;
    private LaneVehicles _vehicles = null!;
    private ILaneGrain _self = null!;
    private IGrainTimer? _clock;
    private LaneStart _start;
    private Task _loop = Task.CompletedTask;
    private TaskCompletionSource? _drained;
    private bool _isMoving;

    private int Lane => _queue.Lane;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _queue = new LaneQueue((int)this.GetPrimaryKeyLong(), options.Value);
        _heads = new LaneHeads(GrainFactory, vehicleOptions.Value);
        _reported = new ReportedBatches(options.Value.RememberedBatches);
        _vehicles = new LaneVehicles(_heads, _queue, options.Value, metrics, foldMetrics, time, logger, _stop.Token) { Said = Publish };
        _self = this.AsReference<ILaneGrain>();
        rules.Changed += OnRulesChanged;
        _clock = this.RegisterGrainTimer(
            static (lane, _) => lane._vehicles.LookAtClockAsync(), this, new() { DueTime = options.Value.ClockPeriod, Period = options.Value.ClockPeriod, Interleave = true });
        // Not awaited: an activation that waits for the database would stall every stream of its queue, so batches are taken at once.
        _loop = RunAsync();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _clock?.Dispose();
        rules.Changed -= OnRulesChanged;
        await DrainAsync(cancellationToken);
        writerState.Detach(_queue);
        feed.StopLane(Lane);
        await _stop.CancelAsync();
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stop.Dispose();
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<LaneBatch>().ResumeAsync(this);

    public Task OnNextAsync(IList<SequentialItem<LaneBatch>> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        foreach (var item in items) Take(item.Item);
        writer.Signal();
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex)
    {
        LogStreamError(ex, Lane);
        return Task.CompletedTask;
    }

    public ValueTask<LaneStart> EnsureStartedAsync(SiloAddress owner)
    {
        if (!owner.Equals(silo.SiloAddress))
        {
            if (!_isMoving) LogMoving(Lane, owner);
            _isMoving = true;
            // Migrating registers the lane at its owner before it is gone here. After a mere deactivation, callers that still have this silo in their
            // caches would make the lane anew right here, again and again.
            RequestContext.Set(IPlacementDirector.PlacementHintKey, owner);
            this.MigrateOnIdle();
        }

        return ValueTask.FromResult(_start);
    }

    public ValueTask<LaneSnapshot?> SubscribeAsync(LiveSubscription subscription, long? knownNumber) =>
        ValueTask.FromResult(feed.Subscribe(Lane, subscription, knownNumber));

    public async Task ForgetAsync(string tenant, ImmutableArray<string> vehicleIds)
    {
        await RemoveAsync(tenant, vehicleIds);
        // What bridges bring meanwhile goes too.
        foreach (var after in LaterRemovals) RemoveLater(after, tenant, vehicleIds);
    }

    private void RemoveLater(TimeSpan after, string tenant, ImmutableArray<string> vehicleIds)
    {
        IGrainTimer? timer = null;
        timer = this.RegisterGrainTimer(
            async _ =>
            {
                timer?.Dispose();
                await RemoveAsync(tenant, vehicleIds);
            },
            after, Timeout.InfiniteTimeSpan);
    }

    private async Task RemoveAsync(string tenant, ImmutableArray<string> vehicleIds)
    {
        await store.DeleteVehiclesAsync(tenant, vehicleIds, _stop.Token);
        // Also those without a head: a fold that was under way may have shown one again.
        var removed = vehicleIds.Where(vehicle => _heads.Remove(tenant, vehicle)).ToArray();
        feed.Publish(Lane, [], removed, committedAt: null);
    }

    /// <summary>Commits and reports what is held, for speed only: what is left over is published again to the next owner.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (_held.Count == 0 || _loop.IsCompleted) return;
        _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAny(_drained.Task, _loop, Task.Delay(DrainTimeout, time, cancellationToken));
    }

    private void Take(LaneBatch batch)
    {
        if (_held.Contains(batch.Id))
        {
            metrics.BatchIgnored("held");
        }
        else if (_reported.Find(batch.Id) is { } report)
        {
            // The report was lost on its way: say it again.
            metrics.BatchIgnored("reported");
            Report(batch.Observer, [report]);
        }
        else if (!_queue.TryAdd(batch, _heads))
        {
            metrics.BatchIgnored("full");
        }
        else
        {
            _held.Add(batch.Id);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await StartLaneAsync();
            await foreach (var committed in _queue.Committed.ReadAllAsync(_stop.Token)) await LookAtAsync(committed);
            // The queue ended: the lane is another's now, and nothing that waited here was acknowledged.
            DeactivateOnIdle();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            LogLoopFailed(error, Lane);
            DeactivateOnIdle();
        }
    }

    private async Task StartLaneAsync()
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                var number = await store.StartLaneAsync(Lane, _stop.Token);
                await foreach (var row in store.ReadNewestAsync(Lane, _stop.Token)) _heads.Load(row);
                await foreach (var checkpoint in outcomes.ReadCheckpointHeadsAsync(Lane, _stop.Token)) _queue.LoadCheckpoint(checkpoint.VehicleId, checkpoint.Head);
                _queue.Start(number);
                _start = new LaneStart(Lane, number, silo.SiloAddress);
                feed.StartLane(Lane, number, _heads.Live());
                _vehicles.Start(_start, time.GetUtcNow());
                writerState.Attach(_queue);
                writer.Signal();
                metrics.LaneStarted();
                LogStarted(Lane, number, _heads.Count);
                return;
            }
            catch (Exception error) when (!_stop.IsCancellationRequested)
            {
                LogStartFailed(error, Lane);
                await Task.Delay(pause, time, _stop.Token);
                if (pause < TimeSpan.FromSeconds(2)) pause *= 2;
            }
        }
    }

    private async Task LookAtAsync(CommittedWork committed)
    {
        var (reports, folds) = _heads.Judge(committed);
        Report(committed.Work.Batches, reports);

        var upserts = await _vehicles.FoldAsync(committed, folds);
        // A vehicle may have been removed meanwhile.
        upserts.RemoveAll(live => !_heads.Has(live.VehicleId));
        feed.Publish(Lane, upserts, [], committed.CommittedAt);
        _queue.Folded(committed.Number);
        writer.Signal();
    }

    private void Publish(IReadOnlyList<LiveVehicle> upserts)
    {
        if (upserts.Count > 0) feed.Publish(Lane, upserts, [], committedAt: null);
        writer.Signal();
    }

    private void OnRulesChanged(string tenant)
    {
        // Raised on another thread; the lane may be ending.
        if (!_stop.IsCancellationRequested) _self.RulesChangedAsync(tenant).Ignore();
    }

    public Task RulesChangedAsync(string tenant)
    {
        if (rules.Find(tenant) is { } changed) _vehicles.RulesChanged(changed, time.GetUtcNow());
        return Task.CompletedTask;
    }

    private void Report(IReadOnlyList<LaneBatch> batches, IReadOnlyList<BatchReport> reports)
    {
        foreach (var report in reports)
        {
            _reported.Add(report);
            _held.Remove(report.BatchId);
        }

        if (_held.Count == 0) _drained?.TrySetResult();

        var byObserver = batches.Zip(reports).GroupBy(pair => pair.First.Observer, pair => pair.Second);
        foreach (var bridge in byObserver) Report(bridge.Key, [.. bridge]);
    }

    private void Report(IIngestObserver observer, ImmutableArray<BatchReport> reports)
    {
        // One-way: it completes when the message is queued. A report that gets lost is asked for by publishing the batch again.
        var sent = observer.CommittedAsync(reports);
        if (!sent.IsCompletedSuccessfully) _ = ObserveAsync(sent);
    }

    private async Task ObserveAsync(Task sent)
    {
        try
        {
            await sent;
        }
        catch (Exception error)
        {
            LogReportFailed(error, Lane);
        }
    }

    [LoggerMessage(2750, LogLevel.Information, "Lane {Lane} started with number {Number} and {Vehicles} vehicles")]
    private partial void LogStarted(int lane, long number, int vehicles);

    [LoggerMessage(2751, LogLevel.Warning, "Lane {Lane} could not be started yet; it takes batches and tries again")]
    private partial void LogStartFailed(Exception error, int lane);

    [LoggerMessage(2752, LogLevel.Information, "Lane {Lane} moves to {Owner}")]
    private partial void LogMoving(int lane, SiloAddress owner);

    [LoggerMessage(2753, LogLevel.Error, "Lane {Lane} ends its activation")]
    private partial void LogLoopFailed(Exception error, int lane);

    [LoggerMessage(2755, LogLevel.Debug, "Lane {Lane} could not report to a bridge")]
    private partial void LogReportFailed(Exception error, int lane);

    [LoggerMessage(2756, LogLevel.Warning, "The stream of lane {Lane} reports an error")]
    private partial void LogStreamError(Exception error, int lane);
}
