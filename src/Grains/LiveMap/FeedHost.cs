using System.Collections.Immutable;
using System.Threading.Channels;

namespace FleetTracker.LiveMap;

/// <summary>
/// One API host's place in a silo's feed: per lane what it has been sent and what waits, newest per vehicle. Guarded by the feed's lock;
/// what waits is bounded by the vehicles of the host's tenants.
/// </summary>
internal sealed class FeedHost
{
    private readonly Dictionary<int, Pending> _lanes = [];

    public FeedHost(LiveSubscription subscription, DateTimeOffset expiresAt)
    {
        Id = subscription.HostId;
        Renew(subscription, expiresAt);
    }

    public Guid Id { get; }

    public ILiveFeedObserver Observer { get; private set; } = null!;

    public ImmutableArray<string> Tenants { get; private set; }

    public int Revision { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    public bool IsGone { get; set; }

    /// <summary>Something waits, or a heartbeat is wanted at once.</summary>
    public Channel<bool> Signal { get; } = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Renew(LiveSubscription subscription, DateTimeOffset expiresAt)
    {
        ExpiresAt = expiresAt;
        Observer = subscription.Observer;
        if (Revision == subscription.Revision && !Tenants.IsDefault) return;

        // Another set of tenants: what was sent is not what it would be now.
        Revision = subscription.Revision;
        Tenants = subscription.Tenants;
        _lanes.Clear();
    }

    /// <summary>True when the host, which stands at <paramref name="known"/>, gets every later change of the lane.</summary>
    public bool Follows(int lane, long? known) => known is { } number && _lanes.TryGetValue(lane, out var pending) && pending.Stood(number);

    /// <summary>The host is about to stand at this number.</summary>
    public void StartLane(int lane, long number, DateTimeOffset now) => _lanes[lane] = new Pending(number, now);

    public void DropLane(int lane) => _lanes.Remove(lane);

    public void Changed(int lane, IReadOnlyList<LiveVehicle> upserts, IReadOnlyList<string> removals)
    {
        if (!_lanes.TryGetValue(lane, out var pending)) return;
        var any = pending.Merge(upserts, removals, Tenants);
        if (any) Signal.Writer.TryWrite(true);
    }

    /// <summary>Takes what waits, with heartbeats for lanes that were silent since before <paramref name="silentSince"/>.</summary>
    public ImmutableArray<LaneDelta> Take(IReadOnlyDictionary<int, LaneLive> lanes, string? holding, DateTimeOffset silentSince, DateTimeOffset now)
    {
        var deltas = ImmutableArray.CreateBuilder<LaneDelta>();
        foreach (var (lane, pending) in _lanes)
        {
            if (lanes.TryGetValue(lane, out var live) && (pending.HasNews || pending.IsDue || pending.SentAt <= silentSince))
                deltas.Add(pending.Take(live, holding, now));
        }

        return deltas.DrainToImmutable();
    }

    /// <summary>Every lane is due for a delta, empty or not: the reason for holding changed.</summary>
    public void WantHeartbeat()
    {
        foreach (var pending in _lanes.Values) pending.IsDue = true;
    }

    /// <summary>The last send arrived.</summary>
    public void Acknowledge()
    {
        foreach (var pending in _lanes.Values) pending.Acknowledge();
    }

    private sealed class Pending(long number, DateTimeOffset startedAt)
    {
        private readonly Dictionary<string, LiveVehicle> _upserts = new(StringComparer.Ordinal);
        private readonly HashSet<string> _removals = new(StringComparer.Ordinal);
        private long _acknowledged = number;
        private long _sent = number;

        public DateTimeOffset SentAt { get; private set; } = startedAt;

        public bool IsDue { get; set; }

        public bool HasNews => _upserts.Count + _removals.Count > 0;

        // A renewal may cross a delta on its way: both numbers are places where the host may rightly stand.
        public bool Stood(long at) => at == _acknowledged || at == _sent;

        public bool Merge(IReadOnlyList<LiveVehicle> upserts, IReadOnlyList<string> removals, ImmutableArray<string> tenants)
        {
            foreach (var vehicle in upserts)
            {
                if (!tenants.Contains(vehicle.Tenant)) continue;
                _upserts[vehicle.VehicleId] = vehicle;
                _removals.Remove(vehicle.VehicleId);
            }

            foreach (var vehicle in removals)
            {
                _upserts.Remove(vehicle);
                _removals.Add(vehicle);
            }

            return HasNews;
        }

        public LaneDelta Take(LaneLive live, string? holding, DateTimeOffset now)
        {
            var delta = new LaneDelta
            {
                Lane = live.Lane,
                Since = _sent,
                Number = live.Number,
                Upserts = [.. _upserts.Values],
                Removals = [.. _removals],
                NewestCommitAt = live.NewestCommitAt,
                Holding = holding,
            };
            _upserts.Clear();
            _removals.Clear();
            IsDue = false;
            _sent = live.Number;
            SentAt = now;
            return delta;
        }

        public void Acknowledge() => _acknowledged = _sent;
    }
}
