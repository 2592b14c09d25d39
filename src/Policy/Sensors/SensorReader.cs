using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using FleetTracker.Ingestion;

namespace FleetTracker.Sensors;

/// <summary>
/// Finds raw values in a fix: numbers, texts that are numbers, and what is true or false as 1 and 0. Reads the attributes at most once, and only when they may
/// have a value. Of a member that is there twice the first counts.
/// </summary>
internal static class SensorReader
{
    private const int MaxBytesOnStack = 1_024;
    private const int MaxPathBytes = 512;
    private const int MaxDepth = 8;

    /// <param name="fix">The row.</param>
    /// <param name="sensors">What is looked for.</param>
    /// <param name="raws">One for each; <see cref="double.NaN"/> where there is none.</param>
    public static void Read(Fix fix, ReadOnlySpan<CompiledSensor> sensors, Span<double> raws)
    {
        var attributes = fix.Attributes;
        var mayHave = false;
        for (var i = 0; i < sensors.Length; i++)
        {
            raws[i] = sensors[i].Source switch
            {
                SensorSource.Ignition => fix.Ignition is { } on ? on ? 1 : 0 : double.NaN,
                SensorSource.Odometer => fix.OdometerMeters ?? double.NaN,
                _ => double.NaN,
            };
            // Nearly all rows have few of the values: looking for the words is cheaper than reading JSON.
            mayHave |= attributes is not null && double.IsNaN(raws[i])
                && (sensors[i].Needle is not { } needle || attributes.Contains(needle, StringComparison.Ordinal));
        }

        if (!mayHave) return;
        var length = Encoding.UTF8.GetMaxByteCount(attributes!.Length);
        var rented = length > MaxBytesOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> bytes = rented ?? stackalloc byte[MaxBytesOnStack];
        Read(bytes[..Encoding.UTF8.GetBytes(attributes, bytes)], sensors, raws);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private static void Read(ReadOnlySpan<byte> attributes, ReadOnlySpan<CompiledSensor> sensors, Span<double> raws)
    {
        Span<byte> path = stackalloc byte[MaxPathBytes];
        Span<int> ends = stackalloc int[MaxDepth + 1];
        try
        {
            var reader = new Utf8JsonReader(attributes);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return;
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                var depth = reader.CurrentDepth;
                var end = depth > MaxDepth ? -1 : Append(path, depth == 1 ? 0 : ends[depth - 1], reader);
                reader.Read();
                if (end < 0 || reader.TokenType == JsonTokenType.StartArray) reader.Skip();
                else if (reader.TokenType == JsonTokenType.StartObject) ends[depth] = end;
                else Take(reader, path[..end], sensors, raws);
            }
        }
        catch (JsonException)
        {
            // Rows are written by decoders; one that is not JSON has nothing more to say.
        }
    }

    /// <summary>Where the path ends with the member's name; negative when it is too long.</summary>
    private static int Append(Span<byte> path, int from, in Utf8JsonReader reader)
    {
        if (from + 1 + reader.ValueSpan.Length > path.Length) return -1;
        if (from > 0) path[from++] = (byte)'.';
        return from + reader.CopyString(path[from..]);
    }

    private static void Take(in Utf8JsonReader reader, ReadOnlySpan<byte> path, ReadOnlySpan<CompiledSensor> sensors, Span<double> raws)
    {
        for (var i = 0; i < sensors.Length; i++)
        {
            if (double.IsNaN(raws[i]) && path.SequenceEqual(sensors[i].Path.Span)) raws[i] = NumberOf(reader);
        }
    }

    private static double NumberOf(in Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => 1,
        JsonTokenType.False => 0,
        JsonTokenType.Number => reader.TryGetDouble(out var number) ? number : double.NaN,
        JsonTokenType.String => NumberOf(reader.ValueSpan),
        _ => double.NaN,
    };

    private static double NumberOf(ReadOnlySpan<byte> text)
    {
        if (Utf8Parser.TryParse(text, out double number, out var read) && read == text.Length && double.IsFinite(number)) return number;
        if (Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "on"u8) || Ascii.EqualsIgnoreCase(text, "open"u8)) return 1;
        if (Ascii.EqualsIgnoreCase(text, "false"u8) || Ascii.EqualsIgnoreCase(text, "off"u8) || Ascii.EqualsIgnoreCase(text, "closed"u8)) return 0;
        return double.NaN;
    }
}
