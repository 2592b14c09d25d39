using System.Text;
using System.Text.Json;
using FleetTracker.Exports;
using FleetTracker.Ingestion;
using FleetTracker.Problems;

namespace FleetTracker.Vehicles;

/// <summary>
/// Writes rows as <see cref="PositionView"/> looks in JSON, without making one: a day of a vehicle is tens of thousands of rows. For one answer, not for
/// two threads at once.
/// </summary>
internal sealed class PositionJson
{
    private static readonly JsonEncodedText VehicleId = JsonEncodedText.Encode("vehicleId");
    private static readonly JsonEncodedText FixedAt = JsonEncodedText.Encode("fixedAt");
    private static readonly JsonEncodedText ReceivedAt = JsonEncodedText.Encode("receivedAt");
    private static readonly JsonEncodedText Lat = JsonEncodedText.Encode("lat");
    private static readonly JsonEncodedText Lon = JsonEncodedText.Encode("lon");
    private static readonly JsonEncodedText Altitude = JsonEncodedText.Encode("altitude");
    private static readonly JsonEncodedText Speed = JsonEncodedText.Encode("speed");
    private static readonly JsonEncodedText Heading = JsonEncodedText.Encode("heading");
    private static readonly JsonEncodedText Accuracy = JsonEncodedText.Encode("accuracy");
    private static readonly JsonEncodedText Verdict = JsonEncodedText.Encode("verdict");
    private static readonly JsonEncodedText Attributes = JsonEncodedText.Encode("attributes");
    private static readonly JsonEncodedText Ignition = JsonEncodedText.Encode("ignition");
    private static readonly JsonEncodedText Odometer = JsonEncodedText.Encode("odometer");
    private static readonly JsonEncodedText[] Verdicts = [.. Enum.GetValues<FixVerdict>().Select(verdict => JsonEncodedText.Encode(PositionView.WordOf(verdict)))];

    private JsonEncodedText _vehicle;
    private string? _vehicleId;
    private byte[] _text = new byte[256];

    public void Write(Utf8JsonWriter writer, Fix fix)
    {
        writer.WriteStartObject();
        WriteHead(writer, fix);
        WriteNumber(writer, Lat, fix.Latitude);
        WriteNumber(writer, Lon, fix.Longitude);
        WriteTail(writer, fix);
        writer.WriteEndObject();
    }

    /// <summary>As the properties of a GeoJSON feature: without latitude and longitude.</summary>
    public void WriteProperties(Utf8JsonWriter writer, Fix fix)
    {
        writer.WriteStartObject();
        WriteHead(writer, fix);
        WriteTail(writer, fix);
        writer.WriteEndObject();
    }

    private void WriteHead(Utf8JsonWriter writer, Fix fix)
    {
        if (!string.Equals(_vehicleId, fix.VehicleId, StringComparison.Ordinal)) (_vehicleId, _vehicle) = (fix.VehicleId, JsonEncodedText.Encode(fix.VehicleId));
        writer.WriteString(VehicleId, _vehicle);
        WriteInstant(writer, FixedAt, fix.FixedAt);
        WriteInstant(writer, ReceivedAt, fix.ReceivedAt);
    }

    private void WriteTail(Utf8JsonWriter writer, Fix fix)
    {
        WriteNumber(writer, Altitude, fix.AltitudeMeters);
        WriteNumber(writer, Speed, fix.SpeedMetersPerSecond);
        WriteNumber(writer, Heading, fix.HeadingDegrees);
        WriteNumber(writer, Accuracy, fix.AccuracyMeters);
        writer.WriteString(Verdict, Verdicts[(int)fix.Verdict]);
        writer.WriteStartObject(Attributes);
        if (fix.Ignition is { } ignition) writer.WriteBoolean(Ignition, ignition);
        if (fix.OdometerMeters is not null) WriteNumber(writer, Odometer, fix.OdometerMeters);
        if (fix.Attributes is { } rest) WriteRest(writer, rest, fix);
        writer.WriteEndObject();
    }

    private static void WriteInstant(Utf8JsonWriter writer, JsonEncodedText name, DateTimeOffset instant)
    {
        Span<byte> text = stackalloc byte[Rfc3339.MaxLength];
        writer.WriteString(name, text[..Rfc3339.Write(instant, text)]);
    }

    private static void WriteNumber(Utf8JsonWriter writer, JsonEncodedText name, double? number)
    {
        if (number is not { } value)
        {
            writer.WriteNull(name);
            return;
        }

        Span<byte> text = stackalloc byte[ShortDecimals.MaxLength];
        writer.WritePropertyName(name);
        writer.WriteRawValue(text[..ShortDecimals.Write(value, text)], skipInputValidation: true);
    }

    /// <summary>What the decoder kept, without what stands in columns of its own.</summary>
    private void WriteRest(Utf8JsonWriter writer, string rest, Fix fix)
    {
        var most = Encoding.UTF8.GetMaxByteCount(rest.Length);
        if (_text.Length < most) _text = new byte[most];
        var reader = new Utf8JsonReader(_text.AsSpan(0, Encoding.UTF8.GetBytes(rest, _text)));
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWritten = (fix.Ignition is not null && reader.ValueTextEquals("ignition"u8)) || (fix.OdometerMeters is not null && reader.ValueTextEquals("odometer"u8));
            if (isWritten) reader.Skip();
            else WriteProperty(writer, ref reader);
        }
    }

    private static void WriteProperty(Utf8JsonWriter writer, ref Utf8JsonReader reader)
    {
        WriteToken(writer, ref reader);
        var depth = reader.CurrentDepth;
        do
        {
            reader.Read();
            WriteToken(writer, ref reader);
        }
        while (reader.CurrentDepth > depth || reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray);
    }

    private static void WriteToken(Utf8JsonWriter writer, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName when !reader.ValueIsEscaped: writer.WritePropertyName(reader.ValueSpan); break;
            case JsonTokenType.PropertyName: writer.WritePropertyName(reader.GetString()!); break;
            case JsonTokenType.String when !reader.ValueIsEscaped: writer.WriteStringValue(reader.ValueSpan); break;
            case JsonTokenType.String: writer.WriteStringValue(reader.GetString()); break;
            case JsonTokenType.StartObject: writer.WriteStartObject(); break;
            case JsonTokenType.EndObject: writer.WriteEndObject(); break;
            case JsonTokenType.StartArray: writer.WriteStartArray(); break;
            case JsonTokenType.EndArray: writer.WriteEndArray(); break;
            default: writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true); break;
        }
    }
}
