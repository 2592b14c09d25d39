using System.IO.Hashing;
using System.Text.Json;

namespace FleetTracker.Ingestion;

/// <summary>
/// HSL's High-Frequency Positioning, version 2: <c>{"VP":{…}}</c>, one member named after the event. The vehicle is in the topic, because
/// <c>oper</c> is who runs the trip. <c>acc</c> is acceleration, not accuracy, and <c>odo</c> starts again with every trip, so both are
/// attributes. Without coordinates it is a report without a position. The digest covers the whole payload object.
/// </summary>
internal static class HfpDecoder
{
    private static readonly JsonPayload.ElementReader ReadElement = Read;

    public static void Decode(ReadOnlySpan<byte> payload, DecodedElements into, in DecodingContext context) =>
        JsonPayload.Read(payload, into, context, ReadElement);

    private static void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, DecodedElements into, in DecodingContext context)
    {
        var first = (int)reader.TokenStartIndex;
        DateTimeOffset? time = null;
        var attributes = new AttributesBuilder();
        var events = 0;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (events++ > 0) element.Refuse(Refusals.DuplicateMember, "The payload holds more than one event.");
            if (!reader.ValueIsEscaped) AddEvent(reader.ValueSpan, ref attributes);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadEvent(ref reader, json, ref element, ref time, ref attributes);
            }
            else
            {
                element.Refuse(Refusals.NotAnObject, $"The event is {JsonPayload.Show(ref reader)}, not an object.");
                JsonPayload.SkipValue(ref reader);
            }
        }

        if (events == 0) element.Refuse(Refusals.NotAnObject, "The payload holds no event.");
        element.FixedAt = time ?? context.ReceivedAt;
        element.Attributes = attributes.Build(ref element);
        element.Digest = unchecked((long)XxHash3.HashToUInt64(json[first..(int)reader.BytesConsumed]));
        FixValidity.Judge(ref element, context);
    }

    private static void AddEvent(ReadOnlySpan<byte> name, ref AttributesBuilder attributes)
    {
        Span<byte> quoted = stackalloc byte[34];
        if (name.Length > 32) return;
        quoted[0] = (byte)'"';
        name.CopyTo(quoted[1..]);
        quoted[name.Length + 1] = (byte)'"';
        attributes.Add("event"u8, quoted[..(name.Length + 2)]);
    }

    private static void ReadEvent(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, ref DateTimeOffset? time, ref AttributesBuilder attributes)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isEscaped = reader.ValueIsEscaped;
            reader.Read();
            if (isEscaped || reader.TokenType == JsonTokenType.Null) JsonPayload.SkipValue(ref reader);
            else if (name.SequenceEqual("tst"u8)) time = JsonPayload.Time(ref reader, "tst", ref element, lenient: true);
            else if (name.SequenceEqual("tsi"u8)) time ??= JsonPayload.Time(ref reader, "tsi", ref element, lenient: true);
            else if (name.SequenceEqual("lat"u8)) element.Latitude = JsonPayload.LenientNumber(ref reader, "lat", ref element);
            else if (name.SequenceEqual("long"u8)) element.Longitude = JsonPayload.LenientNumber(ref reader, "long", ref element);
            else if (name.SequenceEqual("spd"u8)) element.SpeedMetersPerSecond = JsonPayload.LenientNumber(ref reader, "spd", ref element);
            else if (name.SequenceEqual("hdg"u8)) element.HeadingDegrees = JsonPayload.LenientNumber(ref reader, "hdg", ref element);
            else attributes.AddValue(name, ref reader, json, ref element);
        }
    }
}
