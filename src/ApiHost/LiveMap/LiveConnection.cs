using Microsoft.AspNetCore.SignalR;

namespace FleetTracker.LiveMap;

/// <summary>Who is connected, and until when.</summary>
internal sealed record LiveUser(string Tenant, string UserId, string? SessionId, DateTimeOffset ExpiresAt);

/// <summary>
/// One client's connection: sends what its view has, one message at a time, at once when it has been quiet and slower while it falls behind.
/// A send is awaited until the transport took it, so a client that does not read holds back its own next picture and nothing else.
/// </summary>
internal sealed class LiveConnection
{
    private readonly LiveMapOptions _options;
    private readonly LiveMapMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Action _abort;
    private readonly LiveWake _wake = new();
    private Freshness _fresh;
    private Freshness? _sentFresh;
    private DateTimeOffset _sentFreshAt;
    private DateTimeOffset _nextAt;

    public LiveConnection(
        string id, LiveUser user, TenantReplica replica, Freshness fresh, LiveMapOptions options, LiveMapMetrics metrics, TimeProvider time, Action abort)
    {
        (Id, User, Replica) = (id, user, replica);
        (_options, _metrics, _time, _abort) = (options, metrics, time, abort);
        _fresh = OfFleet(fresh, time.GetUtcNow());
        View = new ConnectionView(options, metrics, _wake.Signal);
    }

    public string Id { get; }

    public LiveUser User { get; }

    public TenantReplica Replica { get; }

    public ConnectionView View { get; }

    public void Abort() => _abort();

    /// <summary>Wakes the sender when the clock says that there is something to do.</summary>
    public void Tick(DateTimeOffset now, Freshness fresh)
    {
        Volatile.Write(ref _fresh, OfFleet(fresh, now));
        if (now >= User.ExpiresAt) Abort();
        else if (IsFreshnessDue(now) || Replica.IsDue(View, now)) _wake.Signal();
    }

    /// <summary>Sends until the connection ends.</summary>
    public async Task RunAsync(IClientProxy client, CancellationToken cancellationToken)
    {
        var outbox = new List<Outbound>();
        _wake.Signal();
        try
        {
            while (true)
            {
                await _wake.WaitAsync(cancellationToken);
                var wait = _nextAt - _time.GetUtcNow();
                if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, cancellationToken);
                await SendAsync(client, outbox, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client left.
        }
    }

    private async Task SendAsync(IClientProxy client, List<Outbound> outbox, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetUtcNow();
        outbox.Clear();
        if (IsFreshnessDue(startedAt)) outbox.Add(FreshnessNow(startedAt));
        var pictures = outbox.Count;
        Replica.Build(View, startedAt, _options.StalledAfter, outbox);
        foreach (var message in outbox)
        {
            await client.SendCoreAsync(message.Method, [message.Payload], cancellationToken);
            _metrics.Sent(message.Method);
        }

        if (outbox.Count == pictures) return;
        var isBehind = _time.GetUtcNow() - startedAt > _options.DeltaInterval;
        _nextAt = startedAt + (isBehind ? _options.SlowDeltaInterval : _options.DeltaInterval);
    }

    /// <summary>The host's freshness, and what is wrong with this fleet alone.</summary>
    private Freshness OfFleet(Freshness fresh, DateTimeOffset now) =>
        fresh.IsStalled ? fresh : fresh with { StalledBecause = Replica.StalledBecause(now, _options.StalledAfter) };

    private bool IsFreshnessDue(DateTimeOffset now)
    {
        var fresh = Volatile.Read(ref _fresh);
        return _sentFresh is null || now - _sentFreshAt >= _options.FreshnessInterval
            || !string.Equals(fresh.StalledBecause, _sentFresh.StalledBecause, StringComparison.Ordinal);
    }

    private Outbound FreshnessNow(DateTimeOffset now)
    {
        _sentFresh = Volatile.Read(ref _fresh);
        _sentFreshAt = now;
        return new Outbound("Freshness", new FreshnessMessage(_sentFresh.NewestCommitAt, now, _sentFresh.IsStalled, _sentFresh.StalledBecause));
    }
}
