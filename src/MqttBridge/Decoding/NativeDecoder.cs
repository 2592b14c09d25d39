using System.IO.Hashing;
using System.Text.Json;

namespace FleetTracker.Ingestion;

/// <summary>
/// FleetTracker's own JSON: one fix or an array of fixes. Strict, so that an installer sees a mistake in quarantine instead of a vehicle in
/// a wrong place: a number written as text is refused. The digest covers the element's own bytes, from its brace to its brace.
/// </summary>
internal static class NativeDecoder
{
    private static readonly JsonPayload.ElementReader ReadElement = Read;

    [Flags]
    private enum Members
    {
        None = 0,
        Time = 1,
        Latitude = 2,
        Longitude = 4,
        Altitude = 8,
        Speed = 16,
        Heading = 32,
        Accuracy = 64,
        Satellites = 128,
        Ignition = 256,
        Odometer = 512,
        Battery = 1024,
        Alarm = 2048,
        Attributes = 4096,
    }

    public static void Decode(ReadOnlySpan<byte> payload, DecodedElements into, in DecodingContext context) =>
        JsonPayload.Read(payload, into, context, ReadElement);

    private static void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, DecodedElements into, in DecodingContext context)
    {
        var first = (int)reader.TokenStartIndex;
        var seen = Members.None;
        DateTimeOffset? time = null;
        var attributes = new AttributesBuilder();

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberOf(ref reader);
            reader.Read();
            if (member == Members.None)
            {
                JsonPayload.SkipValue(ref reader);
                continue;
            }

            // Two values for one member leave open which one is true.
            if ((seen & member) != Members.None) element.Refuse(Refusals.DuplicateMember, $"'{NameOf(member)}' stands there twice.");
            seen |= member;
            ReadMember(member, ref reader, json, ref element, ref time, ref attributes);
        }

        if ((seen & Members.Latitude) == Members.None) element.Refuse(Refusals.MissingLatitude, "'lat' is missing.");
        if ((seen & Members.Longitude) == Members.None) element.Refuse(Refusals.MissingLongitude, "'lon' is missing.");

        element.FixedAt = time ?? context.ReceivedAt;
        element.Attributes = attributes.Build(ref element);
        element.Digest = unchecked((long)XxHash3.HashToUInt64(json[first..(int)reader.BytesConsumed]));
        FixValidity.Judge(ref element, context);
    }

    private static void ReadMember(
        Members member, ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, ref DateTimeOffset? time, ref AttributesBuilder attributes)
    {
        switch (member)
        {
            case Members.Time:
                time = JsonPayload.Time(ref reader, "time", ref element, lenient: false);
                break;
            case Members.Latitude:
                element.Latitude = JsonPayload.Number(ref reader, "lat", ref element);
                break;
            case Members.Longitude:
                element.Longitude = JsonPayload.Number(ref reader, "lon", ref element);
                break;
            case Members.Altitude:
                element.AltitudeMeters = JsonPayload.Number(ref reader, "altitude", ref element);
                break;
            case Members.Speed:
                element.SpeedMetersPerSecond = JsonPayload.Number(ref reader, "speed", ref element);
                break;
            case Members.Heading:
                element.HeadingDegrees = JsonPayload.Number(ref reader, "heading", ref element);
                break;
            case Members.Accuracy:
                element.AccuracyMeters = JsonPayload.Number(ref reader, "accuracy", ref element);
                break;
            case Members.Ignition:
                element.Ignition = JsonPayload.Boolean(ref reader, "ignition", ref element);
                break;
            case Members.Odometer:
                element.OdometerMeters = JsonPayload.Number(ref reader, "odometer", ref element);
                break;
            case Members.Satellites:
                AddNumber("satellites", "satellites"u8, ref reader, ref element, ref attributes);
                break;
            case Members.Battery:
                AddNumber("battery", "battery"u8, ref reader, ref element, ref attributes);
                break;
            case Members.Alarm:
                AddAlarm(ref reader, json, ref element, ref attributes);
                break;
            case Members.Attributes:
                AddAttributes(ref reader, json, ref element, ref attributes);
                break;
            case Members.None:
            default:
                JsonPayload.SkipValue(ref reader);
                break;
        }
    }

    private static void AddNumber(string field, ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ref DecodedElement element, ref AttributesBuilder attributes)
    {
        if (JsonPayload.Number(ref reader, field, ref element) is not null) attributes.Add(name, reader.ValueSpan);
    }

    private static void AddAlarm(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, ref AttributesBuilder attributes)
    {
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType == JsonTokenType.String)
        {
            attributes.AddValue("alarm"u8, ref reader, json, ref element);
            return;
        }

        element.Refuse(Refusals.NotAString, $"'alarm' is {JsonPayload.Show(ref reader)}, not a text.");
        JsonPayload.SkipValue(ref reader);
    }

    private static void AddAttributes(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, ref AttributesBuilder attributes)
    {
        if (reader.TokenType == JsonTokenType.Null) return;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            element.Refuse(Refusals.NotAnObject, $"'attributes' is {JsonPayload.Show(ref reader)}, not an object.");
            JsonPayload.SkipValue(ref reader);
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The fix's own members keep their names; one of the same name in here would be a second value for it.
            var isReserved = MemberOf(ref reader) is Members.Satellites or Members.Battery or Members.Alarm;
            if (isReserved) element.Refuse(Refusals.DuplicateMember, $"'attributes' holds '{NameOf(MemberOf(ref reader))}', which belongs beside 'lat'.");
            if (reader.ValueIsEscaped && !IsText(ref reader)) element.Refuse(Refusals.BadText, "A name in 'attributes' is no text.");

            var name = reader.ValueSpan;
            reader.Read();
            attributes.AddValue(name, ref reader, json, ref element);
        }
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()?.Contains('\0', StringComparison.Ordinal) == false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static Members MemberOf(ref Utf8JsonReader reader)
    {
        // An escaped name ("l\u0061t") is legal JSON and nobody's habit; it is decoded the slow way.
        if (reader.ValueIsEscaped) return IsText(ref reader) ? MemberOf(System.Text.Encoding.UTF8.GetBytes(reader.GetString()!)) : Members.None;
        return MemberOf(reader.ValueSpan);
    }

    private static Members MemberOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 => name.SequenceEqual("lat"u8) ? Members.Latitude : name.SequenceEqual("lon"u8) ? Members.Longitude : Members.None,
        4 => name.SequenceEqual("time"u8) ? Members.Time : Members.None,
        5 => name.SequenceEqual("speed"u8) ? Members.Speed : name.SequenceEqual("alarm"u8) ? Members.Alarm : Members.None,
        7 => name.SequenceEqual("heading"u8) ? Members.Heading : name.SequenceEqual("battery"u8) ? Members.Battery : Members.None,
        8 => name.SequenceEqual("altitude"u8) ? Members.Altitude
            : name.SequenceEqual("accuracy"u8) ? Members.Accuracy
            : name.SequenceEqual("ignition"u8) ? Members.Ignition
            : name.SequenceEqual("odometer"u8) ? Members.Odometer
            : Members.None,
        10 => name.SequenceEqual("satellites"u8) ? Members.Satellites : name.SequenceEqual("attributes"u8) ? Members.Attributes : Members.None,
        _ => Members.None,
    };

    private static string NameOf(Members member) => member switch
    {
        Members.Latitude => "lat",
        Members.Longitude => "lon",
        _ => member.ToString().ToLowerInvariant(),
    };
}
