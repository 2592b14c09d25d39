using System.Text.Json;

namespace FleetTracker.Ingestion;

/// <summary><c>{"online":true|false}</c> on a device's status topic, live or as its last will.</summary>
internal static class StatusDecoder
{
    private static readonly JsonPayload.ElementReader ReadElement = Read;

    public static void Decode(ReadOnlySpan<byte> payload, DecodedElements into, in DecodingContext context)
    {
        JsonPayload.Read(payload, into, context with { MaxElements = 1 }, ReadElement);
        if (into.Count == 1 && !into[0].IsRefused) into.RemoveLast();
    }

    private static void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, DecodedElements into, in DecodingContext context)
    {
        bool? online = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isOnline = !reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual("online"u8);
            reader.Read();
            if (isOnline) online = JsonPayload.Boolean(ref reader, "online", ref element);
            else JsonPayload.SkipValue(ref reader);
        }

        if (online is null) element.Refuse(Refusals.NotABoolean, "'online' is missing.");
        into.Online = online;
        if (online is not null) into.IgnoredType = "status";
    }
}
