using System.Buffers;
using System.Text.Json;

namespace FleetTracker.Simulation;

/// <summary>The native fix, as trackers of our own send it.</summary>
internal static class NativeJson
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    public static string Topic(string deviceId) => $"fleet/{deviceId}/position";

    public static byte[] Encode(
        DateTimeOffset fixedAt, double latitude, double longitude, double? speed, double? heading, double? accuracy)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Unchecked))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, Time(fixedAt));
            json.WriteNumber("lat"u8, latitude);
            json.WriteNumber("lon"u8, longitude);
            if (speed is { } s) json.WriteNumber("speed"u8, s);
            if (heading is { } h) json.WriteNumber("heading"u8, h);
            if (accuracy is { } a) json.WriteNumber("accuracy"u8, a);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>RFC 3339 with <c>Z</c>, with a fraction only where there is one.</summary>
    public static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
