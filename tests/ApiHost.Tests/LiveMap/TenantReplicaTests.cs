using CsCheck;
using FleetTracker.LiveMap;
using FleetTracker.Storage;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.LiveMap.Tests;

public sealed class TenantReplicaTests
{
    private readonly FakeTimeProvider _time = new(Fleet.Noon);
    private readonly LiveMapOptions _options = new() { MaxVehiclesInView = 10 };
    private readonly TenantReplica _replica;
    private readonly ConnectionView _view;
    private int _wakes;

    public TenantReplicaTests()
    {
        _replica = new TenantReplica("default", 1, Fleet.Metrics, _time);
        _view = new ConnectionView(_options, Fleet.Metrics, () => _wakes++);
    }

    private static Viewport Helsinki => ViewportTests.Create(24, 60, 26, 61, 10);

    private void Register(params string[] ids) =>
        _replica.Apply(new VehicleChanges(1, [.. ids.Select(id => Fleet.Registered(id))], []), isLast: true, laneCount: 1);

    private void Load(params LiveVehicle[] vehicles)
    {
        Register([.. vehicles.Select(v => v.VehicleId)]);
        _replica.Replace(0, 1, vehicles, _ => true);
    }

    private void Move(params LiveVehicle[] vehicles) => _replica.Apply(vehicles, []);

    private List<Outbound> Send()
    {
        var outbox = new List<Outbound>();
        _replica.Build(_view, _time.GetUtcNow(), _options.StalledAfter, outbox);
        return outbox;
    }

    private T SendOne<T>() => Assert.IsType<T>(Assert.Single(Send()).Payload);

    [Fact]
    public void The_first_picture_is_what_the_viewport_shows()
    {
        Load(Fleet.Live("a", 60.2, 24.9), Fleet.Live("b", 48.1, 11.5));
        _replica.Watch(_view, Helsinki);
        var snapshot = SendOne<SnapshotMessage>();
        Assert.Equal((1L, 1, "Name of a", "moving"), (snapshot.Version, snapshot.Total, snapshot.Vehicles[0].Name, snapshot.Vehicles[0].Status));
        Assert.Null(snapshot.Clusters);
        Assert.Empty(Send());
    }

    [Fact]
    public void A_picture_waits_for_the_replica_to_load_but_not_for_ever()
    {
        Register("a");
        _replica.Watch(_view, Helsinki);
        Assert.Empty(Send());
        _time.Advance(_options.StalledAfter);
        Assert.Equal(0, SendOne<SnapshotMessage>().Total);
    }

    [Fact]
    public void No_picture_is_sent_before_the_registry_was_read_once()
    {
        _replica.Replace(0, 1, [Fleet.Live("a", 60.2, 24.9)], _ => true);
        _replica.Watch(_view, Helsinki);
        _time.Advance(_options.StalledAfter * 10);
        Assert.Empty(Send());
        Register("a");
        Assert.Equal(1, SendOne<SnapshotMessage>().Total);
    }

    [Fact]
    public void Names_that_are_not_read_for_long_are_a_reason_to_distrust_the_picture()
    {
        Assert.Null(Reason());
        _time.Advance(_options.StalledAfter + TimeSpan.FromSeconds(1));
        Assert.Equal("The names of the vehicles could not be loaded yet.", Reason());
        _replica.Apply(new VehicleChanges(1, [Fleet.Registered("a")], []), isLast: false, laneCount: 1);
        Assert.NotNull(Reason());
        Register("a");
        Assert.Null(Reason());
        _time.Advance(_options.StalledAfter + TimeSpan.FromSeconds(1));
        Assert.Equal("The names of the vehicles have not been read for more than 10 s.", Reason());

        string? Reason() => _replica.StalledBecause(_time.GetUtcNow(), _options.StalledAfter);
    }

    [Fact]
    public void Many_changes_of_a_vehicle_are_sent_once_as_the_newest()
    {
        Load(Fleet.Live("a", 60.2, 24.9));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        for (var i = 0; i < 100; i++) Move(Fleet.Live("a", 60.2 + (i * 0.001), 24.9));
        Assert.Equal(1, _view.Pending);
        var delta = SendOne<DeltaMessage>();
        Assert.Equal((1L, 2L, 60.299), (delta.Since, delta.Version, Math.Round(Assert.Single(delta.Upserts).Lat, 6)));
    }

    [Fact]
    public void A_vehicle_that_leaves_the_view_is_removed_and_one_that_never_was_in_it_is_not_mentioned()
    {
        Load(Fleet.Live("a", 60.2, 24.9), Fleet.Live("b", 48.1, 11.5));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        Move(Fleet.Live("a", 59.9, 24.9), Fleet.Live("b", 48.2, 11.5));
        Move(Fleet.Live("a", 30, -100));
        var delta = SendOne<DeltaMessage>();
        Assert.Equal(["a"], delta.Removals);
        Assert.Empty(delta.Upserts);
        Move(Fleet.Live("a", 60.2, 24.9));
        Assert.Equal("a", Assert.Single(SendOne<DeltaMessage>().Upserts).VehicleId);
    }

    [Fact]
    public void A_vehicle_that_enters_and_leaves_between_two_sends_is_not_mentioned()
    {
        Load(Fleet.Live("a", 48.1, 11.5));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        Move(Fleet.Live("a", 60.2, 24.9));
        Move(Fleet.Live("a", 48.1, 11.5));
        Assert.Empty(Send());
    }

    [Fact]
    public void The_followed_vehicle_is_sent_wherever_it_is()
    {
        Load(Fleet.Live("a", 60.2, 24.9), Fleet.Live("b", 48.1, 11.5));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        _replica.Follow(_view, "b");
        Assert.Equal("b", Assert.Single(SendOne<DeltaMessage>().Upserts).VehicleId);
        Move(Fleet.Live("b", 48.2, 11.5));
        Assert.Equal(48.2, Assert.Single(SendOne<DeltaMessage>().Upserts).Lat);
        _replica.Follow(_view, null);
        Assert.Equal(["b"], SendOne<DeltaMessage>().Removals);
        Move(Fleet.Live("b", 48.3, 11.5));
        Assert.Empty(Send());
    }

    [Fact]
    public void A_vehicle_that_the_registry_does_not_know_is_not_shown_and_asks_for_a_read()
    {
        Load(Fleet.Live("a", 60.2, 24.9));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        Move(Fleet.Live("new", 60.2, 24.9));
        Assert.Empty(Send());
        Assert.True(_replica.HasUnknownVehicles);
        Register("new");
        Assert.False(_replica.HasUnknownVehicles);
        Assert.Equal("Name of new", Assert.Single(SendOne<DeltaMessage>().Upserts).Name);
    }

    [Fact]
    public void A_vehicle_that_leaves_the_registry_is_removed()
    {
        Load(Fleet.Live("a", 60.2, 24.9));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        _replica.Apply(new VehicleChanges(2, [], ["a"]), isLast: true, laneCount: 1);
        Assert.Equal(["a"], SendOne<DeltaMessage>().Removals);
        Assert.Empty(_replica.ReadLatest(null, null, 10));
    }

    [Fact]
    public void A_snapshot_of_a_lane_takes_away_what_the_lane_no_longer_has()
    {
        Load(Fleet.Live("a", 60.2, 24.9), Fleet.Live("b", 60.2, 24.9));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        _replica.Replace(0, 1, [Fleet.Live("b", 60.2, 24.9)], _ => true);
        var delta = SendOne<DeltaMessage>();
        Assert.Equal(["a"], delta.Removals);
        Assert.Empty(delta.Upserts);
    }

    [Fact]
    public void A_silent_vehicle_goes_offline_by_the_clock_and_a_new_fix_brings_it_back()
    {
        Load(Fleet.Live("a", 60.2, 24.9), Fleet.Live("b", 60.2, 24.9, offlineAt: Fleet.Noon.AddHours(1)));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        _time.Advance(TimeSpan.FromMinutes(9));
        Move(Fleet.Live("a", 60.2, 24.9, at: _time.GetUtcNow()));
        SendOne<DeltaMessage>();
        _time.Advance(TimeSpan.FromMinutes(9));
        _replica.Sweep(_time.GetUtcNow());
        Assert.Empty(Send());
        _time.Advance(TimeSpan.FromMinutes(1));
        _replica.Sweep(_time.GetUtcNow());
        var offline = Assert.Single(SendOne<DeltaMessage>().Upserts);
        Assert.Equal(("a", "offline"), (offline.VehicleId, offline.Status));
        Move(Fleet.Live("a", 60.2, 24.9, at: _time.GetUtcNow(), motion: MotionStatus.Idling));
        Assert.Equal("idling", Assert.Single(SendOne<DeltaMessage>().Upserts).Status);
    }

    [Fact]
    public void A_due_time_that_moves_closer_is_kept()
    {
        Load(Fleet.Live("a", 60.2, 24.9, offlineAt: Fleet.Noon.AddHours(5)));
        Move(Fleet.Live("a", 60.2, 24.91, offlineAt: Fleet.Noon.AddMinutes(10)));
        _time.Advance(TimeSpan.FromMinutes(10));
        _replica.Sweep(_time.GetUtcNow());
        Assert.Equal(VehicleStatus.Offline, _replica.Find("a")!.Status);
    }

    [Fact]
    public void Too_many_vehicles_become_clusters_and_come_apart_only_well_below_the_limit()
    {
        var fleet = Enumerable.Range(0, 11).Select(i => Fleet.Live($"v{i:00}", 60.2, 24.9)).ToArray();
        Load(fleet);
        _replica.Watch(_view, Helsinki);
        var clustered = SendOne<SnapshotMessage>();
        Assert.Empty(clustered.Vehicles);
        Assert.Equal((11, 11), (clustered.Total, Assert.Single(clustered.Clusters!).Count));

        // Two leave: 9 of 10 is not well below.
        Move(Fleet.Live("v00", 10, 10), Fleet.Live("v01", 10, 10));
        Assert.Empty(Send());
        _time.Advance(_options.ClusterInterval);
        var refreshed = SendOne<ClustersMessage>();
        Assert.Equal((clustered.Version, 9), (refreshed.Version, Assert.Single(refreshed.Clusters).Count));

        Move(Fleet.Live("v02", 10, 10));
        _time.Advance(_options.ClusterInterval);
        var apart = SendOne<SnapshotMessage>();
        Assert.Equal((8, 8), (apart.Total, apart.Vehicles.Count));
        Assert.Null(apart.Clusters);

        Move(fleet[..3]);
        Assert.NotNull(SendOne<SnapshotMessage>().Clusters);
    }

    [Fact]
    public void The_followed_vehicle_is_drawn_even_among_clusters()
    {
        Load([.. Enumerable.Range(0, 11).Select(i => Fleet.Live($"v{i:00}", 60.2, 24.9))]);
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        _replica.Follow(_view, "v03");
        Assert.Equal("v03", Assert.Single(SendOne<DeltaMessage>().Upserts).VehicleId);
        Move(Fleet.Live("v03", 60.21, 24.9), Fleet.Live("v04", 60.21, 24.9));
        Assert.Equal("v03", Assert.Single(SendOne<DeltaMessage>().Upserts).VehicleId);
    }

    [Fact]
    public void A_client_that_does_not_read_stays_bounded_and_gets_a_new_picture()
    {
        Load([.. Enumerable.Range(0, 200).Select(i => Fleet.Live($"v{i}", 10, 10))]);
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 200; i++) Move(Fleet.Live($"v{i}", 60.2, 24.9 + (round * 0.01)));
            Assert.InRange(_view.Pending, 0, 2 * _options.MaxVehiclesInView);
        }

        Assert.Equal(200, SendOne<SnapshotMessage>().Total);
    }

    [Fact]
    public void After_Unwatch_nothing_comes()
    {
        Load(Fleet.Live("a", 60.2, 24.9));
        _replica.Watch(_view, Helsinki);
        SendOne<SnapshotMessage>();
        _replica.Unwatch(_view);
        Move(Fleet.Live("a", 60.3, 24.9));
        Assert.Empty(Send());
    }

    [Fact]
    public void A_client_that_applies_what_it_is_sent_sees_what_is_in_view() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 14], Gen.Double[59.8, 60.4], Gen.Double[24.5, 25.5], Gen.Int[0, 9]).Array[1, 150], Gen.Bool).Sample((steps, follows) =>
        {
            var time = new FakeTimeProvider(Fleet.Noon);
            var replica = new TenantReplica("default", 1, Fleet.Metrics, time);
            var view = new ConnectionView(new LiveMapOptions { MaxVehiclesInView = 1_000 }, Fleet.Metrics, () => { });
            replica.Apply(new VehicleChanges(1, [.. Enumerable.Range(0, 15).Select(i => Fleet.Registered($"v{i}"))], []), true, 1);
            replica.Replace(0, 1, [], _ => true);
            var window = ViewportTests.Create(24.8, 60, 25.2, 60.2, 10);
            replica.Watch(view, window);
            if (follows) replica.Follow(view, "v3");

            var picture = new Dictionary<string, LiveView>(StringComparer.Ordinal);
            var version = 0L;
            foreach (var (i, latitude, longitude, action) in steps)
            {
                if (action == 0) replica.Apply([], [$"v{i}"]);
                else replica.Apply([Fleet.Live($"v{i}", latitude, longitude)], []);
                if (action >= 7) Receive();
            }

            Receive();
            var expected = Enumerable.Range(0, 15).Select(i => replica.Find($"v{i}")).OfType<ReplicaVehicle>()
                .Where(v => v.IsShown && (window.Contains(v.Live!.Latitude, v.Live.Longitude) || (follows && v.Id == "v3")));
            Assert.Equal(
                expected.Select(v => (v.Id, v.Live!.Latitude)).Order(), picture.Values.Select(v => (v.VehicleId, v.Lat)).Order());

            void Receive()
            {
                var outbox = new List<Outbound>();
                replica.Build(view, time.GetUtcNow(), TimeSpan.Zero, outbox);
                foreach (var message in outbox)
                {
                    if (message.Payload is SnapshotMessage snapshot)
                    {
                        picture = snapshot.Vehicles.ToDictionary(v => v.VehicleId, StringComparer.Ordinal);
                        version = snapshot.Version;
                        continue;
                    }

                    var delta = Assert.IsType<DeltaMessage>(message.Payload);
                    Assert.Equal(version, delta.Since);
                    version = delta.Version;
                    foreach (var upsert in delta.Upserts) picture[upsert.VehicleId] = upsert;
                    foreach (var removal in delta.Removals) Assert.True(picture.Remove(removal), "a vehicle that was not shown was removed");
                }
            }
        });

    [Fact]
    public void Latest_positions_are_paged_in_the_order_of_ids()
    {
        Load([.. Enumerable.Range(0, 25).Select(i => Fleet.Live($"v{i:00}", 60.2, i < 20 ? 24.9 : 100))]);
        var seen = new List<string>();
        string? after = null;
        while (_replica.ReadLatest(Helsinki, after, 7) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(v => v.VehicleId));
            after = seen[^1];
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"v{i:00}"), seen);
        Assert.Equal(25, _replica.ReadLatest(null, null, 100).Count);
    }
}
