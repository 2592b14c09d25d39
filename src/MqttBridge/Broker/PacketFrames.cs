using System.Buffers;
using System.Buffers.Binary;

namespace FleetTracker.Mqtt;

/// <summary>The parts of MQTT's wire format that the bridge reads and writes itself (OASIS MQTT 3.1.1 and 5).</summary>
internal static class PacketFrames
{
    public const int Publish = 3;
    public const int PubRel = 6;

    private const int Connect = 1;
    private const int PubAck = 4;
    private const int PubRec = 5;
    private const int PubComp = 7;
    private const int Subscribe = 8;
    private const int Unsubscribe = 10;
    private const int PingReq = 12;
    private const int Disconnect = 14;

    public enum Framing : byte
    {
        /// <summary>The header is not complete yet.</summary>
        Incomplete = 0,

        Complete = 1,

        /// <summary>The remaining length has more than four bytes.</summary>
        Malformed = 2,
    }

    /// <summary>Whether a client may send this type of packet: CONNECT first and only then, and afterwards what is neither the server's nor AUTH, which we do not offer.</summary>
    public static bool IsFromClient(int type, bool isAccepted) =>
        isAccepted ? type is Publish or PubAck or PubRec or PubRel or PubComp or Subscribe or Unsubscribe or PingReq or Disconnect : type == Connect;

    /// <summary>Reads the fixed header: its own length and that of what follows it.</summary>
    public static Framing ReadHeader(ReadOnlySpan<byte> data, out int headerLength, out int remainingLength)
    {
        headerLength = 1;
        remainingLength = 0;
        for (var shift = 0; shift < 28; shift += 7)
        {
            if (headerLength >= data.Length) return Framing.Incomplete;
            var digit = data[headerLength++];
            remainingLength |= (digit & 0x7F) << shift;
            if ((digit & 0x80) == 0) return Framing.Complete;
        }

        return Framing.Malformed;
    }

    /// <summary>The same where the header may lie in two pieces of the buffer.</summary>
    public static Framing ReadHeader(in ReadOnlySequence<byte> data, out int headerLength, out int remainingLength)
    {
        if (data.FirstSpan.Length >= 5 || data.IsSingleSegment) return ReadHeader(data.FirstSpan, out headerLength, out remainingLength);

        Span<byte> start = stackalloc byte[5];
        var available = data.Slice(0, Math.Min(5, data.Length));
        available.CopyTo(start);
        return ReadHeader(start[..(int)available.Length], out headerLength, out remainingLength);
    }

    /// <summary>PUBACK, PUBREC or PUBCOMP: type and flags, packet identifier, and in version 5 a reason when it is not success.</summary>
    public static int WriteAcknowledgement(Span<byte> to, byte typeAndFlags, ushort packetId, byte reason)
    {
        to[0] = typeAndFlags;
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], packetId);
        if (reason == 0)
        {
            to[1] = 2;
            return 4;
        }

        to[1] = 3;
        to[4] = reason;
        return 5;
    }
}

/// <summary>A PUBLISH as it lies in the buffer.</summary>
internal ref struct PublishFrame
{
    public ReadOnlySpan<byte> Topic;
    public ReadOnlySpan<byte> Payload;
    public ushort PacketId;
    public ushort TopicAlias;
    public bool HasTopicAlias;
    public byte Qos;

    /// <returns>Zero, or the MQTT 5 reason for which the connection ends.</returns>
    public static byte TryRead(byte typeAndFlags, ReadOnlySpan<byte> body, bool isVersion5, out PublishFrame frame)
    {
        frame = default;
        frame.Qos = (byte)((typeAndFlags >> 1) & 3);
        if (frame.Qos == 3 || body.Length < 2) return DisconnectReason.MalformedPacket;

        int topicLength = BinaryPrimitives.ReadUInt16BigEndian(body);
        if (body.Length < 2 + topicLength) return DisconnectReason.MalformedPacket;
        frame.Topic = body.Slice(2, topicLength);
        body = body[(2 + topicLength)..];

        if (frame.Qos > 0)
        {
            if (body.Length < 2) return DisconnectReason.MalformedPacket;
            frame.PacketId = BinaryPrimitives.ReadUInt16BigEndian(body);
            if (frame.PacketId == 0) return DisconnectReason.MalformedPacket;
            body = body[2..];
        }

        if (isVersion5)
        {
            if (!TryReadLength(ref body, out var length) || length > body.Length) return DisconnectReason.MalformedPacket;
            var problem = frame.ReadProperties(body[..length]);
            if (problem != 0) return problem;
            body = body[length..];
        }

        frame.Payload = body;
        return 0;
    }

    private byte ReadProperties(ReadOnlySpan<byte> properties)
    {
        while (!properties.IsEmpty)
        {
            var id = properties[0];
            properties = properties[1..];
            if (id == Property.TopicAlias)
            {
                if (properties.Length < 2) return DisconnectReason.MalformedPacket;
                if (HasTopicAlias) return DisconnectReason.ProtocolError;
                TopicAlias = BinaryPrimitives.ReadUInt16BigEndian(properties);
                HasTopicAlias = true;
                properties = properties[2..];
            }
            else if (!TrySkip(id, ref properties))
            {
                return DisconnectReason.MalformedPacket;
            }
        }

        return 0;
    }

    private static bool TrySkip(byte id, ref ReadOnlySpan<byte> properties)
    {
        switch (id)
        {
            case Property.PayloadFormatIndicator:
                return TrySkipBytes(1, ref properties);
            case Property.MessageExpiryInterval:
                return TrySkipBytes(4, ref properties);
            case Property.ContentType or Property.ResponseTopic or Property.CorrelationData:
                return TrySkipCounted(ref properties);
            case Property.UserProperty:
                return TrySkipCounted(ref properties) && TrySkipCounted(ref properties);
            case Property.SubscriptionIdentifier:
                return TryReadLength(ref properties, out _);
            default:
                return false;
        }
    }

    private static bool TrySkipBytes(int count, ref ReadOnlySpan<byte> properties)
    {
        if (properties.Length < count) return false;
        properties = properties[count..];
        return true;
    }

    private static bool TrySkipCounted(ref ReadOnlySpan<byte> properties) =>
        properties.Length >= 2 && TrySkipBytes(2 + BinaryPrimitives.ReadUInt16BigEndian(properties), ref properties);

    private static bool TryReadLength(ref ReadOnlySpan<byte> body, out int length)
    {
        length = 0;
        for (int i = 0, shift = 0; i < 4 && i < body.Length; i++, shift += 7)
        {
            length |= (body[i] & 0x7F) << shift;
            if ((body[i] & 0x80) != 0) continue;
            body = body[(i + 1)..];
            return true;
        }

        return false;
    }

    private static class Property
    {
        public const byte PayloadFormatIndicator = 0x01;
        public const byte MessageExpiryInterval = 0x02;
        public const byte ContentType = 0x03;
        public const byte ResponseTopic = 0x08;
        public const byte CorrelationData = 0x09;
        public const byte SubscriptionIdentifier = 0x0B;
        public const byte TopicAlias = 0x23;
        public const byte UserProperty = 0x26;
    }
}

/// <summary>MQTT 5 reasons to end a connection.</summary>
internal static class DisconnectReason
{
    public const byte MalformedPacket = 0x81;
    public const byte ProtocolError = 0x82;
    public const byte TopicNameInvalid = 0x90;
    public const byte TopicAliasInvalid = 0x94;
    public const byte PacketTooLarge = 0x95;

    /// <summary>As the metric names it.</summary>
    public static string Word(byte reason) => reason switch
    {
        MalformedPacket => "malformed_packet",
        ProtocolError => "protocol_error",
        TopicNameInvalid => "topic_name_invalid",
        TopicAliasInvalid => "topic_alias_invalid",
        PacketTooLarge => "packet_too_large",
        _ => "other",
    };
}
