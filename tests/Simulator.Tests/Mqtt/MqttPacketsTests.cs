using System.Buffers;
using CsCheck;
using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Mqtt;

public sealed class MqttPacketsTests
{
    [Fact]
    public void A_publish_of_any_size_is_framed_whole_and_no_prefix_of_it_is() =>
        Gen.Select(Gen.Byte.Array[0, 40_000], Gen.Int[0, 100]).Sample((payload, cut) =>
        {
            var buffer = new ArrayBufferWriter<byte>();
            MqttPackets.WritePublish(buffer, "fleet/a/position", payload, 1, 513, again: false);
            var packet = buffer.WrittenSpan;

            var shorter = packet[..(packet.Length * cut / 101)];
            return MqttPackets.TryFrame(packet, out var bodyStart, out var end)
                && end == packet.Length
                && packet[(bodyStart + 20)..].SequenceEqual(payload)
                && !MqttPackets.TryFrame(shorter, out _, out _);
        }, iter: 200);

    [Fact]
    public void A_length_of_five_bytes_is_refused() =>
        Assert.Throws<MqttProtocolException>(() => MqttPackets.TryFrame([0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], out _, out _));
}
