namespace FleetTracker.Mqtt;

/// <summary>What a topic's payload is.</summary>
internal enum TopicFormat : byte
{
    /// <summary>No format of ours; the message is refused as <c>unknown_topic</c>.</summary>
    Unknown = 0,

    /// <summary><c>fleet/{deviceId}/position</c></summary>
    Native = 1,

    /// <summary><c>fleet/{deviceId}/status</c></summary>
    Status = 2,

    /// <summary><c>fleet/{deviceId}/command/ack</c></summary>
    CommandAck = 3,

    /// <summary><c>owntracks/{user}/{device}</c> and its subtopics</summary>
    OwnTracks = 4,

    /// <summary><c>/hfp/v2/…</c></summary>
    Hfp = 5,
}

/// <summary>What a topic says by itself.</summary>
/// <param name="Format">How to read the payload.</param>
/// <param name="DeviceId">The device that it names, legal or not; empty when it names none.</param>
/// <param name="Owner">The MQTT user name that may publish it.</param>
/// <param name="Subtopic">What follows the identity, for example <c>event</c>; empty when nothing does.</param>
internal readonly record struct TopicName(TopicFormat Format, string DeviceId, string Owner, string Subtopic)
{
    private const string Fleet = "fleet/";
    private const string OwnTracks = "owntracks/";
    private const string Hfp = "/hfp/v2/";

    public static TopicName Parse(string topic)
    {
        if (topic.StartsWith(Fleet, StringComparison.Ordinal)) return ParseFleet(topic);
        if (topic.StartsWith(OwnTracks, StringComparison.Ordinal)) return ParseOwnTracks(topic);
        if (topic.StartsWith(Hfp, StringComparison.Ordinal)) return ParseHfp(topic);
        return Unknown;
    }

    public static TopicName Unknown => new(TopicFormat.Unknown, "", "", "");

    private static TopicName ParseFleet(string topic)
    {
        var end = topic.IndexOf('/', Fleet.Length);
        if (end < 0) return Unknown;

        var format = topic.AsSpan(end + 1) switch
        {
            "position" => TopicFormat.Native,
            "status" => TopicFormat.Status,
            "command/ack" => TopicFormat.CommandAck,
            _ => TopicFormat.Unknown,
        };
        var deviceId = topic[Fleet.Length..end];
        return format == TopicFormat.Unknown ? Unknown : new TopicName(format, deviceId, deviceId, "");
    }

    private static TopicName ParseOwnTracks(string topic)
    {
        var slash = topic.IndexOf('/', OwnTracks.Length);
        if (slash < 0) return Unknown;

        var user = topic[OwnTracks.Length..slash];
        var end = topic.IndexOf('/', slash + 1);
        var device = end < 0 ? topic[(slash + 1)..] : topic[(slash + 1)..end];
        var subtopic = end < 0 ? "" : topic[(end + 1)..];
        if (user.Length == 0 || device.Length == 0) return Unknown;

        // Commands go down on this topic; a client that publishes there speaks to a device, not for one.
        if (subtopic is "cmd") return Unknown;

        return new TopicName(TopicFormat.OwnTracks, $"{user}:{device}", user, subtopic);
    }

    // /hfp/v2/journey_type/temporal_type/event_type/transport_mode/operator_id/vehicle_number/…; the first level is empty.
    private static TopicName ParseHfp(string topic)
    {
        Span<Range> levels = stackalloc Range[10];
        var count = topic.AsSpan().Split(levels, '/');
        if (count < 9) return Unknown;

        var operatorId = topic.AsSpan(levels[7]);

        // The last range holds the rest of the topic when there are more levels than ranges, so it is never the vehicle.
        var vehicle = topic.AsSpan(levels[8]);
        if (operatorId.IsEmpty || vehicle.IsEmpty) return Unknown;

        var deviceId = $"hfp:{operatorId}:{vehicle}";
        return new TopicName(TopicFormat.Hfp, deviceId, deviceId, topic[levels[4]]);
    }
}
