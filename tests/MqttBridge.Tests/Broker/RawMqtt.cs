using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using FleetTracker.Ingestion;

namespace FleetTracker.Mqtt;

/// <summary>MQTT by hand over a socket, for what a well-behaved client would not send or not show.</summary>
internal sealed class RawMqtt(TcpClient tcp, byte version) : IAsyncDisposable
{
    private readonly NetworkStream _stream = tcp.GetStream();

    public byte[] ConnAck { get; private set; } = [];

    public static async Task<RawMqtt> ConnectAsync(int port, string userName, string password, byte version, ushort keepAlive, string clientId = "raw")
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync("127.0.0.1", port, TestTime.Token);
        var raw = new RawMqtt(tcp, version);
        await raw.SendAsync(Connect(userName, password, version, keepAlive, clientId));
        raw.ConnAck = await raw.ReadAsync();
        return raw;
    }

    public static byte[] Connect(string userName, string password, byte version, ushort keepAlive, string clientId)
    {
        var body = new List<byte>();
        AddText(body, "MQTT");
        body.AddRange([version, 0xC2, (byte)(keepAlive >> 8), (byte)keepAlive]);
        if (version == 5) body.Add(0);
        AddText(body, clientId);
        AddText(body, userName);
        AddText(body, password);
        return Packet(0x10, body);
    }

    public byte[] Publish(string topic, string payload, ushort packetId = 1, int qos = 1, bool dup = false, bool retain = false, ushort? alias = null)
    {
        var body = new List<byte>();
        AddText(body, topic);
        if (qos > 0) body.AddRange([(byte)(packetId >> 8), (byte)packetId]);
        if (version == 5)
        {
            if (alias is { } number) body.AddRange([3, 0x23, (byte)(number >> 8), (byte)number]);
            else body.Add(0);
        }

        body.AddRange(Encoding.UTF8.GetBytes(payload));
        return Packet((byte)(0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)), body);
    }

    public static byte[] Packet(byte type, IReadOnlyCollection<byte> body)
    {
        var packet = new List<byte> { type };
        var length = body.Count;
        do
        {
            var digit = (byte)(length & 0x7F);
            length >>= 7;
            packet.Add((byte)(length > 0 ? digit | 0x80 : digit));
        }
        while (length > 0);
        packet.AddRange(body);
        return [.. packet];
    }

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes, TestTime.Token);

    public Task PingAsync() => SendAsync([0xC0, 0]);

    /// <summary>The next packet, whole; empty when the connection is closed.</summary>
    public async Task<byte[]> ReadAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestTime.Token);
        limit.CancelAfter(TestTime.Limit);
        var first = new byte[1];
        try
        {
            if (await _stream.ReadAsync(first, limit.Token) == 0) return [];
            var packet = new List<byte> { first[0] };
            int length = 0, shift = 0;
            var digit = new byte[1];
            do
            {
                await _stream.ReadExactlyAsync(digit, limit.Token);
                packet.Add(digit[0]);
                length |= (digit[0] & 0x7F) << shift;
                shift += 7;
            }
            while ((digit[0] & 0x80) != 0);
            var body = new byte[length];
            await _stream.ReadExactlyAsync(body, limit.Token);
            packet.AddRange(body);
            return [.. packet];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Reads a PUBACK (or PUBREC, PUBCOMP) and gives its packet id.</summary>
    public async Task<ushort> ReadIdAsync(byte type)
    {
        var packet = await ReadAsync();
        Assert.True(packet.Length >= 4, "The connection closed.");
        Assert.Equal(type, packet[0]);
        return BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        tcp.Dispose();
    }

    private static void AddText(List<byte> body, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        body.AddRange([(byte)(bytes.Length >> 8), (byte)bytes.Length]);
        body.AddRange(bytes);
    }
}
