using FleetTracker.Devices;
using Microsoft.Extensions.Logging;

namespace FleetTracker.Mqtt;

/// <summary>The table "Bad input" of docs/wire-formats.md, row by row: what the client gets, what is counted, what quarantine holds.</summary>
public sealed class BadInputTests
{
    private const string Topic = "fleet/truck-1/position";

    public static TheoryData<string, string> Payloads()
    {
        var now = TimeProvider.System.GetUtcNow();
        var beyondRetention = now.AddYears(-2).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        return new TheoryData<string, string>
        {
            { "hello", "not_json" },
            { """{"lat":"52.1","lon":13.4}""", "not_a_number" },
            { """{"lat":NaN,"lon":13.4}""", "not_json" },
            { """{"lat":"NaN","lon":13.4}""", "not_a_number" },
            { """{"lat":1e999,"lon":13.4}""", "latitude_out_of_range" },
            { """{"lat":91,"lon":13.4}""", "latitude_out_of_range" },
            { """{"lat":52,"lon":180.1}""", "longitude_out_of_range" },
            { """{"time":0,"lat":52,"lon":13}""", "time_before_2000" },
            { """{"time":"1970-01-01T00:00:00Z","lat":52,"lon":13}""", "time_before_2000" },
            { """{"time":"2100-01-01T00:00:00Z","lat":52,"lon":13}""", "time_ahead" },
            { $$"""{"time":"{{beyondRetention}}","lat":52,"lon":13}""", "time_beyond_retention" },
            { "", "empty" },
            { "[]", "empty_array" },
        };
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task Wrong_payload_is_acknowledged_counted_and_kept(string payload, string reason)
    {
        foreach (byte version in (byte[])[4, 5])
        {
            await using var broker = await BrokerFixture.StartAsync();
            broker.Lanes.CommitsAtOnce = false;
            await using var raw = await broker.OpenAsync("truck-1", version);
            await raw.SendAsync(raw.Publish(Topic, payload, 5));
            var batch = await broker.Lanes.NextAsync();
            broker.Lanes.Report(batch);

            Assert.Equal([0x40, 2, 0, 5], await raw.ReadAsync());
            Assert.Empty(batch.Fixes);
            var kept = Assert.Single(batch.Quarantine);
            Assert.Equal(("acme", "truck-1", Topic, reason), (kept.Tenant, kept.DeviceId, kept.Topic, kept.Reason));
            Assert.Equal(payload, System.Text.Encoding.UTF8.GetString(kept.Payload.AsSpan()));
            Assert.NotNull(kept.Detail);
            Assert.Equal(new Dictionary<string, long> { [$"rejected/{reason}"] = 1 }, broker.Counts.Fixes);
        }
    }

    [Fact]
    public async Task Array_with_one_bad_element_keeps_the_others()
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1");

        await raw.SendAsync(raw.Publish(Topic, """[{"lat":1,"lon":2}, {"lat":91,"lon":2}, {"lat":3,"lon":4}]""", 5));

        Assert.Equal([0x40, 2, 0, 5], await raw.ReadAsync());
        Assert.Equal([1, 3], broker.Lanes.Fixes.Select(fix => fix.Latitude!.Value).Order());
        Assert.Equal("""{"lat":91,"lon":2}""", System.Text.Encoding.UTF8.GetString(Assert.Single(broker.Lanes.Quarantine).Payload.AsSpan()));
        Assert.Equal(new Dictionary<string, long> { ["accepted/none"] = 2, ["rejected/latitude_out_of_range"] = 1 }, broker.Counts.Fixes);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Ten_megabytes_end_the_connection_without_being_buffered(byte version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", version);

        // Only the header of a packet of 10 MB: the answer comes before its bytes do.
        await raw.SendAsync([0x32, 0x80, 0xAD, 0xE2, 0x04, 0, 0]);

        if (version == 5) Assert.Equal([0xE0, 1, 0x95], await raw.ReadAsync());
        Assert.Empty(await raw.ReadAsync());
        Assert.Equal(1, broker.Counts["fleettracker.ingestion.connections.closed/packet_too_large"]);
        Assert.Empty(broker.Lanes.All);
    }

    [Theory]
    [InlineData(4, "fleet/truck-2/position")]
    [InlineData(5, "fleet/truck-2/position")]
    [InlineData(4, "fleet/truck-2/status")]
    [InlineData(5, "owntracks/truck-2/phone")]
    [InlineData(5, "somewhere/else")]
    [InlineData(5, "fleet/truck/1/position")]
    public async Task Topic_of_another_device_is_refused_and_kept_for_the_callers_tenant(byte version, string topic)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", version);

        await raw.SendAsync(raw.Publish(topic, """{"lat":1,"lon":2}""", 5));

        Assert.Equal(version == 5 ? [0x40, 3, 0, 5, 0x87] : [0x40, 2, 0, 5], await raw.ReadAsync());
        Assert.Empty(broker.Lanes.Fixes);
        Assert.Equal(("acme", topic, "foreign_topic"), (broker.Lanes.Quarantine[0].Tenant, broker.Lanes.Quarantine[0].Topic, broker.Lanes.Quarantine[0].Reason));
        Assert.Equal(new Dictionary<string, long> { ["rejected/foreign_topic"] = 1 }, broker.Counts.Fixes);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Topic_that_is_too_long_is_refused_and_kept_cut(byte version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", version);
        var topic = $"fleet/{new string('x', 60_000)}/position";

        await raw.SendAsync(raw.Publish(topic, """{"lat":1,"lon":2}""", 5));

        Assert.Equal(version == 5 ? [0x40, 3, 0, 5, 0x90] : [0x40, 2, 0, 5], await raw.ReadAsync());
        Assert.Equal(topic[..256], Assert.Single(broker.Lanes.Quarantine).Topic);
        Assert.Equal(new Dictionary<string, long> { ["rejected/topic_too_long"] = 1 }, broker.Counts.Fixes);
    }

    [Fact]
    public async Task Unknown_device_of_a_gateway_that_may_not_enroll_is_kept()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Credentials["gateway:depot"] = new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme" };
        await using var raw = await broker.OpenAsync("gateway:depot");

        await raw.SendAsync(raw.Publish("fleet/nobody/position", """{"lat":1,"lon":2}""", 5));

        Assert.Equal([0x40, 2, 0, 5], await raw.ReadAsync());
        Assert.Equal("unknown_device", Assert.Single(broker.Lanes.Quarantine).Reason);
        Assert.Equal(new Dictionary<string, long> { ["unknown_device/unknown_device"] = 1 }, broker.Counts.Fixes);
    }

    [Fact]
    public async Task Device_of_another_tenant_is_refused_and_kept_for_the_callers_tenant()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Credentials["gateway:depot"] = new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme", MayEnroll = true };
        await using var raw = await broker.OpenAsync("gateway:depot");

        await raw.SendAsync(raw.Publish("fleet/other/position", """{"lat":1,"lon":2}""", 5));

        Assert.Equal([0x40, 3, 0, 5, 0x87], await raw.ReadAsync());
        Assert.Equal(("acme", "foreign_tenant"), (broker.Lanes.Quarantine[0].Tenant, broker.Lanes.Quarantine[0].Reason));
        Assert.Equal(new Dictionary<string, long> { ["rejected/foreign_tenant"] = 1 }, broker.Counts.Fixes);
    }

    [Theory]
    [InlineData("truck-1", "wrong", "wrong_key")]
    [InlineData("truck/1", "secret", "illegal_device_id")]
    [InlineData("truck+", "secret", "illegal_device_id")]
    [InlineData("#", "secret", "illegal_device_id")]
    [InlineData("", "secret", "no_user_name")]
    public async Task Wrong_key_or_illegal_device_id_is_refused_at_connect(string userName, string password, string reason)
    {
        foreach (byte version in (byte[])[4, 5])
        {
            await using var broker = await BrokerFixture.StartAsync();
            await using var raw = await broker.OpenAsync(userName, version, password);

            Assert.Equal((0x20, version == 5 ? 0x86 : 4), (raw.ConnAck[0], raw.ConnAck[3]));
            Assert.Empty(await raw.ReadAsync());
            Assert.Equal(1, broker.Counts[$"fleettracker.ingestion.connections.refused/{reason}"]);
        }
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(5, 0x88)]
    public async Task Registry_that_cannot_be_asked_is_not_a_refusal(byte version, byte code)
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Failure = new TimeoutException("The registry is away.");
        await using var raw = await broker.OpenAsync("truck-1", version);

        Assert.Equal(code, raw.ConnAck[3]);
    }

    [Theory]
    [InlineData(0x36, "fleet/truck-1/position", 0x81)]
    [InlineData(0x32, "fleet/+/position", 0x90)]
    [InlineData(0x32, "fleet/#", 0x90)]
    public async Task Packet_that_breaks_the_protocol_ends_the_connection(byte header, string topic, byte reason)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1");

        var packet = raw.Publish(topic, "{}", 5);
        packet[0] = header;
        await raw.SendAsync(packet);

        Assert.Equal([0xE0, 1, reason], await raw.ReadAsync());
        Assert.Empty(await raw.ReadAsync());
    }

    public static TheoryData<byte[], string, byte> BrokenPackets() => new()
    {
        { [0x82, 1, 0], "malformed_packet", 0x81 },
        { [0x82, 5, 0, 5, 0, 50, 9], "malformed_packet", 0x81 },
        { [0xD0, 0], "protocol_error", 0x82 },
        { [0xF0, 0], "protocol_error", 0x82 },
        { [0x00, 0], "protocol_error", 0x82 },
    };

    [Theory]
    [MemberData(nameof(BrokenPackets))]
    public async Task Packet_that_is_no_publish_breaks_the_connection_in_the_same_way(byte[] packet, string reason, byte code)
    {
        foreach (byte version in (byte[])[4, 5])
        {
            await using var broker = await BrokerFixture.StartAsync();
            await using var raw = await broker.OpenAsync("truck-1", version);

            await raw.SendAsync(packet);

            if (version == 5) Assert.Equal([0xE0, 1, code], await raw.ReadAsync());
            Assert.Empty(await raw.ReadAsync());
            Assert.Equal(1, broker.Counts[$"fleettracker.ingestion.connections.closed/{reason}"]);
            Assert.DoesNotContain(broker.Logged, entry => entry.Level > LogLevel.Warning || entry.Problem is not null);
        }
    }

    [Fact]
    public async Task Connect_is_bounded_before_anybody_is_known()
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var raw = await broker.OpenAsync("truck-1", password: new string('x', 20_000));

        Assert.Empty(raw.ConnAck);
        Assert.Equal(1, broker.Counts["fleettracker.ingestion.connections.closed/packet_too_large"]);
    }

    [Fact]
    public async Task Gateway_publishes_under_its_filters_only_and_enrolls_in_its_group()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Credentials["gateway:depot"] = new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme", MayEnroll = true, Group = "north", TopicFilters = ["fleet/north-1/#"] };
        await using var raw = await broker.OpenAsync("gateway:depot");

        await raw.SendAsync(raw.Publish("fleet/north-1/position", """{"lat":1,"lon":2}""", 1));
        Assert.Equal([0x40, 2, 0, 1], await raw.ReadAsync());
        await raw.SendAsync(raw.Publish("fleet/truck-1/position", """{"lat":1,"lon":2}""", 2));
        Assert.Equal([0x40, 3, 0, 2, 0x87], await raw.ReadAsync());

        Assert.Equal(("north-1", new Enrollment("acme", "north", "gateway:depot")), Assert.Single(broker.Directory.Enrolled));
        Assert.Equal("north-1", Assert.Single(broker.Lanes.Fixes).DeviceId);
    }
}
