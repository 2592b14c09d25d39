using System.Collections.Concurrent;
using System.Globalization;
using FleetTracker.Ingestion;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace FleetTracker.Mqtt;

/// <summary>When a tracker gets its acknowledgement.</summary>
public sealed class AcknowledgementTests
{
    private const string Topic = "fleet/truck-1/position";
    private const string Payload = """{"lat":60.17,"lon":24.94,"speed":12.5}""";

    [Theory]
    [InlineData(MqttProtocolVersion.V311, MqttQualityOfServiceLevel.AtLeastOnce)]
    [InlineData(MqttProtocolVersion.V311, MqttQualityOfServiceLevel.ExactlyOnce)]
    [InlineData(MqttProtocolVersion.V500, MqttQualityOfServiceLevel.AtLeastOnce)]
    [InlineData(MqttProtocolVersion.V500, MqttQualityOfServiceLevel.ExactlyOnce)]
    public async Task Publish_is_acknowledged_after_its_commit_and_not_before(MqttProtocolVersion version, MqttQualityOfServiceLevel qos)
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Lanes.CommitsAtOnce = false;
        using var client = await broker.ConnectAsync("truck-1", version);

        var publish = client.PublishStringAsync(Topic, Payload, qos, cancellationToken: TestTime.Token);
        var batch = await broker.Lanes.NextAsync();
        await client.PingAsync(TestTime.Token);
        Assert.False(publish.IsCompleted);

        broker.Lanes.Report(batch);
        var result = await publish.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.Equal(MqttClientPublishReasonCode.Success, result.ReasonCode);
        var fix = Assert.Single(batch.Fixes);
        Assert.Equal(("acme", "v-truck-1", "truck-1", 60.17, 24.94, 12.5), (fix.Tenant, fix.VehicleId, fix.DeviceId, fix.Latitude, fix.Longitude, fix.SpeedMetersPerSecond));
        Assert.Equal(1, broker.Counts["accepted/none"]);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Quality_0_is_stored_without_an_answer(byte version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", version);

        await raw.SendAsync(raw.Publish(Topic, Payload, qos: 0));
        await broker.Lanes.NextAsync();
        await raw.PingAsync();
        Assert.Equal([0xD0, 0], await raw.ReadAsync());
    }

    [Fact]
    public async Task Two_hundred_in_flight_are_all_acknowledged_and_each_once()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Lanes.CommitsAtOnce = false;
        await using var raw = await broker.OpenAsync("truck-1", 4);

        var start = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 1000;
        for (ushort id = 1; id <= 200; id++)
            await raw.SendAsync(raw.Publish(Topic, string.Create(CultureInfo.InvariantCulture, $$"""{"time":{{start + id}},"lat":60,"lon":24}"""), id));
        var seen = 0;
        var answered = new HashSet<ushort>();
        var reading = Task.Run(async () =>
        {
            while (answered.Count < 200) Assert.True(answered.Add(await raw.ReadIdAsync(0x40)));
        }, TestTime.Token);
        while (seen < 200)
        {
            var batch = await broker.Lanes.NextAsync();
            seen += batch.Fixes.Length;
            broker.Lanes.Report(batch);
        }

        await reading.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.Equal(Enumerable.Range(1, 200).Select(id => (ushort)id), answered.Order());
        Assert.Equal(200, broker.Lanes.Fixes.Count);
    }

    [Fact]
    public async Task Acknowledgements_need_not_come_in_order_of_sending()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Lanes.CommitsAtOnce = false;
        broker.Directory.Credentials["gateway:depot"] = new() { Kind = Devices.MqttAccessKind.Gateway, Tenant = "acme" };
        await using var raw = await broker.OpenAsync("gateway:depot");

        await raw.SendAsync(raw.Publish("fleet/truck-1/position", Payload, 1));
        var first = await broker.Lanes.NextAsync();
        await raw.SendAsync(raw.Publish("fleet/truck-2/position", Payload, 2));
        var second = await broker.Lanes.NextAsync();
        Assert.NotEqual(first.Lane, second.Lane);
        broker.Lanes.Report(second);
        Assert.Equal(2, await raw.ReadIdAsync(0x40));
        broker.Lanes.Report(first);
        Assert.Equal(1, await raw.ReadIdAsync(0x40));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Quality_2_runs_its_whole_exchange(byte version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Lanes.CommitsAtOnce = false;
        await using var raw = await broker.OpenAsync("truck-1", version);

        await raw.SendAsync(raw.Publish(Topic, Payload, packetId: 77, qos: 2));
        broker.Lanes.Report(await broker.Lanes.NextAsync());
        Assert.Equal(77, await raw.ReadIdAsync(0x50));
        await raw.SendAsync([0x62, 2, 0, 77]);
        Assert.Equal(77, await raw.ReadIdAsync(0x70));
    }

    [Fact]
    public async Task Pings_and_subscriptions_are_answered_while_acknowledgements_are_held()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Lanes.CommitsAtOnce = false;
        await using var raw = await broker.OpenAsync("truck-1", 4);

        await raw.SendAsync(raw.Publish(Topic, Payload, 9));
        var batch = await broker.Lanes.NextAsync();
        await raw.PingAsync();
        Assert.Equal([0xD0, 0], await raw.ReadAsync());
        await raw.SendAsync(Subscribe("fleet/truck-1/command", 4));
        Assert.Equal([0x90, 3, 0, 5, 1], await raw.ReadAsync());
        broker.Lanes.Report(batch);
        Assert.Equal(9, await raw.ReadIdAsync(0x40));
    }

    [Theory]
    [InlineData("fleet/truck-1/command", 1)]
    [InlineData("fleet/truck-2/command", 0x80)]
    [InlineData("fleet/+/command", 0x80)]
    [InlineData("#", 0x80)]
    [InlineData("fleet/truck-1/position", 0x80)]
    [InlineData("owntracks/truck-1/phone/cmd", 1)]
    [InlineData("owntracks/truck-1/+/cmd", 1)]
    [InlineData("owntracks/truck-2/phone/cmd", 0x80)]
    public async Task Device_may_subscribe_to_its_own_commands_only(string filter, byte expected)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", 4);

        await raw.SendAsync(Subscribe(filter, 4));
        Assert.Equal([0x90, 3, 0, 5, expected], await raw.ReadAsync());
    }

    [Fact]
    public async Task Command_reaches_its_subscriber()
    {
        await using var broker = await BrokerFixture.StartAsync();
        using var client = await broker.ConnectAsync("truck-1");
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ApplicationMessageReceivedAsync += message =>
        {
            received.TrySetResult(message.ApplicationMessage.ConvertPayloadToString());
            return Task.CompletedTask;
        };
        await client.SubscribeAsync("fleet/truck-1/command", MqttQualityOfServiceLevel.AtLeastOnce, TestTime.Token);

        var command = new MqttApplicationMessageBuilder().WithTopic("fleet/truck-1/command").WithPayload("stop").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        await broker.Server.Server.InjectApplicationMessage(new(command) { SenderClientId = "downlink" }, TestTime.Token);

        Assert.Equal("stop", await received.Task.WaitAsync(TestTime.Limit, TestTime.Token));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Second_connection_of_a_client_takes_over_and_what_was_held_is_forgotten(byte version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Lanes.CommitsAtOnce = false;
        await using var first = await broker.OpenAsync("truck-1", version);
        await first.SendAsync(first.Publish(Topic, Payload, 3));
        var held = await broker.Lanes.NextAsync();

        await using var second = await broker.OpenAsync("truck-1", version);
        if (version == 5) Assert.Equal(0x8E, (await first.ReadAsync())[2]);
        Assert.Empty(await first.ReadAsync());

        broker.Lanes.Report(held);
        await second.SendAsync(second.Publish(Topic, Payload, 3, dup: true));
        var again = await broker.Lanes.NextAsync();
        await second.PingAsync();
        Assert.Equal([0xD0, 0], await second.ReadAsync());
        broker.Lanes.Report(again);
        Assert.Equal(3, await second.ReadIdAsync(0x40));
        Assert.Equal(held.Fixes[0].Digest, again.Fixes[0].Digest);
    }

    [Fact]
    public async Task Same_client_id_of_another_user_is_another_session()
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var mine = await broker.OpenAsync("truck-1", 4);
        await using var theirs = await broker.OpenAsync("other", 4);

        await mine.PingAsync();
        Assert.Equal([0xD0, 0], await mine.ReadAsync());
    }

    [Fact]
    public async Task Window_stops_reading_until_fixes_are_committed()
    {
        await using var broker = await BrokerFixture.StartAsync(mqtt => mqtt.MaxUnacknowledgedPerConnection = 4);
        broker.Lanes.CommitsAtOnce = false;
        await using var raw = await broker.OpenAsync("truck-1", 4);

        var seen = new ConcurrentBag<Fix>();
        for (ushort id = 1; id <= 10; id++) await raw.SendAsync(raw.Publish(Topic, Payload, id));
        while (broker.Pipeline.Window.Count < 4) seen.Add((await broker.Lanes.NextAsync()).Fixes[0]);
        await raw.PingAsync();
        Assert.Equal(4, broker.Pipeline.Window.Count);

        broker.Lanes.CommitAll();
        var answers = new List<byte>();
        for (var i = 0; i < 11; i++) answers.Add((await raw.ReadAsync())[0]);
        Assert.Equal(10, answers.Count(type => type == 0x40));
        Assert.Equal(10, broker.Lanes.Fixes.Count);
    }

    [Fact]
    public async Task Quality_0_is_dropped_and_counted_while_the_window_is_full()
    {
        await using var broker = await BrokerFixture.StartAsync(mqtt => mqtt.MaxUnacknowledgedPerConnection = 1);
        broker.Lanes.CommitsAtOnce = false;
        await using var raw = await broker.OpenAsync("truck-1", 4);

        await raw.SendAsync(raw.Publish(Topic, Payload, 1));
        var batch = await broker.Lanes.NextAsync();
        await raw.SendAsync(raw.Publish(Topic, Payload, qos: 0));
        await raw.PingAsync();
        Assert.Equal([0xD0, 0], await raw.ReadAsync());
        Assert.Equal(1, broker.Counts["rejected/window_full"]);
        broker.Lanes.Report(batch);
        Assert.Equal(1, await raw.ReadIdAsync(0x40));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Connection_that_only_publishes_outlives_its_keep_alive(byte version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", version, keepAlive: 1);
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(200));

        for (ushort id = 1; id <= 15; id++)
        {
            await clock.WaitForNextTickAsync(TestTime.Token);
            await raw.SendAsync(raw.Publish(Topic, Payload, id));
            Assert.Equal(id, await raw.ReadIdAsync(0x40));
        }
    }

    [Fact]
    public async Task Connection_outlives_its_keep_alive_while_we_do_not_read()
    {
        await using var broker = await BrokerFixture.StartAsync(mqtt => mqtt.MaxUnacknowledgedPerConnection = 1);
        broker.Lanes.CommitsAtOnce = false;
        await using var raw = await broker.OpenAsync("truck-1", 4, keepAlive: 1);
        await raw.SendAsync([.. raw.Publish(Topic, Payload, 1), .. raw.Publish(Topic, Payload, 2)]);
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(3));
        await clock.WaitForNextTickAsync(TestTime.Token);

        broker.Lanes.CommitAll();
        Assert.Equal(1, await raw.ReadIdAsync(0x40));
        Assert.Equal(2, await raw.ReadIdAsync(0x40));
    }

    [Fact]
    public async Task Silent_connection_ends_with_its_keep_alive_and_its_will_is_heard()
    {
        await using var broker = await BrokerFixture.StartAsync();
        using var client = await broker.ConnectAsync("truck-1", configure: options => options
            .WithWillTopic("fleet/truck-1/status").WithWillPayload("""{"online":false}"""u8.ToArray()));

        // A connection that breaks, as opposed to one that says goodbye.
        client.Dispose();
        await broker.Directory.Calls.WaitAsync(TestTime.Limit, TestTime.Token);
        while (broker.Directory.Statuses.IsEmpty) await broker.Directory.Calls.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.True(broker.Directory.Statuses.TryDequeue(out var status));
        Assert.Equal(("acme", "truck-1", false), (status.Tenant, status.DeviceId, status.Online));
    }

    [Fact]
    public async Task Topic_alias_stands_for_its_topic_on_its_connection()
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1");

        await raw.SendAsync(raw.Publish(Topic, Payload, 1, alias: 7));
        Assert.Equal(1, await raw.ReadIdAsync(0x40));
        await raw.SendAsync(raw.Publish("", Payload, 2, alias: 7));
        Assert.Equal(2, await raw.ReadIdAsync(0x40));
        Assert.Equal(["truck-1", "truck-1"], broker.Lanes.Fixes.Select(fix => fix.DeviceId));
    }

    [Theory]
    [InlineData("", 8, 0x82)]
    [InlineData("", 0, 0x94)]
    [InlineData("fleet/truck-1/position", 33, 0x94)]
    public async Task Wrong_topic_alias_ends_the_connection(string topic, ushort alias, byte reason)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1");

        await raw.SendAsync(raw.Publish(topic, Payload, 1, alias: alias));
        Assert.Equal([0xE0, 1, reason], await raw.ReadAsync());
        Assert.Empty(await raw.ReadAsync());
    }

    [Fact]
    public async Task Version_5_is_told_the_limits()
    {
        await using var broker = await BrokerFixture.StartAsync();
        using var client = new MqttClientFactory().CreateMqttClient();
        var connected = await client.ConnectAsync(
            new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", broker.Port).WithProtocolVersion(MqttProtocolVersion.V500).WithCredentials("truck-1", "secret").WithClientId("").Build(), TestTime.Token);

        Assert.Equal<(ushort?, uint?, ushort)>((1024, 262_144u, 32), (connected.ReceiveMaximum, connected.MaximumPacketSize, connected.TopicAliasMaximum));
        Assert.NotEmpty(connected.AssignedClientIdentifier);
    }

    [Fact]
    public async Task Retain_flag_of_a_live_publish_does_not_matter()
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", 4);

        await raw.SendAsync(raw.Publish(Topic, Payload, 1, retain: true));
        Assert.Equal(1, await raw.ReadIdAsync(0x40));
        Assert.Single(broker.Lanes.Fixes);
    }

    private static byte[] Subscribe(string filter, byte version)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(filter);
        List<byte> body = [0, 5];
        if (version == 5) body.Add(0);
        body.AddRange([(byte)(text.Length >> 8), (byte)text.Length]);
        body.AddRange(text);
        body.Add(1);
        return RawMqtt.Packet(0x82, body);
    }
}
