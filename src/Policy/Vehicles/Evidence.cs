using System.Buffers;
using System.Text;
using System.Text.Json;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>Writes the evidence of outcomes: a JSON object whose members depend on the rows alone.</summary>
internal static class Evidence
{
    // A writer and its buffer are several times as large as what they write.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static string Of(Action<Utf8JsonWriter> members)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(1_024);
        var writer = _writer ??= new Utf8JsonWriter(buffer);
        buffer.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Whole millimeters, seconds and the like: enough for anyone, and short.</summary>
    public static void Number(this Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, Math.Round(value, 3));
        else writer.WriteNull(name);
    }

    public static void Seconds(this Utf8JsonWriter writer, string name, TimeSpan value) => writer.Number(name, value.TotalSeconds);

    public static void Point(this Utf8JsonWriter writer, string name, in Place place)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("lat", place.Latitude);
        writer.WriteNumber("lon", place.Longitude);
        writer.WriteEndObject();
    }

    /// <summary>The rows that it stands on.</summary>
    public static void Fixes(this Utf8JsonWriter writer, params ReadOnlySpan<Place> places)
    {
        writer.WriteStartArray("fixes");
        foreach (ref readonly var place in places)
        {
            if (!place.IsSet) continue;
            writer.WriteStartObject();
            writer.WriteString("fixedAt", place.At.UtcDateTime);
            writer.WriteNumber("lat", place.Latitude);
            writer.WriteNumber("lon", place.Longitude);
            if (place.AccuracyMeters > 0) writer.WriteNumber("accuracy", place.AccuracyMeters);
            if (!double.IsNaN(place.SpeedMetersPerSecond)) writer.WriteNumber("speed", place.SpeedMetersPerSecond);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

/// <summary>Keys of deadlines: after every row before it, before every row at it.</summary>
internal static class DeadlineKeys
{
    public static PositionKey At(DateTimeOffset deadline) => new(deadline, long.MinValue);
}
