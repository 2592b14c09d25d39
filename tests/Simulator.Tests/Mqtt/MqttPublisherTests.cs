using System.Text;
using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Mqtt;

public sealed class MqttPublisherTests
{
    [Fact]
    public async Task A_real_server_decodes_what_was_published_in_its_order()
    {
        await using var broker = await TestBroker.StartAsync();
        await using var publisher = Open(broker.Port, new MqttCredentials("gateway:north", "pässword"), window: 7);
        var payloads = Enumerable.Range(0, 300).Select(i => $"{i}:{new string('x', i)}").ToList();

        foreach (var payload in payloads) await PublishAsync(publisher, payload);
        await publisher.DrainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(payloads, broker.Received.Select(message => message.Payload));
        Assert.All(broker.Received, message => Assert.Equal(("test", "gateway:north", "fleet/Väinö/position"), (message.Client, message.User, message.Topic)));
        Assert.Equal(("gateway:north", "pässword"), Assert.Single(broker.Connects));
        Assert.Equal((300, 0), (publisher.Acknowledged, publisher.Resent));
    }

    [Fact]
    public async Task What_a_lost_connection_left_unacknowledged_is_sent_again_in_its_order_and_nothing_else()
    {
        using var server = new ScriptedServer();
        await using var publisher = Open(server.Port, MqttCredentials.Anonymous, window: 3);
        foreach (var payload in (string[])["a", "b", "c"]) await PublishAsync(publisher, payload);

        using (var first = await server.AcceptAsync())
        {
            await first.NextPublishAsync();
            var second = await first.NextPublishAsync();
            await first.NextPublishAsync();
            await first.AcknowledgeAsync(second.PacketId);

            // The acknowledgement has arrived when the window has room again.
            await PublishAsync(publisher, "d");
        }

        using var again = await server.AcceptAsync();
        var resent = new[] { await again.NextPublishAsync(), await again.NextPublishAsync(), await again.NextPublishAsync() };
        foreach (var publish in resent) await again.AcknowledgeAsync(publish.PacketId);
        await publisher.DrainAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["a", "c", "d"], resent.Select(publish => publish.Payload));
        Assert.True(resent[0].Again && resent[1].Again);
        Assert.Equal(4, publisher.Acknowledged);
    }

    [Fact]
    public async Task A_full_window_holds_the_next_publish_back_until_an_acknowledgement()
    {
        using var server = new ScriptedServer();
        await using var publisher = Open(server.Port, MqttCredentials.Anonymous, window: 1);
        await PublishAsync(publisher, "a");

        var next = PublishAsync(publisher, "b").AsTask();
        using var connection = await server.AcceptAsync();
        var publish = await connection.NextPublishAsync();
        Assert.False(next.IsCompleted);
        await connection.AcknowledgeAsync(publish.PacketId);

        await next;
        Assert.Equal("b", (await connection.NextPublishAsync()).Payload);
    }

    [Fact]
    public async Task Wrong_credentials_end_the_waiting_with_the_server_s_reason()
    {
        await using var broker = await TestBroker.StartAsync(accepts: _ => false);
        await using var publisher = Open(broker.Port, new MqttCredentials("gateway:north", "wrong"), window: 3);
        await PublishAsync(publisher, "a");

        var refusal = await Assert.ThrowsAsync<MqttRefusedException>(() => publisher.DrainAsync(TestContext.Current.CancellationToken));

        Assert.Equal(4, refusal.Code);
    }

    [Fact]
    public async Task A_server_that_is_unavailable_for_now_is_asked_again()
    {
        using var server = new ScriptedServer();
        await using var publisher = Open(server.Port, MqttCredentials.Anonymous, window: 3);
        await PublishAsync(publisher, "a");

        using (await server.AcceptAsync(code: 3))
        {
        }

        using var connection = await server.AcceptAsync();
        var publish = await connection.NextPublishAsync();
        Assert.Equal((false, "a"), (publish.Again, publish.Payload));
    }

    private static MqttPublisher Open(int port, MqttCredentials credentials, int window) =>
        new("test", new MqttTarget { Port = port }, credentials, window, TimeProvider.System);

    private static ValueTask PublishAsync(MqttPublisher publisher, string payload) => publisher.PublishAsync(
        "fleet/Väinö/position", Encoding.UTF8.GetBytes(payload), onAcknowledged: null, TestContext.Current.CancellationToken);
}
