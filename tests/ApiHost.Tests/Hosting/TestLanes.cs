using System.Collections.Immutable;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using Orleans;
using Orleans.Runtime;

namespace FleetTracker.Hosting.Tests;

/// <summary>The other side of the live feed: lanes that a test drives by hand. Numbers, snapshots and deltas follow the contract.</summary>
public sealed class TestLanes
{
    public const int Count = 4;

    private readonly Lock _gate = new();
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, Count).Select(_ => new Lane())];

    /// <summary>The lanes of the cluster that runs; tests of one collection share them.</summary>
    public static TestLanes Current { get; } = new();

    public List<(int Lane, string Tenant, string VehicleId)> Forgotten { get; } = [];

    /// <summary>Lanes whose grain does not answer.</summary>
    public HashSet<int> Dead { get; } = [];

    /// <summary>Lanes that do not send.</summary>
    public HashSet<int> Mute { get; } = [];

    public string? Holding { get; set; }

    public int Snapshots { get; private set; }

    public Exception? ForgetFailure { get; set; }

    public Task PublishAsync(params LiveVehicle[] vehicles) => ChangeAsync([.. vehicles], [], isLost: false);

    /// <summary>The lane knows it, but the delta never arrives.</summary>
    public Task LoseAsync(params LiveVehicle[] vehicles) => ChangeAsync([.. vehicles], [], isLost: true);

    public Task RemoveAsync(params string[] vehicleIds) => ChangeAsync([], [.. vehicleIds], isLost: false);

    public async Task HeartbeatAsync()
    {
        for (var lane = 0; lane < Count; lane++) await SendAsync(lane, [], [], isLost: false, isChange: false);
    }

    internal LaneSnapshot? Subscribe(int lane, LiveSubscription subscription, long? known)
    {
        lock (_gate)
        {
            if (Dead.Contains(lane)) throw new TimeoutException("the lane does not answer");
            var state = _lanes[lane];
            var isKnown = state.Hosts.TryGetValue(subscription.HostId, out var host) && host.Subscription.Revision == subscription.Revision;
            if (isKnown && known == host.At)
            {
                state.Hosts[subscription.HostId] = (subscription, host.At);
                return null;
            }

            Snapshots++;
            state.Hosts[subscription.HostId] = (subscription, state.Number);
            return new LaneSnapshot
            {
                Lane = lane, Number = state.Number, NewestCommitAt = state.CommitAt, Holding = Holding,
                Vehicles = [.. state.Vehicles.Values.Where(v => subscription.Tenants.Contains(v.Tenant))],
            };
        }
    }

    private async Task ChangeAsync(ImmutableArray<LiveVehicle> upserts, ImmutableArray<string> removals, bool isLost)
    {
        foreach (var lane in upserts.Select(v => v.VehicleId).Concat(removals).Select(id => Lanes.Of(id, Count)).Distinct())
        {
            await SendAsync(
                lane, [.. upserts.Where(v => Lanes.Of(v.VehicleId, Count) == lane)], [.. removals.Where(id => Lanes.Of(id, Count) == lane)], isLost, isChange: true);
        }
    }

    private async Task SendAsync(int lane, ImmutableArray<LiveVehicle> upserts, ImmutableArray<string> removals, bool isLost, bool isChange)
    {
        List<(Guid Host, Task Send)> sends = [];
        lock (_gate)
        {
            var state = _lanes[lane];
            if (isChange) state.Number++;
            if (isChange) state.CommitAt = TimeProvider.System.GetUtcNow();
            foreach (var upsert in upserts) state.Vehicles[upsert.VehicleId] = upsert;
            foreach (var removal in removals) state.Vehicles.Remove(removal);
            if (Mute.Contains(lane)) return;
            foreach (var (id, (subscription, at)) in state.Hosts.ToList())
            {
                var delta = new LaneDelta
                {
                    Lane = lane, Since = at, Number = state.Number, Removals = removals, NewestCommitAt = state.CommitAt, Holding = Holding,
                    Upserts = [.. upserts.Where(v => subscription.Tenants.Contains(v.Tenant))],
                };
                state.Hosts[id] = (subscription, state.Number);
                if (!isLost) sends.Add((id, subscription.Observer.ChangedAsync([delta])));
            }
        }

        await Task.WhenAll(sends.Select(async sent =>
        {
            try
            {
                await sent.Send.WaitAsync(TimeSpan.FromSeconds(2));
            }
            catch (Exception)
            {
                // A host of an earlier test is gone; one that only was slow subscribes again.
                lock (_gate) _lanes[lane].Hosts.Remove(sent.Host);
            }
        }));
    }

    private sealed class Lane
    {
        public long Number { get; set; } = 1L << 32;

        public DateTimeOffset? CommitAt { get; set; }

        public Dictionary<string, LiveVehicle> Vehicles { get; } = new(StringComparer.Ordinal);

        public Dictionary<Guid, (LiveSubscription Subscription, long At)> Hosts { get; } = [];
    }
}

/// <summary>Stands where the real lane stands.</summary>
public sealed class TestLaneGrain : Grain, ILaneGrain
{
    private int Lane => (int)this.GetPrimaryKeyLong();

    public ValueTask<LaneStart> EnsureStartedAsync(SiloAddress owner) => ValueTask.FromResult(new LaneStart(Lane, 1, owner));

    public ValueTask<LaneSnapshot?> SubscribeAsync(LiveSubscription subscription, long? knownNumber) =>
        ValueTask.FromResult(TestLanes.Current.Subscribe(Lane, subscription, knownNumber));

    public Task RulesChangedAsync(string tenant) => Task.CompletedTask;

    public Task ForgetAsync(string tenant, ImmutableArray<string> vehicleIds)
    {
        if (TestLanes.Current.ForgetFailure is { } failure) throw failure;
        lock (TestLanes.Current.Forgotten) TestLanes.Current.Forgotten.AddRange(vehicleIds.Select(id => (Lane, tenant, id)));
        return Task.CompletedTask;
    }
}
