using System.IO.Hashing;
using System.Text.Json;

namespace FleetTracker.Ingestion;

/// <summary>
/// OwnTracks: a <c>location</c> is a fix, a <c>lwt</c> says that the phone is gone, an <c>encrypted</c> message is refused, everything else
/// is accepted and ignored. Numbers may be text. The digest covers the element's own bytes, which is the payload unless it is an array.
/// </summary>
internal static class OwnTracksDecoder
{
    private const double MetersPerSecondInOneKmh = 1 / 3.6;

    private static readonly JsonPayload.ElementReader ReadElement = Read;

    public static void Decode(ReadOnlySpan<byte> payload, DecodedElements into, in DecodingContext context)
    {
        into.Clear();
        if (payload.IsEmpty)
        {
            // How a client clears a retained message; the applications send it too.
            into.IgnoredType = "empty";
            return;
        }

        JsonPayload.Read(payload, into, context, ReadElement);
    }

    private static void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, DecodedElements into, in DecodingContext context)
    {
        var first = (int)reader.TokenStartIndex;
        string? type = null;
        DateTimeOffset? time = null;
        var attributes = new AttributesBuilder();

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isEscaped = reader.ValueIsEscaped;
            reader.Read();
            if (isEscaped) JsonPayload.SkipValue(ref reader);
            else if (name.SequenceEqual("_type"u8)) type = reader.TokenType == JsonTokenType.String ? TypeOf(reader.ValueSpan) : null;
            else ReadMember(name, ref reader, json, ref element, ref time, ref attributes);
        }

        if (type is not "location")
        {
            Ignore(type ?? "unknown", ref element, into);
            return;
        }

        element.FixedAt = time ?? context.ReceivedAt;
        element.Attributes = attributes.Build(ref element);
        element.Digest = unchecked((long)XxHash3.HashToUInt64(json[first..(int)reader.BytesConsumed]));
        if (element.Latitude is null) element.Refuse(Refusals.MissingLatitude, "'lat' is missing.");
        if (element.Longitude is null) element.Refuse(Refusals.MissingLongitude, "'lon' is missing.");
        FixValidity.Judge(ref element, context);
    }

    private static void Ignore(string type, ref DecodedElement element, DecodedElements into)
    {
        // What its members seemed to be does not matter: they are another type's.
        var index = element.Index;
        element = new DecodedElement { Index = index };
        if (type is "encrypted")
        {
            element.Refuse(Refusals.Encrypted, "The payload is encrypted and we have no key.");
            return;
        }

        into.IgnoredType = type;

        // Its time is when the phone connected, so that of arrival stands for when it was lost.
        if (type is "lwt") into.Online = false;
        into.RemoveLast();
    }

    private static void ReadMember(
        ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, ref DateTimeOffset? time, ref AttributesBuilder attributes)
    {
        if (name.SequenceEqual("lat"u8)) element.Latitude = JsonPayload.LenientNumber(ref reader, "lat", ref element);
        else if (name.SequenceEqual("lon"u8)) element.Longitude = JsonPayload.LenientNumber(ref reader, "lon", ref element);
        else if (name.SequenceEqual("tst"u8)) time = JsonPayload.Time(ref reader, "tst", ref element, lenient: true);
        else if (name.SequenceEqual("acc"u8)) element.AccuracyMeters = JsonPayload.LenientNumber(ref reader, "acc", ref element);
        else if (name.SequenceEqual("alt"u8)) element.AltitudeMeters = JsonPayload.LenientNumber(ref reader, "alt", ref element);
        else if (name.SequenceEqual("vel"u8)) element.SpeedMetersPerSecond = JsonPayload.LenientNumber(ref reader, "vel", ref element) * MetersPerSecondInOneKmh;
        else if (name.SequenceEqual("cog"u8)) element.HeadingDegrees = JsonPayload.LenientNumber(ref reader, "cog", ref element);
        else if (name.SequenceEqual("odometer"u8)) element.OdometerMeters = JsonPayload.LenientNumber(ref reader, "odometer", ref element) * 1000;
        else if (name.SequenceEqual("ign"u8) && reader.TokenType is JsonTokenType.True or JsonTokenType.False) element.Ignition = reader.TokenType == JsonTokenType.True;
        else if (name.SequenceEqual("batt"u8)) AddBattery(ref reader, ref element, ref attributes);
        else if (IsLeftOut(name) || reader.TokenType == JsonTokenType.Null) JsonPayload.SkipValue(ref reader);
        else
        {
            if (name.SequenceEqual("t"u8) && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length == 1)
            {
                // Trackers behind qtripp say "ignition on" and "ignition off" as the trigger.
                element.Ignition = reader.ValueSpan[0] switch { (byte)'i' => true, (byte)'I' => false, _ => element.Ignition };
            }

            attributes.AddValue(name, ref reader, json, ref element);
        }
    }

    private static void AddBattery(ref Utf8JsonReader reader, ref DecodedElement element, ref AttributesBuilder attributes)
    {
        // Text is checked to be a number, and its characters are that number's JSON.
        if (JsonPayload.LenientNumber(ref reader, "batt", ref element) is { } battery)
            attributes.Add("battery"u8, System.Text.Encoding.ASCII.GetBytes(battery.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    // Pictures and what the topic says already.
    private static bool IsLeftOut(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("_id"u8) || name.SequenceEqual("topic"u8) || name.SequenceEqual("image"u8) || name.SequenceEqual("face"u8);

    private static string TypeOf(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("location"u8) ? "location"
        : type.SequenceEqual("lwt"u8) ? "lwt"
        : type.SequenceEqual("encrypted"u8) ? "encrypted"
        : type.SequenceEqual("transition"u8) ? "transition"
        : type.SequenceEqual("waypoint"u8) ? "waypoint"
        : type.SequenceEqual("waypoints"u8) ? "waypoints"
        : type.SequenceEqual("status"u8) ? "status"
        : type.SequenceEqual("card"u8) ? "card"
        : "other";
}
