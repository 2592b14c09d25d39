using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FleetTracker.Ingestion;

namespace FleetTracker.Problems;

/// <summary>Instants as every wire format of ours writes them: RFC 3339 in UTC with <c>Z</c>, to the microsecond, without trailing zeros.</summary>
internal static class Rfc3339
{
    public const int MaxLength = 27;

    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

    private static readonly string[] Accepted =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd't'HH:mm:ss.FFFFFFF'z'",
    ];

    public static string Write(DateTimeOffset instant) => instant.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>The same as ASCII; returns how many bytes it took.</summary>
    public static int Write(DateTimeOffset instant, Span<byte> utf8)
    {
        instant.UtcDateTime.TryFormat(utf8, out var length, Format, CultureInfo.InvariantCulture);
        return length;
    }

    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        var isRead = DateTimeOffset.TryParseExact(
            text, Accepted, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
        instant = isRead ? instant.ToStored() : default;
        return isRead;
    }
}

/// <summary>The same in System.Text.Json, which otherwise writes <c>+00:00</c>.</summary>
internal sealed class Rfc3339JsonConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString() is { } text && Rfc3339.TryParse(text, out var instant)
            ? instant
            : throw new JsonException("not an RFC 3339 time with its offset");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Rfc3339.Write(value));
}
