using System.Text;
using FleetTracker.Devices;
using FleetTracker.Ingestion;

namespace FleetTracker.Mqtt;

/// <summary>A topic as one connection may use it: worked out once, then found again by the topic's bytes.</summary>
internal sealed class TopicRoute
{
    /// <summary>Bytes of a topic at most. The longest that a format asks for, HFP's with its stops and headsigns, has about 200.</summary>
    public const int MaxTopicBytes = 512;

    private readonly byte[] _utf8;

    private TopicRoute(string topic, byte[] utf8, in TopicName name, string? refusal)
    {
        Topic = topic;
        _utf8 = utf8;
        Name = name;
        Refusal = refusal;
    }

    public string Topic { get; }

    public TopicName Name { get; }

    public TopicFormat Format => Name.Format;

    public string DeviceId => Name.DeviceId;

    /// <summary>Why nothing on this topic is taken from this connection; <c>null</c> when it is.</summary>
    public string? Refusal { get; }

    public bool IsFor(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual(_utf8);

    /// <summary>As much of a topic as shows that it is too long; all of any other.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> utf8)
    {
        var length = Math.Min(utf8.Length, MaxTopicBytes + 1);
        while (length < utf8.Length && (utf8[length] & 0xC0) == 0x80) length++;
        return utf8[..length];
    }

    public static TopicRoute For(string topic, ClientAccess access) => For(topic, Encoding.UTF8.GetBytes(topic), access);

    public static TopicRoute For(string topic, byte[] utf8, ClientAccess access)
    {
        // Nothing is made of a topic without a bound, not even the name of its device.
        if (utf8.Length > MaxTopicBytes) return new TopicRoute(topic, utf8, TopicName.Unknown, Refusals.TopicTooLong);

        var name = TopicName.Parse(topic);
        var refusal = name.Format == TopicFormat.Unknown ? Refusals.UnknownTopic
            : !access.MayPublish(topic, name) ? Refusals.ForeignTopic
            : !DeviceIds.IsValid(name.DeviceId) ? Refusals.IllegalDeviceId
            : null;

        // A device that publishes outside its own topics learns the same thing whether or not we know the topic.
        if (refusal == Refusals.UnknownTopic && !access.IsGateway) refusal = Refusals.ForeignTopic;
        return new TopicRoute(topic, utf8, name, refusal);
    }
}

/// <summary>The routes that a connection used last. A tracker has one or two; a gateway has one per device.</summary>
internal sealed class TopicRoutes(ClientAccess access)
{
    private const int Capacity = 4096;

    private TopicRoute? _last;
    private Dictionary<ulong, TopicRoute>? _others;

    /// <returns><c>null</c> when the bytes are no legal topic name.</returns>
    public TopicRoute? Find(ReadOnlySpan<byte> utf8)
    {
        if (_last is { } last && last.IsFor(utf8)) return last;

        var hash = System.IO.Hashing.XxHash3.HashToUInt64(utf8);
        if (_others is null || !_others.TryGetValue(hash, out var route) || !route.IsFor(utf8))
        {
            if (!IsLegal(utf8)) return null;
            route = TopicRoute.For(Encoding.UTF8.GetString(utf8), utf8.ToArray(), access);
            Remember(hash, route);
        }

        return route.Refusal is null ? _last = route : route;
    }

    // HFP names a new topic with every street corner; remembering those would push out the ones that come back.
    // What is refused costs its sender a look each time, and us no memory.
    private void Remember(ulong hash, TopicRoute route)
    {
        if (route.Format is TopicFormat.Hfp || route.Refusal is not null) return;
        _others ??= [];
        if (_others.Count >= Capacity) _others.Clear();
        _others[hash] = route;
    }

    private static bool IsLegal(ReadOnlySpan<byte> utf8) =>
        utf8.Length > 0 && !utf8.ContainsAny((byte)'+', (byte)'#', (byte)0) && System.Text.Unicode.Utf8.IsValid(utf8);
}
