using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;
using FleetTracker.Problems;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FleetTracker.LiveMap.Tests;

[Collection("api")]
public sealed class LiveHubTests(ApiFixture api)
{
    private static readonly object Helsinki = new { west = 24.0, south = 60.0, east = 26.0, north = 61.0, zoom = 10.0 };

    private static WatchRequest HelsinkiRequest => new() { West = 24, South = 60, East = 26, North = 61, Zoom = 10 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_gets_a_picture_and_then_its_changes_in_either_protocol(bool isMessagePack)
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(2);
        await TestLanes.Current.PublishAsync(tenant.Live(ids[0], 60.2, 24.9), tenant.Live(ids[1], 48.1, 11.5));
        await using var client = await Client.ConnectAsync(api.Host, await tenant.TokenAsync(Roles.Viewer), isMessagePack);
        await client.Hub.InvokeAsync("Watch", isMessagePack ? HelsinkiRequest : Helsinki);

        var snapshot = await client.NextAsync<SnapshotMessage>();
        var live = Assert.Single(snapshot.Vehicles);
        Assert.Equal((ids[0], $"{tenant.Name}  car 000", "moving", 60.2, 24.9, 1), (live.VehicleId, live.Name, live.Status, live.Lat, live.Lon, snapshot.Total));
        Assert.Null(snapshot.Clusters);

        await TestLanes.Current.PublishAsync(tenant.Live(ids[0], 60.3, 24.9, MotionStatus.Stopped));
        var delta = await client.NextAsync<DeltaMessage>();
        Assert.Equal((snapshot.Version, "stopped", 60.3), (delta.Since, Assert.Single(delta.Upserts).Status, delta.Upserts[0].Lat));

        await TestLanes.Current.PublishAsync(tenant.Live(ids[0], 48.1, 11.5));
        var left = await client.NextAsync<DeltaMessage>();
        Assert.Equal(delta.Version, left.Since);
        Assert.Equal([ids[0]], left.Removals);

        await client.Hub.InvokeAsync("Follow", ids[1]);
        Assert.Equal(ids[1], Assert.Single((await client.NextAsync<DeltaMessage>()).Upserts).VehicleId);
        await client.Hub.InvokeAsync("Unwatch");
    }

    [Fact]
    public async Task A_vehicle_registered_after_the_first_picture_appears_with_its_name()
    {
        var tenant = await api.NewTenantAsync();
        await using var client = await Client.ConnectAsync(api.Host, await tenant.TokenAsync(Roles.Viewer));
        await client.Hub.InvokeAsync("Watch", Helsinki);
        Assert.Equal(0, (await client.NextAsync<SnapshotMessage>()).Total);
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await TestLanes.Current.PublishAsync(tenant.Live(id, 60.2, 24.9));
        Assert.Equal($"{tenant.Name}  car 000", Assert.Single((await client.NextAsync<DeltaMessage>()).Upserts).Name);
    }

    [Fact]
    public async Task A_lost_delta_is_made_good_by_a_snapshot_of_the_lane()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await TestLanes.Current.PublishAsync(tenant.Live(id, 60.2, 24.9));
        await using var client = await Client.ConnectAsync(api.Host, await tenant.TokenAsync(Roles.Viewer));
        await client.Hub.InvokeAsync("Watch", Helsinki);
        Assert.Equal(1, (await client.NextAsync<SnapshotMessage>()).Total);
        var before = TestLanes.Current.Snapshots;
        await TestLanes.Current.LoseAsync(tenant.Live(id, 60.4, 24.9));
        Assert.Equal(60.4, Assert.Single((await client.NextAsync<DeltaMessage>()).Upserts).Lat);
        Assert.True(TestLanes.Current.Snapshots > before);
    }

    [Fact]
    public async Task A_vehicle_that_a_lane_forgets_is_removed()
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await TestLanes.Current.PublishAsync(tenant.Live(id, 60.2, 24.9));
        await using var client = await Client.ConnectAsync(api.Host, await tenant.TokenAsync(Roles.Viewer));
        await client.Hub.InvokeAsync("Watch", Helsinki);
        await client.NextAsync<SnapshotMessage>();
        await TestLanes.Current.RemoveAsync(id);
        Assert.Equal([id], (await client.NextAsync<DeltaMessage>()).Removals);
    }

    [Fact]
    public async Task Too_many_vehicles_come_as_clusters()
    {
        await using var host = await api.StartAsync(TimeProvider.System, ("LiveMap:MaxVehiclesInView", "10"), ("LiveMap:ClusterInterval", "00:00:00.050"));
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(12);
        await TestLanes.Current.PublishAsync([.. ids.Select(id => tenant.Live(id, 60.2, 24.9))]);
        await using var client = await Client.ConnectAsync(host, await tenant.TokenAsync(Roles.Viewer, host));
        await client.Hub.InvokeAsync("Watch", Helsinki);
        var snapshot = await client.NextAsync<SnapshotMessage>();
        Assert.Equal((12, 0, 12), (snapshot.Total, snapshot.Vehicles.Count, Assert.Single(snapshot.Clusters!).Count));
        await TestLanes.Current.PublishAsync(tenant.Live(ids[0], 10, 10));
        Assert.Equal(11, Assert.Single((await client.NextAsync<ClustersMessage>()).Clusters).Count);
        await TestLanes.Current.PublishAsync([.. ids[1..6].Select(id => tenant.Live(id, 10, 10))]);
        SnapshotMessage apart;
        do apart = await client.NextAsync<SnapshotMessage>();
        while (apart.Clusters is not null);
        Assert.InRange(apart.Total, 6, 8);
    }

    [Fact]
    public async Task Freshness_says_when_lanes_hold_and_when_they_flow_again()
    {
        var tenant = await api.NewTenantAsync();
        await using var client = await Client.ConnectAsync(api.Host, await tenant.TokenAsync(Roles.Viewer));
        Assert.False((await client.NextAsync<FreshnessMessage>()).Stalled);
        TestLanes.Current.Holding = "Less than 1 GiB is free.";
        try
        {
            FreshnessMessage held;
            do held = await client.NextAsync<FreshnessMessage>();
            while (!held.Stalled);
            Assert.Equal("Less than 1 GiB is free.", held.Reason);
        }
        finally
        {
            TestLanes.Current.Holding = null;
        }

        FreshnessMessage flowing;
        do flowing = await client.NextAsync<FreshnessMessage>();
        while (flowing.Stalled);
        Assert.NotEqual(default, flowing.ServerAt);
    }

    [Fact]
    public async Task A_silent_lane_is_told_and_its_picture_comes_back_by_snapshot()
    {
        await using var host = await api.StartAsync(
            TimeProvider.System, ("LiveMap:ResyncAfter", "00:00:00.300"), ("LiveMap:StalledAfter", "00:00:00.600"), ("LiveMap:RenewInterval", "00:00:00.100"),
            ("LiveMap:RegistryInterval", "00:00:00.100"));
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await TestLanes.Current.PublishAsync(tenant.Live(id, 60.2, 24.9));
        await using var client = await Client.ConnectAsync(host, await tenant.TokenAsync(Roles.Viewer, host));
        await client.Hub.InvokeAsync("Watch", Helsinki);
        await client.NextAsync<SnapshotMessage>();
        var lane = Ingestion.Lanes.Of(id, TestLanes.Count);
        TestLanes.Current.Mute.Add(lane);
        TestLanes.Current.Dead.Add(lane);
        try
        {
            FreshnessMessage silent;
            do silent = await client.NextAsync<FreshnessMessage>();
            while (!silent.Stalled);
            Assert.Contains("1 of 4 lanes", silent.Reason, StringComparison.Ordinal);

            // The lane answers again but cannot send: the host fetches what it missed.
            await TestLanes.Current.PublishAsync(tenant.Live(id, 60.5, 24.9));
            TestLanes.Current.Dead.Clear();
            Assert.Equal(60.5, Assert.Single((await client.NextAsync<DeltaMessage>()).Upserts).Lat);
        }
        finally
        {
            TestLanes.Current.Dead.Clear();
            TestLanes.Current.Mute.Clear();
        }
    }

    [Fact]
    public async Task A_silent_lane_is_told_also_while_tenants_come_and_go()
    {
        await using var host = await api.StartAsync(
            TimeProvider.System, ("LiveMap:ResyncAfter", "00:00:00.300"), ("LiveMap:StalledAfter", "00:00:00.600"), ("LiveMap:RenewInterval", "00:00:00.100"),
            ("LiveMap:RegistryInterval", "00:00:00.100"), ("LiveMap:FreshnessInterval", "00:00:00.100"));
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await TestLanes.Current.PublishAsync(tenant.Live(id, 60.2, 24.9));
        var replicas = host.Services.GetRequiredService<LiveReplicas>();
        await using var client = await Client.ConnectAsync(host, await tenant.TokenAsync(Roles.Viewer, host));
        await client.Hub.InvokeAsync("Watch", Helsinki);
        await client.NextAsync<SnapshotMessage>();
        var lane = Ingestion.Lanes.Of(id, TestLanes.Count);
        TestLanes.Current.Dead.Add(lane);
        try
        {
            // A tenant more with every word of freshness, several within the time after which silence counts.
            var told = await client.NextAsync<FreshnessMessage>();
            for (var more = 0; more < 50 && !told.Stalled; more++)
            {
                replicas.Get($"{tenant.Name}-{more}");
                told = await client.NextAsync<FreshnessMessage>();
            }

            Assert.Contains("1 of 4 lanes", told.Reason, StringComparison.Ordinal);
        }
        finally
        {
            TestLanes.Current.Dead.Clear();
        }
    }

    [Fact]
    public async Task A_registry_that_cannot_be_read_is_told_and_shows_no_empty_fleet()
    {
        await using var host = await api.StartAsync(
            TimeProvider.System, ("LiveMap:ResyncAfter", "00:00:00.300"), ("LiveMap:StalledAfter", "00:00:00.600"), ("LiveMap:RegistryInterval", "00:00:00.100"));
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        await TestLanes.Current.PublishAsync(tenant.Live(id, 60.2, 24.9));
        var token = await tenant.TokenAsync(Roles.Viewer, host);
        Outage.Failure = new TimeoutException("the database does not answer");
        try
        {
            await using var client = await Client.ConnectAsync(host, token);
            await client.Hub.InvokeAsync("Watch", Helsinki);
            FreshnessMessage told;
            do told = await client.NextAsync<FreshnessMessage>();
            while (!told.Stalled);
            Assert.Contains("names of the vehicles", told.Reason, StringComparison.Ordinal);

            Outage.Failure = null;
            Assert.Equal(1, (await client.NextAsync<SnapshotMessage>()).Total);
            do told = await client.NextAsync<FreshnessMessage>();
            while (told.Stalled);
        }
        finally
        {
            Outage.Failure = null;
        }
    }

    [Fact]
    public async Task What_is_no_viewport_or_no_vehicle_is_refused_with_the_reason()
    {
        var tenant = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var theirs = (await other.AddVehiclesAsync(1))[0];
        await using var client = await Client.ConnectAsync(api.Host, await tenant.TokenAsync(Roles.Viewer));
        Assert.Contains("west must be from -180 to 180, was -200", await Refusal("Watch", new { west = -200, south = 0, east = 1, north = 1, zoom = 1 }), StringComparison.Ordinal);
        Assert.Contains("lacks north, zoom", await Refusal("Watch", new { west = 0, south = 0, east = 1 }), StringComparison.Ordinal);
        Assert.Contains("no vehicle", await Refusal("Follow", theirs), StringComparison.Ordinal);

        Assert.Contains("was null", await Refusal("Watch", null), StringComparison.Ordinal);

        async Task<string> Refusal(string method, object? argument) =>
            (await Assert.ThrowsAsync<HubException>(() => client.Hub.InvokeAsync(method, argument))).Message;
    }

    [Fact]
    public async Task Nobody_connects_without_a_token_and_one_user_not_without_end()
    {
        var tenant = await api.NewTenantAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.ConnectAsync(api.Host, "x"));
        await using var host = await api.StartAsync(TimeProvider.System, ("LiveMap:MaxConnectionsPerUser", "1"));
        var token = await tenant.TokenAsync(Roles.Viewer, host);
        await using var first = await Client.ConnectAsync(host, token);
        await first.NextAsync<FreshnessMessage>();
        await using var second = await Client.ConnectAsync(host, token);
        var closed = await second.Closed.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains("1 live connections", closed?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LiveMap:MaxConnectionsPerUser", "1 live connections")]
    [InlineData("LiveMap:MaxConnections", "as many live connections as it takes")]
    [InlineData("LiveMap:MaxReplicas", "as many fleets as it takes")]
    public async Task A_full_host_says_why_it_refuses_and_reports_no_error_of_its_own(string limit, string reason)
    {
        var logs = new KeptLogs();
        await using var host = await api.StartAsync(TimeProvider.System, logs, (limit, "1"));
        var tenant = await api.NewTenantAsync();
        var other = limit == "LiveMap:MaxReplicas" ? await api.NewTenantAsync() : tenant;
        await using var first = await Client.ConnectAsync(host, await tenant.TokenAsync(Roles.Viewer, host));
        await first.NextAsync<FreshnessMessage>();
        await using var second = await Client.ConnectAsync(host, await other.TokenAsync(Roles.Viewer, host));
        var closed = await second.Closed.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains(reason, closed?.Message, StringComparison.Ordinal);
        Assert.Equal(HubConnectionState.Connected, first.Hub.State);
        Assert.DoesNotContain(logs.Entries, entry => entry.Level >= LogLevel.Error);
        var warning = Assert.Single(logs.Entries, entry => entry.Id == 2912);
        Assert.Equal((LogLevel.Warning, null), (warning.Level, warning.Exception));
        Assert.Contains(reason, warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_ends_with_its_token_and_with_its_session()
    {
        var tenant = await api.NewTenantAsync();
        await using var client = await Client.ConnectAsync(api.Moved, await tenant.TokenAsync(Roles.Viewer, api.Moved));
        api.Time.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(HubConnectionState.Connected, client.Hub.State);
        api.Time.Advance(TimeSpan.FromMinutes(1.1));
        await client.Closed.Task.WaitAsync(TimeSpan.FromSeconds(10));

        var token = await tenant.TokenAsync(Roles.Viewer);
        await using var other = await Client.ConnectAsync(api.Host, token);
        await other.NextAsync<FreshnessMessage>();
        using var http = api.Host.Client(token);
        (await http.PostAsync("/api/v1/auth/logout", null)).Dispose();
        await other.Closed.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_messages_holds_back_only_itself()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(1);
        var replicas = api.Host.Services.GetRequiredService<LiveReplicas>();
        await TestLanes.Current.PublishAsync(tenant.Live(ids[0], 60.2, 24.9));
        var replica = await replicas.GetLoadedAsync(tenant.Name, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var slow = new SlowProxy();
        var connection = new LiveConnection(
            "slow", new LiveUser(tenant.Name, "u", null, DateTimeOffset.MaxValue), replica, new Freshness(null, null), new LiveMapOptions(), Fleet.Metrics,
            TimeProvider.System, () => { });
        replica.Watch(connection.View, ViewportTests.Create(24, 60, 26, 61));
        var loop = connection.RunAsync(slow, stop.Token);
        Assert.Equal("Freshness", await slow.TakeAsync());
        Assert.Equal("Snapshot", await slow.TakeAsync());
        await TestLanes.Current.PublishAsync(tenant.Live(ids[0], 60.21, 24.9));
        await slow.Started.Reader.ReadAsync();

        // The delta is under way and not taken: a thousand more fixes wait as one vehicle.
        for (var i = 0; i < 1_000; i++) replica.Apply([tenant.Live(ids[0], 60.3 + (i * 0.0001), 24.9)], []);
        Assert.Equal(1, connection.View.Pending);
        slow.Release.Writer.TryWrite(true);
        Assert.Equal("Delta", await slow.TakeAsync());
        var delta = Assert.IsType<DeltaMessage>(slow.Sent.Last());
        Assert.Equal(60.3999, Assert.Single(delta.Upserts).Lat, 6);
        await stop.CancelAsync();
        slow.Release.Writer.TryWrite(true);
        await loop;
    }

    private sealed class SlowProxy : IClientProxy
    {
        public Channel<string> Started { get; } = Channel.CreateUnbounded<string>();

        public Channel<bool> Release { get; } = Channel.CreateUnbounded<bool>();

        public ConcurrentQueue<object> Sent { get; } = [];

        public async Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default)
        {
            Sent.Enqueue(args[0]!);
            Started.Writer.TryWrite(method);
            await Release.Reader.ReadAsync(cancellationToken);
        }

        /// <summary>Awaits the next send and takes it.</summary>
        public async Task<string> TakeAsync()
        {
            var method = await Started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            Release.Writer.TryWrite(true);
            return method;
        }
    }

    private sealed class Client : IAsyncDisposable
    {
        private readonly Dictionary<Type, Channel<object>> _messages = new()
        {
            [typeof(SnapshotMessage)] = Channel.CreateUnbounded<object>(), [typeof(DeltaMessage)] = Channel.CreateUnbounded<object>(),
            [typeof(ClustersMessage)] = Channel.CreateUnbounded<object>(), [typeof(FreshnessMessage)] = Channel.CreateUnbounded<object>(),
        };

        private Client(HubConnection hub)
        {
            Hub = hub;
            On<SnapshotMessage>("Snapshot");
            On<DeltaMessage>("Delta");
            On<ClustersMessage>("Clusters");
            On<FreshnessMessage>("Freshness");
            hub.Closed += exception =>
            {
                Closed.TrySetResult(exception);
                return Task.CompletedTask;
            };
        }

        public HubConnection Hub { get; }

        public TaskCompletionSource<Exception?> Closed { get; } = new();

        public static async Task<Client> ConnectAsync(TestHost host, string token, bool isMessagePack = false)
        {
            var builder = new HubConnectionBuilder().WithUrl(new Uri(host.Address, "/hubs/live"), options =>
                options.AccessTokenProvider = () => Task.FromResult<string?>(token));
            if (isMessagePack) builder.AddMessagePackProtocol(options => options.SerializerOptions = LiveMessagePack.Options);
            else builder.AddJsonProtocol(options => options.PayloadSerializerOptions.Converters.Add(new Rfc3339JsonConverter()));
            var client = new Client(builder.Build());
            await client.Hub.StartAsync();
            return client;
        }

        public async Task<T> NextAsync<T>()
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                return (T)await _messages[typeof(T)].Reader.ReadAsync(timeout.Token);
            }
            catch (OperationCanceledException exception)
            {
                throw new TimeoutException($"no {typeof(T).Name} came within 10 s; the connection is {Hub.State}", exception);
            }
        }

        public ValueTask DisposeAsync() => Hub.DisposeAsync();

        private void On<T>(string method)
            where T : notnull => Hub.On<T>(method, message => _messages[typeof(T)].Writer.TryWrite(message));
    }
}
