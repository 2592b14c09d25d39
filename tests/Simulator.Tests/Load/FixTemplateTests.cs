using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Load;

public sealed class FixTemplateTests
{
    private readonly FixTemplate _template = new("load-", qos: 1);

    [Theory]
    [InlineData(0, "2026-03-01T12:00:00.000000Z")]
    [InlineData(7, "2026-12-31T23:59:59.999999Z")]
    [InlineData(9_999_999, "2027-01-01T00:00:00.000001Z")]
    public void A_patched_packet_says_what_it_was_given(int vehicle, string time)
    {
        var (topic, id, fix) = Decode(Write(vehicle, Micros(time), 0xABCD));

        Assert.Equal($"fleet/load-{vehicle:D7}/position", topic);
        Assert.Equal(0xABCD, id);
        Assert.Equal(time, fix.GetProperty("time").GetString());
        Assert.InRange(fix.GetProperty("lat").GetDouble(), 29.8, 30.8);
        Assert.InRange(fix.GetProperty("lon").GetDouble(), -98.2, -97.2);
        Assert.Contains(fix.GetProperty("heading").GetDouble(), (double[])[0, 180]);
    }

    [Fact]
    public void The_same_fix_again_has_the_same_bytes_but_for_the_repetition_flag()
    {
        var first = Write(3, Micros("2026-03-01T12:00:00Z"), 1);
        Write(4, Micros("2026-03-01T12:00:01Z"), 2);

        var again = Write(3, Micros("2026-03-01T12:00:00Z"), 1, again: true);

        Assert.Equal(first[0] | 0x08, again[0]);
        Assert.Equal(first[1..], again[1..]);
    }

    [Fact]
    public void A_vehicle_moves_at_the_speed_that_it_reports()
    {
        var start = Micros("2026-03-01T12:00:00Z");
        for (var second = 0; second < 3_000; second++)
        {
            var before = Decode(Write(5, start + (second * 1_000_000L), 1)).Fix.GetProperty("lat").GetDouble();
            var after = Decode(Write(5, start + ((second + 1) * 1_000_000L), 1)).Fix.GetProperty("lat").GetDouble();
            Assert.InRange(Math.Abs(after - before) * 111_195, 0, 12.1);
        }
    }

    private static long Micros(string time) =>
        (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private byte[] Write(int vehicle, long fixedAt, ushort id, bool again = false)
    {
        var packet = new byte[_template.Length];
        _template.Write(packet, vehicle, fixedAt, id, again);
        return packet;
    }

    private static (string Topic, int Id, JsonElement Fix) Decode(byte[] packet)
    {
        Assert.True(MqttPackets.TryFrame(packet, out var at, out var end));
        Assert.Equal(packet.Length, end);
        var topicLength = (packet[at] << 8) | packet[at + 1];
        var topic = Encoding.UTF8.GetString(packet, at + 2, topicLength);
        at += 2 + topicLength;
        return (topic, (packet[at] << 8) | packet[at + 1], JsonDocument.Parse(packet.AsMemory(at + 2)).RootElement);
    }
}
