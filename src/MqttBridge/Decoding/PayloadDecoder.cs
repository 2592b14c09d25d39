using FleetTracker.Mqtt;

namespace FleetTracker.Ingestion;

/// <summary>Reads a payload by what its topic says it is.</summary>
internal static class PayloadDecoder
{
    public static void Decode(TopicFormat format, ReadOnlySpan<byte> payload, DecodedElements into, in DecodingContext context)
    {
        switch (format)
        {
            case TopicFormat.Native:
                NativeDecoder.Decode(payload, into, context);
                break;
            case TopicFormat.Status:
                StatusDecoder.Decode(payload, into, context);
                break;
            case TopicFormat.OwnTracks:
                OwnTracksDecoder.Decode(payload, into, context);
                break;
            case TopicFormat.Hfp:
                HfpDecoder.Decode(payload, into, context);
                break;
            case TopicFormat.CommandAck:
                into.Clear();
                into.IgnoredType = "command_ack";
                break;
            case TopicFormat.Unknown:
            default:
                into.RefuseAll(Refusals.UnknownTopic, "No format is known for this topic.", payload.Length);
                break;
        }
    }
}
