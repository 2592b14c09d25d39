using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>Reads every fix from a broker at QoS 1, acknowledges and forgets it, at the least cost; prints how many there were.</summary>
internal static class NullSubscriber
{
    private static readonly Option<int> Port = new("--mqtt-port") { DefaultValueFactory = _ => 1883 };

    public static Command Create()
    {
        var command = new Command("null-subscriber", "Subscribes to every fix and forgets it, as the baseline of the chain benchmark.") { Port };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(Port), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await socket.SendAsync(MqttPackets.Connect("null-subscriber", MqttCredentials.Anonymous, TimeSpan.Zero), cancellationToken);
        await socket.SendAsync(MqttPackets.Subscribe(1, "fleet/+/position", 1), cancellationToken);

        var count = 0L;
        await using var printing = new Timer(
            _ => Console.WriteLine(Interlocked.Read(ref count).ToString(CultureInfo.InvariantCulture)), null, Timeout.Infinite, Timeout.Infinite);
        var reader = new MqttFrameReader(socket);
        var acknowledgements = new List<byte>(4096);
        while (!cancellationToken.IsCancellationRequested)
        {
            var (type, body) = await reader.ReadAsync(cancellationToken);
            if ((type & 0xF0) == MqttPacketType.SubAck)
            {
                Console.WriteLine("ready");
                printing.Change(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50));
            }

            if ((type & 0xF0) != MqttPacketType.Publish) continue;
            Interlocked.Increment(ref count);
            if ((type & 0x06) != 0) Acknowledge(body.Span, acknowledgements);
            if (reader.HasWholePacket || acknowledgements.Count == 0) continue;

            await socket.SendAsync(acknowledgements.ToArray(), cancellationToken);
            acknowledgements.Clear();
        }

        return 0;
    }

    private static void Acknowledge(ReadOnlySpan<byte> publish, List<byte> acknowledgements)
    {
        var topicLength = BinaryPrimitives.ReadUInt16BigEndian(publish);
        acknowledgements.AddRange(MqttPackets.PubAck(BinaryPrimitives.ReadUInt16BigEndian(publish[(2 + topicLength)..])));
    }
}
