using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.LiveMap;

/// <summary>Whether the picture can be trusted, for everybody on this host.</summary>
internal sealed record Freshness(DateTimeOffset? NewestCommitAt, string? StalledBecause)
{
    public bool IsStalled => StalledBecause is not null;
}

/// <summary>
/// Feeds the replicas: subscribes to every lane and keeps the subscriptions alive, applies deltas, fetches snapshots where the chain broke,
/// and reads names from the registry. One loop does it all, so replicas change in one order; calls to lanes and stores run beside it.
/// </summary>
internal sealed partial class LiveFeed(
    IGrainFactory grains,
    ILaneCount laneCount,
    IFleetStore fleet,
    LiveReplicas replicas,
    LiveConnections connections,
    LiveWake wake,
    IOptions<LiveMapOptions> options,
    LiveMapMetrics metrics,
    TimeProvider time,
    ILogger<LiveFeed> logger) : BackgroundService
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);
    private const int RegistryPage = 5_000;

    private readonly Lock _gate = new();
    private readonly Guid _hostId = Guid.NewGuid();
    private readonly FeedInbox _inbox = new(wake);
    private readonly Dictionary<string, DateTimeOffset> _registryReadAt = new(StringComparer.Ordinal);
    private readonly HashSet<string> _readingRegistry = new(StringComparer.Ordinal);
    private readonly LaneFeed[] _lanes = [.. Enumerable.Range(0, laneCount.Count).Select(lane => new LaneFeed(lane, time.GetUtcNow()))];
    private ILiveFeedObserver? _observer;
    private int _revision;
    private bool _isFollowing;
    private DateTimeOffset _sweptAt;
    private DateTimeOffset _tickedAt;
    private volatile Freshness _freshness = new(null, null);

    public Freshness Freshness => _freshness;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var timer = time.CreateTimer(_ => wake.Signal(), null, TickInterval, TickInterval);
            while (true)
            {
                await wake.WaitAsync(stoppingToken);
                Step(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private void Step(CancellationToken cancellationToken)
    {
        try
        {
            var now = time.GetUtcNow();
            var interest = replicas.Current;
            lock (_gate)
            {
                TakeInbox(interest, now);
                FollowInterest(interest, now);
                if (interest.Replicas.Count > 0) AskLanes(interest, now, cancellationToken);
            }

            ReadRegistry(interest, now, cancellationToken);
            if (now - _sweptAt >= SweepInterval) Sweep(interest, now);
            if (!UpdateFreshness(interest, now) && now - _tickedAt < TickInterval) return;
            _tickedAt = now;
            connections.Tick(now, _freshness);
        }
        catch (Exception exception)
        {
            // The loop is what keeps every map alive; a step that failed is tried again with the next signal.
            LogStepFailed(exception);
        }
    }

    private void TakeInbox(LiveReplicas.Interest interest, DateTimeOffset now)
    {
        foreach (var part in _inbox.TakeAll())
        {
            if (part.Lane >= 0 && part.Lane < _lanes.Length && _lanes[part.Lane].TryTake(part, now)) Apply(interest, part);
        }
    }

    private void FollowInterest(LiveReplicas.Interest interest, DateTimeOffset now)
    {
        if (interest.Revision == _revision) return;
        _revision = interest.Revision;
        var begins = !_isFollowing && interest.Replicas.Count > 0;
        _isFollowing = interest.Replicas.Count > 0;
        foreach (var lane in _lanes)
        {
            lane.Break("tenants");

            // Tenants that come and go must not hide that a lane is silent, so this alone counts as a word from it.
            if (begins) lane.Begin(now);
        }
    }

    private void AskLanes(LiveReplicas.Interest interest, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var lane in _lanes)
        {
            if (now - lane.HeardAt > options.Value.ResyncAfter) lane.Break("silence");
            if (lane.IsAsking || now - lane.AskedAt < PauseOf(lane)) continue;
            lane.Ask(now);
            Forget(AskAsync(lane, interest, lane.Number, lane.ResyncReason, cancellationToken));
        }
    }

    /// <summary>A lane whose chain is broken is asked at once, one that does not answer ever more seldom, a healthy one to keep the interest alive.</summary>
    private TimeSpan PauseOf(LaneFeed lane)
    {
        if (lane.Number is not null) return options.Value.RenewInterval;
        var pause = TickInterval * (1 << Math.Min(lane.Failures, 5));
        return pause < options.Value.RenewInterval ? pause : options.Value.RenewInterval;
    }

    private async Task AskAsync(LaneFeed lane, LiveReplicas.Interest interest, long? known, string reason, CancellationToken cancellationToken)
    {
        try
        {
            var subscription = new LiveSubscription
            {
                HostId = _hostId, Observer = Observer(), Tenants = [.. interest.Replicas.Keys], Revision = interest.Revision,
            };
            var answer = await grains.GetGrain<ILaneGrain>(lane.Lane).SubscribeAsync(subscription, known).AsTask()
                .WaitAsync(options.Value.SubscribeTimeout, time, cancellationToken);
            lock (_gate) Take(lane, interest, answer, reason);
            wake.Signal();
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested) LogLaneSilent(exception, lane.Lane);
            lock (_gate) lane.GiveUp(failed: true);
        }
    }

    private void Take(LaneFeed lane, LiveReplicas.Interest asked, LaneSnapshot? answer, string reason)
    {
        var (snapshot, then) = lane.Answer(answer, time.GetUtcNow());
        if (snapshot is not null) Apply(lane, asked, snapshot, then, reason);

        // The set of tenants changed meanwhile. The answer is good for those that it has, or else a steady coming and going would freeze them
        // all; the next question gets the others.
        if (asked.Revision != _revision) lane.Break("tenants");
    }

    private void Apply(LaneFeed lane, LiveReplicas.Interest asked, LaneSnapshot snapshot, IReadOnlyList<LanePart> then, string reason)
    {
        metrics.Resynced(reason);
        var byTenant = snapshot.Vehicles.ToLookup(vehicle => vehicle.Tenant, StringComparer.Ordinal);
        foreach (var (tenant, replica) in asked.Replicas)
        {
            replica.Replace(
                lane.Lane, _lanes.Length, [.. byTenant[tenant]],
                vehicleId => Lanes.Of(vehicleId, _lanes.Length) == lane.Lane);
        }

        foreach (var part in then) Apply(asked, part);
    }

    private static void Apply(LiveReplicas.Interest interest, LanePart part)
    {
        var byTenant = part.Upserts.ToLookup(vehicle => vehicle.Tenant, StringComparer.Ordinal);
        var removals = part.Removals;
        foreach (var (tenant, replica) in interest.Replicas)
        {
            if (removals.Length > 0 || byTenant.Contains(tenant)) replica.Apply(byTenant[tenant], removals);
        }
    }

    private void ReadRegistry(LiveReplicas.Interest interest, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var replica in interest.Replicas.Values)
        {
            lock (_gate)
            {
                var age = now - _registryReadAt.GetValueOrDefault(Key(replica), DateTimeOffset.MinValue);
                var isDue = age >= options.Value.RegistryInterval || (replica.HasUnknownVehicles && age >= options.Value.RegistryMinInterval);
                if (!isDue || !_readingRegistry.Add(Key(replica))) continue;
                _registryReadAt[Key(replica)] = now;
            }

            Forget(ReadRegistryAsync(replica, cancellationToken));
        }
    }

    private async Task ReadRegistryAsync(TenantReplica replica, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var changes = await fleet.ReadVehicleChangesAsync(replica.Tenant, replica.RegistryRevision, RegistryPage, cancellationToken);
                var isLast = changes.Upserts.Length + changes.Removals.Length < RegistryPage;
                replica.Apply(changes, isLast, _lanes.Length);
                if (isLast) break;
            }

            wake.Signal();
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested) LogRegistrySilent(exception);
        }
        finally
        {
            lock (_gate) _readingRegistry.Remove(Key(replica));
        }
    }

    private void Sweep(LiveReplicas.Interest interest, DateTimeOffset now)
    {
        _sweptAt = now;
        foreach (var replica in interest.Replicas.Values) replica.Sweep(now);
        replicas.Retire();
        lock (_gate)
        {
            if (_registryReadAt.Count <= interest.Replicas.Count) return;
            var keys = interest.Replicas.Values.Select(Key).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _registryReadAt.Keys.Where(key => !keys.Contains(key)).ToList()) _registryReadAt.Remove(gone);
        }
    }

    /// <summary>True when clients must hear of it now.</summary>
    private bool UpdateFreshness(LiveReplicas.Interest interest, DateTimeOffset now)
    {
        Freshness fresh;
        lock (_gate)
        {
            var newest = _lanes.Max(lane => lane.NewestCommitAt);
            var holding = _lanes.Select(lane => lane.Holding).FirstOrDefault(reason => reason is not null);
            var silent = interest.Replicas.Count == 0 ? 0 : _lanes.Count(lane => now - lane.HeardAt > options.Value.StalledAfter);
            fresh = new Freshness(newest, holding ?? (silent == 0 ? null : $"{silent} of {_lanes.Length} lanes have been silent for more than {options.Value.StalledAfter.TotalSeconds:0} s."));
        }

        var before = _freshness;
        _freshness = fresh;
        if (string.Equals(fresh.StalledBecause, before.StalledBecause, StringComparison.Ordinal)) return false;
        if (!fresh.IsStalled) LogFlowing();
        else if (!before.IsStalled) LogStalled(fresh.StalledBecause!);
        return true;
    }

    // The runtime keeps only a weak reference to the object behind it; the field of this class is the strong one.
    private ILiveFeedObserver Observer()
    {
        lock (_gate) return _observer ??= grains.CreateObjectReference<ILiveFeedObserver>(_inbox);
    }

    // A tenant that was given up and taken again has a new replica, which must not wait for the old one's next turn.
    private static string Key(TenantReplica replica) => FormattableString.Invariant($"{replica.Revision}/{replica.Tenant}");

    // The tasks catch everything themselves; a bug in that must still be seen.
    private void Forget(Task task) => _ = task.ContinueWith(
        failed => LogStepFailed(failed.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    [LoggerMessage(2902, LogLevel.Debug, "Lane {Lane} did not answer")]
    private partial void LogLaneSilent(Exception exception, int lane);

    [LoggerMessage(2903, LogLevel.Warning, "Names of vehicles could not be read")]
    private partial void LogRegistrySilent(Exception exception);

    [LoggerMessage(2904, LogLevel.Error, "A step of the live feed failed")]
    private partial void LogStepFailed(Exception exception);

    [LoggerMessage(2905, LogLevel.Warning, "The live picture is stalled: {Reason}")]
    private partial void LogStalled(string reason);

    [LoggerMessage(2906, LogLevel.Information, "The live picture flows again")]
    private partial void LogFlowing();
}
