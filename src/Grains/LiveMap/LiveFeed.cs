using System.Collections.Immutable;
using FleetTracker.Ingestion;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.LiveMap;

/// <summary>
/// The silo's fan-out: newest state per vehicle of the lanes it owns, sent as numbered deltas to the API hosts that registered interest. One
/// send to a host is under way at a time; meanwhile changes conflate. A delta that is lost shows as a gap in the numbers, and the host
/// fetches the lane's snapshot.
/// </summary>
internal sealed partial class LiveFeed : IHostedService, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, LaneLive> _lanes = [];
    private readonly Dictionary<Guid, FeedHost> _hosts = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly LiveFeedOptions _options;
    private readonly TelemetryHold _hold;
    private readonly LiveFeedMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<LiveFeed> _logger;

    public LiveFeed(IOptions<LiveFeedOptions> options, TelemetryHold hold, LiveFeedMetrics metrics, TimeProvider time, ILogger<LiveFeed> logger)
    {
        _options = options.Value;
        _hold = hold;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        metrics.Observe(() => _hosts.Count, () => _lanes.Values.Sum(lane => lane.Count));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _hold.Changed += HeartbeatAll;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _hold.Changed -= HeartbeatAll;
        return _stop.CancelAsync();
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>A lane starts on this silo: whoever followed an earlier start must look afresh.</summary>
    public void StartLane(int lane, long startNumber, IReadOnlyList<LiveVehicle> vehicles)
    {
        lock (_gate)
        {
            // Numbers of a later start are above all of an earlier one.
            var live = new LaneLive(lane, startNumber << 32);
            live.Apply(vehicles, [], committedAt: null);
            _lanes[lane] = live;
            foreach (var host in _hosts.Values) host.DropLane(lane);
        }
    }

    /// <summary>The lane left this silo.</summary>
    public void StopLane(int lane)
    {
        lock (_gate)
        {
            _lanes.Remove(lane);
            foreach (var host in _hosts.Values) host.DropLane(lane);
        }
    }

    public void Publish(int lane, IReadOnlyList<LiveVehicle> upserts, IReadOnlyList<string> removals, DateTimeOffset? committedAt)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(lane, out var live)) return;
            live.Apply(upserts, removals, committedAt);
            foreach (var host in _hosts.Values) host.Changed(lane, upserts, removals);
        }
    }

    /// <summary>See <see cref="ILaneGrain.SubscribeAsync"/>.</summary>
    public LaneSnapshot? Subscribe(int lane, LiveSubscription subscription, long? knownNumber)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(lane, out var live)) throw new LaneNotStartedException(lane);

            var now = _time.GetUtcNow();
            var expiresAt = now + _options.Expiry;
            if (_hosts.TryGetValue(subscription.HostId, out var host)) host.Renew(subscription, expiresAt);
            else host = Add(subscription, expiresAt);

            if (host.Follows(lane, knownNumber)) return null;
            host.StartLane(lane, live.Number, now);
            return live.Snapshot(host.Tenants, _hold.Reason);
        }
    }

    private FeedHost Add(LiveSubscription subscription, DateTimeOffset expiresAt)
    {
        if (_hosts.Count >= _options.MaxHosts) throw new InvalidOperationException($"This silo feeds {_hosts.Count} API hosts already, the most that {LiveFeedOptions.Section}:{nameof(LiveFeedOptions.MaxHosts)} allows.");
        var host = new FeedHost(subscription, expiresAt);
        _hosts.Add(host.Id, host);
        // Outside of any grain: a send must not hold up a turn.
        _ = Task.Run(() => SendLoopAsync(host));
        return host;
    }

    private async Task SendLoopAsync(FeedHost host)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await WaitAsync(host);
                ImmutableArray<LaneDelta> deltas;
                ILiveFeedObserver observer;
                var now = _time.GetUtcNow();
                lock (_gate)
                {
                    if (host.IsGone || now >= host.ExpiresAt) break;
                    deltas = host.Take(_lanes, _hold.Reason, now - _options.Heartbeat, now);
                    observer = host.Observer;
                }

                if (deltas.IsEmpty) continue;
                await observer.ChangedAsync(deltas).WaitAsync(_options.SendTimeout, _time, _stop.Token);
                _metrics.Sent(deltas);
                lock (_gate) host.Acknowledge();
                await Task.Delay(_options.Interval, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            // The host's next renewal finds no place here and gets snapshots.
            _metrics.SendFailed(error);
            LogSendFailed(error, host.Id);
        }
        finally
        {
            lock (_gate) Forget(host);
        }
    }

    private void Forget(FeedHost host)
    {
        host.IsGone = true;
        if (_hosts.TryGetValue(host.Id, out var current) && ReferenceEquals(current, host)) _hosts.Remove(host.Id);
    }

    private async Task WaitAsync(FeedHost host)
    {
        using var heartbeat = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        heartbeat.CancelAfter(_options.Heartbeat / 4);
        try
        {
            await host.Signal.Reader.WaitToReadAsync(heartbeat.Token);
            host.Signal.Reader.TryRead(out _);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // Nothing new: time for a heartbeat, maybe.
        }
    }

    private void HeartbeatAll()
    {
        lock (_gate)
        {
            foreach (var host in _hosts.Values)
            {
                host.WantHeartbeat();
                host.Signal.Writer.TryWrite(true);
            }
        }
    }

    [LoggerMessage(2140, LogLevel.Information, "API host {HostId} could not be reached with live updates; it is fed again when it renews its interest")]
    private partial void LogSendFailed(Exception error, Guid hostId);
}

/// <summary>The lane is between owners; try again in a moment.</summary>
[GenerateSerializer, Alias("LaneNotStartedException")]
public sealed class LaneNotStartedException(int lane) : Exception($"Lane {lane} is not started yet.");
