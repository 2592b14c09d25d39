using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FleetTracker.Simulation;

internal static class MqttPacketType
{
    public const byte ConnAck = 0x20;
    public const byte Publish = 0x30;
    public const byte PubAck = 0x40;
    public const byte SubAck = 0x90;
    public const byte PingResp = 0xD0;
}

/// <summary>The few MQTT 3.1.1 packets that a tracker needs, written by hand because a load generator must cost next to nothing.</summary>
internal static class MqttPackets
{
    public static readonly byte[] PingReq = [0xC0, 0x00];
    public static readonly byte[] Disconnect = [0xE0, 0x00];

    public static byte[] Connect(string clientId, MqttCredentials credentials, TimeSpan keepAlive)
    {
        const byte cleanSession = 0x02, hasPassword = 0x40, hasUserName = 0x80;
        var flags = (byte)(cleanSession | (credentials.UserName is null ? 0 : hasUserName) | (credentials.Password is null ? 0 : hasPassword));

        var body = new ArrayBufferWriter<byte>(64);
        WriteText(body, "MQTT");
        body.Write<byte>([4, flags]);
        WriteShort(body, (ushort)Math.Min(keepAlive.TotalSeconds, ushort.MaxValue));
        WriteText(body, clientId);
        if (credentials.UserName is { } userName) WriteText(body, userName);
        if (credentials.Password is { } password) WriteText(body, password);
        return Packet(0x10, body.WrittenSpan);
    }

    public static byte[] Subscribe(ushort packetId, string filter, byte qos)
    {
        var body = new ArrayBufferWriter<byte>(64);
        WriteShort(body, packetId);
        WriteText(body, filter);
        body.Write<byte>([qos]);
        return Packet(0x82, body.WrittenSpan);
    }

    public static byte[] PubAck(ushort packetId) => [MqttPacketType.PubAck, 2, (byte)(packetId >> 8), (byte)packetId];

    public static void WritePublish(IBufferWriter<byte> output, string topic, ReadOnlySpan<byte> payload, byte qos, ushort packetId, bool again)
    {
        var topicLength = Encoding.UTF8.GetByteCount(topic);
        var remaining = 2 + topicLength + (qos > 0 ? 2 : 0) + payload.Length;
        var span = output.GetSpan(5 + remaining);

        span[0] = (byte)(MqttPacketType.Publish | (again ? 0x08 : 0) | (qos << 1));
        var at = 1 + WriteLength(span[1..], remaining);
        BinaryPrimitives.WriteUInt16BigEndian(span[at..], (ushort)topicLength);
        at += 2 + Encoding.UTF8.GetBytes(topic, span[(at + 2)..]);
        if (qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span[at..], packetId);
            at += 2;
        }

        payload.CopyTo(span[at..]);
        output.Advance(at + payload.Length);
    }

    /// <summary>Where the packet that starts the buffer ends; false while it is not whole.</summary>
    public static bool TryFrame(ReadOnlySpan<byte> buffer, out int bodyStart, out int end)
    {
        bodyStart = 0;
        end = 0;
        var length = 0;
        for (var i = 1; i < buffer.Length && i <= 4; i++)
        {
            length |= (buffer[i] & 0x7F) << (7 * (i - 1));
            if ((buffer[i] & 0x80) != 0) continue;

            bodyStart = i + 1;
            end = bodyStart + length;
            return buffer.Length >= end;
        }

        return buffer.Length >= 5 ? throw new MqttProtocolException("a remaining length has more than four bytes") : false;
    }

    private static byte[] Packet(byte type, ReadOnlySpan<byte> body)
    {
        Span<byte> length = stackalloc byte[4];
        var lengthBytes = WriteLength(length, body.Length);
        return [type, .. length[..lengthBytes], .. body];
    }

    private static int WriteLength(Span<byte> span, int length)
    {
        var at = 0;
        do
        {
            span[at++] = (byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0));
            length >>= 7;
        }
        while (length > 0);

        return at;
    }

    private static void WriteText(ArrayBufferWriter<byte> output, string text)
    {
        WriteShort(output, (ushort)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, output);
    }

    private static void WriteShort(ArrayBufferWriter<byte> output, ushort value) => output.Write<byte>([(byte)(value >> 8), (byte)value]);
}

/// <summary>The other side does not speak MQTT 3.1.1.</summary>
public sealed class MqttProtocolException(string message) : Exception(message);

/// <summary>The server refused the connection for a reason that trying again does not change.</summary>
public sealed class MqttRefusedException(string clientId, byte code)
    : Exception($"The server refused client '{clientId}' with CONNACK {code}: {Meaning(code)}.")
{
    public byte Code { get; } = code;

    private static string Meaning(byte code) => code switch
    {
        1 => "unacceptable protocol version",
        2 => "client id rejected",
        4 => "bad user name or password",
        5 => "not authorized",
        _ => "no reason known to MQTT 3.1.1",
    };
}
