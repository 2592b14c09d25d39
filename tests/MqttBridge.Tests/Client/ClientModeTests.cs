using System.Net;
using FleetTracker.Ingestion;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace FleetTracker.Mqtt;

/// <summary>Client mode against a broker that is not ours (MQTTnet's, which has no shared subscriptions, so without a group).</summary>
public sealed class ClientModeTests : IAsyncDisposable
{
    private readonly MqttServer _broker;
    private readonly int _port;
    private readonly FakeLanes _lanes = new() { CommitsAtOnce = false };
    private readonly FakeDirectory _directory = new();
    private readonly CountedOutcomes _counts = new();
    private readonly IngestPipeline _pipeline;
    private readonly DeviceCache _devices;
    private readonly Enrollments _enrollments;
    private readonly StatusReporter _statuses;
    private readonly IngestionMetrics _metrics;

    public ClientModeTests()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var factory = new MqttServerFactory();
        _broker = factory.CreateMqttServer(factory.CreateServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointPort(_port).WithPersistentSessions().Build());
        var options = Options.Create(new IngestionOptions { Lanes = 4, MaxUnacknowledged = 4 });
        _metrics = new IngestionMetrics(_counts);
        _devices = new DeviceCache(_directory, options, _metrics, TimeProvider.System, NullLogger<DeviceCache>.Instance);
        _enrollments = new Enrollments(_directory, _devices, options, _metrics, TimeProvider.System, NullLogger<Enrollments>.Instance);
        _statuses = new StatusReporter(_directory, _metrics, TimeProvider.System, NullLogger<StatusReporter>.Instance);
        _pipeline = new IngestPipeline(
            new ConfiguredLaneCount(options), _lanes, _devices, _enrollments, _statuses, new QuarantineLimiter(options, TimeProvider.System), options,
            Options.Create(new FixOptions()), _metrics, TimeProvider.System, NullLogger<IngestPipeline>.Instance);
        _lanes.Pipeline = _pipeline;
        _directory.Add("truck-1");
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.StopAsync();
        _broker.Dispose();
        _pipeline.Dispose();
        _devices.Dispose();
        _enrollments.Dispose();
        _statuses.Dispose();
        _counts.Dispose();
    }

    [Fact]
    public async Task Message_is_acknowledged_to_the_broker_after_its_commit()
    {
        var acknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _broker.ClientAcknowledgedPublishPacketAsync += _ =>
        {
            acknowledged.TrySetResult();
            return Task.CompletedTask;
        };
        await using var client = await StartAsync();

        await PublishAsync("fleet/truck-1/position", """{"lat":1,"lon":2}""");
        var batch = await _lanes.NextAsync();
        Assert.False(acknowledged.Task.IsCompleted);
        _lanes.Report(batch);
        await acknowledged.Task.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.Equal("truck-1", batch.Fixes[0].DeviceId);
    }

    [Fact]
    public async Task Message_that_the_subscription_replays_is_not_new()
    {
        await _broker.StartAsync();
        await PublishAsync("fleet/truck-1/position", """{"lat":1,"lon":2}""", retain: true);
        await using var client = await StartAsync(isStarted: true);

        await PublishAsync("fleet/truck-1/position", """{"lat":3,"lon":4}""");
        Assert.Equal(3, (await _lanes.NextAsync()).Fixes[0].Latitude);
    }

    [Fact]
    public async Task Connection_that_breaks_is_made_again_and_what_was_not_acknowledged_comes_again()
    {
        await using var client = await StartAsync();
        await PublishAsync("fleet/truck-1/position", """{"time":"2026-11-01T00:00:00Z","lat":1,"lon":2}""");
        var first = await _lanes.NextAsync();
        var again = Subscribed();
        await _broker.DisconnectClientAsync("bridge-0", new MqttServerClientDisconnectOptions());
        await again.WaitAsync(TestTime.Limit, TestTime.Token);

        // Committed, but on a connection that is gone: that acknowledgement must not be sent on the new one.
        _lanes.CommitsAtOnce = true;
        _lanes.Report(first);
        await PublishAsync("fleet/truck-1/position", """{"lat":3,"lon":4}""");
        while (!_lanes.Fixes.Any(fix => fix.Latitude == 3)) await _lanes.NextAsync();
    }

    [Fact]
    public async Task Connection_without_all_its_subscriptions_is_none_and_is_made_again()
    {
        var refusals = 1;
        _broker.InterceptingSubscriptionAsync += subscription =>
        {
            if (subscription.TopicFilter.Topic != "/hfp/v2/#" || Interlocked.Decrement(ref refusals) < 0) return Task.CompletedTask;
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            return Task.CompletedTask;
        };
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _broker.ClientDisconnectedAsync += _ =>
        {
            left.TrySetResult();
            return Task.CompletedTask;
        };
        await _broker.StartAsync();
        await using var client = NewClient();
        client.Start();
        await left.Task.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.False(client.IsUp);
        Assert.Equal(0, _counts["fleettracker.ingestion.connections"]);

        await _counts.UntilAsync("fleettracker.ingestion.connections", 1);
        await PublishAsync("fleet/truck-1/position", """{"lat":1,"lon":2}""");
        await _lanes.NextAsync();
        Assert.True(client.IsUp);
    }

    [Fact]
    public async Task Full_window_drops_quality_0_and_holds_the_rest()
    {
        await using var client = await StartAsync();
        for (var i = 0; i < 6; i++) await PublishAsync("fleet/truck-1/position", $$"""{"lat":{{i}},"lon":2}""");
        await PublishAsync("fleet/truck-1/position", """{"lat":50,"lon":2}""", qos: MqttQualityOfServiceLevel.AtMostOnce);
        await _counts.UntilAsync("rejected/window_full", 1);
        Assert.Equal(4, _pipeline.Window.Count);

        _lanes.CommitAll();
        await _counts.UntilAsync("accepted/none", 6);
        Assert.Equal([0, 1, 2, 3, 4, 5], _lanes.Fixes.Select(fix => fix.Latitude!.Value));
    }

    private ClientConnection NewClient()
    {
        var options = new MqttClientOptionsSection { Host = "127.0.0.1", Port = _port, ClientId = "bridge", Group = "" };
        return new ClientConnection(0, options, 262_144, ClientAccess.FromBroker("acme", mayEnroll: false), _pipeline, _metrics, TimeProvider.System, NullLogger.Instance);
    }

    private async Task<ClientConnection> StartAsync(bool isStarted = false)
    {
        if (!isStarted) await _broker.StartAsync();
        var client = NewClient();
        var subscribed = Subscribed();
        client.Start();
        await subscribed.WaitAsync(TestTime.Limit, TestTime.Token);
        return client;
    }

    private Task Subscribed()
    {
        var subscribed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _broker.ClientSubscribedTopicAsync += topic =>
        {
            if (topic.TopicFilter.Topic == "/hfp/v2/#") subscribed.TrySetResult();
            return Task.CompletedTask;
        };
        return subscribed.Task;
    }

    private Task PublishAsync(string topic, string payload, bool retain = false, MqttQualityOfServiceLevel qos = MqttQualityOfServiceLevel.AtLeastOnce) =>
        _broker.InjectApplicationMessage(
            new InjectedMqttApplicationMessage(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithRetainFlag(retain)
                .WithQualityOfServiceLevel(qos).Build()) { SenderClientId = "test" },
            TestTime.Token);
}
