using FleetTracker.Vehicles;

namespace FleetTracker.LiveMap;

public sealed class FeedHostTests
{
    private readonly FeedHost _host = new(Subscription(["a"]), Fixes.Noon.AddMinutes(1));
    private readonly LaneLive _lane = new(7, 100);
    private readonly Dictionary<int, LaneLive> _lanes;

    public FeedHostTests()
    {
        _lanes = new() { [7] = _lane };
        _host.StartLane(7, _lane.Number, Fixes.Noon);
    }

    [Fact]
    public void What_waits_is_the_newest_state_per_vehicle_of_the_hosts_tenants()
    {
        Publish([Live("v1", 1), Live("other", 1, "b")]);
        Publish([Live("v1", 2), Live("v2", 2)]);

        var delta = Take().Single();
        Assert.Equal((100, 102), (delta.Since, delta.Number));
        Assert.Equal([("v1", 2), ("v2", 2)], delta.Upserts.Select(live => (live.VehicleId, (int)(live.FixedAt - Fixes.Noon).TotalSeconds)).Order());
    }

    [Fact]
    public void Deltas_join_without_a_gap()
    {
        Publish([Live("v1", 1)]);
        var first = Take().Single();
        Publish([Live("v1", 2)]);
        Assert.Equal(first.Number, Take().Single().Since);
    }

    [Fact]
    public void A_removal_takes_back_what_waits_and_an_upsert_takes_back_the_removal()
    {
        Publish([Live("v1", 1), Live("v2", 1)]);
        Publish([], "v1", "v2");
        Publish([Live("v2", 3)]);

        var delta = Take().Single();
        Assert.Equal(["v2"], delta.Upserts.Select(live => live.VehicleId));
        Assert.Equal(["v1"], delta.Removals);
    }

    [Fact]
    public void A_silent_lane_gets_a_heartbeat_when_it_is_due_and_not_before()
    {
        Assert.Empty(_host.Take(_lanes, null, Fixes.Noon.AddSeconds(-1), Fixes.Noon.AddSeconds(3)));
        var beat = _host.Take(_lanes, "The disk is full.", Fixes.Noon, Fixes.Noon.AddSeconds(4)).Single();
        Assert.Empty(beat.Upserts);
        Assert.Equal((100, 100, "The disk is full."), (beat.Since, beat.Number, beat.Holding));
    }

    [Fact]
    public void A_renewal_that_crosses_a_delta_needs_no_snapshot()
    {
        Publish([Live("v1", 1)]);
        Take();
        Assert.True(_host.Follows(7, 100));
        Assert.True(_host.Follows(7, 101));
        _host.Acknowledge();
        Assert.False(_host.Follows(7, 100));
        Assert.False(_host.Follows(7, null));
    }

    [Fact]
    public void Another_set_of_tenants_starts_every_lane_afresh()
    {
        _host.Renew(Subscription(["a", "b"], revision: 2), Fixes.Noon.AddMinutes(1));
        Assert.False(_host.Follows(7, 100));
    }

    [Fact]
    public void A_lane_that_left_sends_nothing_and_is_followed_no_more()
    {
        Publish([Live("v1", 1)]);
        _host.DropLane(7);
        Assert.Empty(Take());
        Assert.False(_host.Follows(7, 101));
    }

    private static LiveSubscription Subscription(string[] tenants, int revision = 1) => new() { HostId = Guid.Empty, Observer = null!, Tenants = [.. tenants], Revision = revision };

    private static LiveVehicle Live(string vehicle, int second, string tenant = "a") =>
        VehiclePolicy.LiveOf(Fixes.At(second, vehicle, tenant: tenant), new VehicleOptions());

    private System.Collections.Immutable.ImmutableArray<LaneDelta> Take() => _host.Take(_lanes, null, Fixes.Noon.AddSeconds(-1), Fixes.Noon);

    private void Publish(LiveVehicle[] upserts, params string[] removals)
    {
        _lane.Apply(upserts, removals, Fixes.Noon);
        _host.Changed(7, upserts, removals);
    }
}
