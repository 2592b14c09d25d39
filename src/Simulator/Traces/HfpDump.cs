using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FleetTracker.Simulation;

/// <summary>
/// High-frequency positioning messages as they came from a broker, one <c>INGEST-TIME TOPIC PAYLOAD</c> per line. They are published on
/// their own topics; only <c>tst</c> and <c>tsi</c> change when times are moved, every other byte stays.
/// </summary>
public static class HfpDump
{
    private const string PayloadStart = " {\"";

    public static IEnumerable<TraceElement> Read(TextReader reader, TimeSpan shift = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return Lines(reader, shift);
    }

    private static IEnumerable<TraceElement> Lines(TextReader reader, TimeSpan shift)
    {
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length > 0) yield return ParseLine(line, number, shift);
        }
    }

    private static TraceElement ParseLine(string line, int number, TimeSpan shift)
    {
        // Headsigns contain spaces, so the topic ends where the JSON object begins and not at the second space.
        var topicAt = line.IndexOf(' ', StringComparison.Ordinal) + 1;
        var payloadAt = line.IndexOf(PayloadStart, StringComparison.Ordinal) + 1;
        if (topicAt <= 0 || payloadAt <= topicAt || !TraceTime.TryParse(line[..(topicAt - 1)], out var recordedAt))
            throw new TraceFormatException($"line {number}: expected INGEST-TIME TOPIC PAYLOAD");

        var topic = line[topicAt..(payloadAt - 1)];
        var payload = Encoding.UTF8.GetBytes(line[payloadAt..]);
        try
        {
            return ParseMessage(topic, payload, recordedAt, shift);
        }
        catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new TraceFormatException($"line {number}: {broken.Message}", broken);
        }
    }

    private static TraceElement ParseMessage(string topic, byte[] payload, DateTimeOffset recordedAt, TimeSpan shift)
    {
        using var document = JsonDocument.Parse(payload);
        var body = document.RootElement.EnumerateObject().First().Value;
        var fixedAt = body.GetProperty("tst").GetDateTimeOffset().ToUniversalTime() + shift;
        if (shift != TimeSpan.Zero) RewriteTimes(payload, fixedAt);

        return new TraceElement
        {
            DeviceId = DeviceOf(topic),
            Topic = topic,
            Payload = payload,
            FixedAt = fixedAt,
            RecordedAt = recordedAt + shift,
            Latitude = NumberOf(body, "lat"),
            Longitude = NumberOf(body, "long"),
            SpeedMetersPerSecond = NumberOf(body, "spd"),
            HeadingDegrees = NumberOf(body, "hdg"),
        };
    }

    /// <summary>Operator and vehicle are in the topic; the payload's operator is who runs the trip.</summary>
    private static string DeviceOf(string topic)
    {
        var levels = topic.Split('/');
        return levels is ["", "hfp", "v2", _, _, _, _, var oper, var vehicle, ..]
            ? $"hfp:{oper}:{vehicle}"
            : throw new FormatException($"'{topic}' is no HFP v2 topic");
    }

    private static double? NumberOf(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static void RewriteTimes(byte[] payload, DateTimeOffset fixedAt)
    {
        Overwrite(payload, "\"tst\":\""u8, fixedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), '"');
        Overwrite(payload, "\"tsi\":"u8, fixedAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), ',', '}');
    }

    private static void Overwrite(byte[] payload, ReadOnlySpan<byte> name, string value, params ReadOnlySpan<char> ends)
    {
        var at = payload.AsSpan().IndexOf(name);
        if (at < 0) return;

        var field = payload.AsSpan(at + name.Length);
        var end = 0;
        while (end < field.Length && !ends.Contains((char)field[end])) end++;
        if (end != value.Length) throw new FormatException($"{Encoding.UTF8.GetString(name)} is {end} characters long, its replacement {value.Length}");
        Encoding.ASCII.GetBytes(value, field);
    }
}
