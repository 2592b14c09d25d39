using FleetTracker.LiveMap;
using FleetTracker.Problems;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.LiveMap.Tests;

public sealed class LiveReplicasTests
{
    private readonly FakeTimeProvider _time = new(Fleet.Noon);
    private readonly LiveReplicas _replicas;

    public LiveReplicasTests() => _replicas = new LiveReplicas(Options.Create(new LiveMapOptions { MaxReplicas = 1 }), Fleet.Metrics, new LiveWake(), _time);

    [Fact]
    public void A_replica_that_is_only_looked_at_makes_room_for_another()
    {
        _replicas.Get("a");
        Assert.Equal("b", _replicas.Get("b").Tenant);
        Assert.Equal(["b"], _replicas.Current.Replicas.Keys);
    }

    [Fact]
    public void A_replica_is_held_from_its_attachment_to_its_detachment()
    {
        var view = new ConnectionView(new LiveMapOptions(), Fleet.Metrics, () => { });
        var held = _replicas.Attach("a");
        Assert.Throws<ReplicaUnavailableException>(() => _replicas.Get("b"));
        _time.Advance(TimeSpan.FromHours(1));
        _replicas.Retire();
        Assert.Same(held, _replicas.Current.Replicas["a"]);
        held.Detach(view);
        Assert.Equal("b", _replicas.Attach("b").Tenant);
    }
}
