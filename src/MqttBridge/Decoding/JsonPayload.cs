using System.Text.Json;
using System.Text.Unicode;

namespace FleetTracker.Ingestion;

/// <summary>What all JSON formats have in common: the envelope, and how a value is read.</summary>
internal static class JsonPayload
{
    /// <summary>Deeper nesting than any tracker has; it bounds what a hostile payload makes us walk.</summary>
    public const int MaxDepth = 16;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Disallow };

    public delegate void ElementReader(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref DecodedElement element, DecodedElements into, in DecodingContext context);

    /// <summary>
    /// Reads one object or an array of them. A payload that is not JSON is refused as a whole; an element that is wrong in itself is refused
    /// alone. A byte order mark in front is skipped.
    /// </summary>
    public static void Read(ReadOnlySpan<byte> payload, DecodedElements into, in DecodingContext context, ElementReader readElement)
    {
        into.Clear();
        if (!Utf8.IsValid(payload))
        {
            into.RefuseAll(Refusals.NotUtf8, "The payload is not UTF-8 text.", payload.Length);
            return;
        }

        var start = payload.StartsWith("\uFEFF"u8) ? 3 : 0;
        var json = payload[start..];
        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            into.RefuseAll(Refusals.Empty, "The payload is empty.", payload.Length);
            return;
        }

        try
        {
            ReadEnvelope(json, start, into, context, readElement);
        }
        catch (JsonException problem)
        {
            into.RefuseAll(Refusals.NotJson, $"The payload is not JSON at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1}.", payload.Length);
        }
        catch (TooDeepException)
        {
            into.RefuseAll(Refusals.TooDeep, $"The payload is nested deeper than {MaxDepth} levels.", payload.Length);
        }
    }

    private static void ReadEnvelope(ReadOnlySpan<byte> json, int start, DecodedElements into, in DecodingContext context, ElementReader readElement)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (into.Count == context.MaxElements)
                {
                    // Nothing of it counts, but the rest must still be JSON for the reason to be true.
                    while (reader.Read()) { }
                    into.RefuseAll(Refusals.TooManyElements, $"The array has more than {context.MaxElements} elements.", json.Length + start);
                    return;
                }

                ReadElement(ref reader, json, start, into, context, readElement);
            }

            if (into.Count == 0 && into.IgnoredType is null) into.RefuseAll(Refusals.EmptyArray, "The array has no elements.", json.Length + start);
        }
        else
        {
            ReadElement(ref reader, json, start, into, context, readElement);
        }

        // Throws when something follows the value.
        reader.Read();
    }

    private static void ReadElement(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int start, DecodedElements into, in DecodingContext context, ElementReader readElement)
    {
        var first = (int)reader.TokenStartIndex;
        ref var element = ref into.Add();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            readElement(ref reader, json, ref element, into, context);
        }
        else
        {
            element.Refuse(Refusals.NotAnObject, $"Element {element.Index} is not an object.");
            SkipValue(ref reader);
        }

        element.Offset = first + start;
        element.Length = (int)reader.BytesConsumed - first;
    }

    /// <summary>Moves to the end of the current value, bounded in depth.</summary>
    public static void SkipValue(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return;

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.CurrentDepth > MaxDepth) throw new TooDeepException();
        }
    }

    /// <summary>A JSON number that is finite and of a size that a measurement can have.</summary>
    public static double? Number(ref Utf8JsonReader reader, string field, ref DecodedElement element)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number when reader.TryGetDouble(out var value) && Math.Abs(value) <= MaxMagnitude:
                return value;
            case JsonTokenType.Number:
                RefuseSize(ref reader, field, ref element);
                return null;
            default:
                element.Refuse(Refusals.NotANumber, $"'{field}' is {Show(ref reader)}, not a number.");
                SkipValue(ref reader);
                return null;
        }
    }

    /// <summary>A number, or text that holds one.</summary>
    public static double? LenientNumber(ref Utf8JsonReader reader, string field, ref DecodedElement element)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return Number(ref reader, field, ref element);
        if (reader.ValueSpan.IsEmpty) return null;
        if (FixTimes.TryParseNumber(reader.ValueSpan, out var value) && !double.IsNaN(value))
        {
            if (Math.Abs(value) <= MaxMagnitude) return value;
            RefuseSize(ref reader, field, ref element);
            return null;
        }

        element.Refuse(Refusals.NotANumber, $"'{field}' is {Show(ref reader)}, not a number.");
        return null;
    }

    public static bool? Boolean(ref Utf8JsonReader reader, string field, ref DecodedElement element)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null: return null;
            case JsonTokenType.True: return true;
            case JsonTokenType.False: return false;
            default:
                element.Refuse(Refusals.NotABoolean, $"'{field}' is {Show(ref reader)}, not true or false.");
                SkipValue(ref reader);
                return null;
        }
    }

    /// <summary>RFC 3339 text, or seconds or milliseconds since 1970.</summary>
    public static DateTimeOffset? Time(ref Utf8JsonReader reader, string field, ref DecodedElement element, bool lenient)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.Number when reader.TryGetDouble(out var epoch):
                return FixTimes.FromEpoch(epoch);
            case JsonTokenType.String when !reader.ValueIsEscaped && FixTimes.TryParseRfc3339(reader.ValueSpan, out var instant):
                return instant;
            case JsonTokenType.String when lenient && FixTimes.TryParseNumber(reader.ValueSpan, out var epoch) && double.IsFinite(epoch):
                return FixTimes.FromEpoch(epoch);
            default:
                element.Refuse(Refusals.BadTime, $"'{field}' is {Show(ref reader)}, neither an RFC 3339 time with an offset nor a number since 1970.");
                SkipValue(ref reader);
                return null;
        }
    }

    // Far beyond any measurement, and within what a 32-bit float column keeps.
    private const double MaxMagnitude = 1e12;

    private static void RefuseSize(ref Utf8JsonReader reader, string field, ref DecodedElement element) =>
        element.Refuse(field switch
        {
            "lat" => Refusals.LatitudeOutOfRange,
            "lon" or "long" => Refusals.LongitudeOutOfRange,
            _ => Refusals.NumberOutOfRange,
        }, $"'{field}' is {Show(ref reader)}.");

    /// <summary>A value as a person may read it in a sentence, cut short.</summary>
    public static string Show(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.String => $"the text \"{Cut(reader.ValueSpan)}\"",
        _ => Cut(reader.ValueSpan),
    };

    private static string Cut(ReadOnlySpan<byte> text) =>
        text.Length <= 40 ? System.Text.Encoding.UTF8.GetString(text) : string.Concat(System.Text.Encoding.UTF8.GetString(text[..40]).TrimEnd('\uFFFD'), "…");
}

/// <summary>A payload nests deeper than we walk. Thrown within the decoder only.</summary>
internal sealed class TooDeepException : Exception
{
    public TooDeepException()
    {
    }

    public TooDeepException(string message) : base(message)
    {
    }

    public TooDeepException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
