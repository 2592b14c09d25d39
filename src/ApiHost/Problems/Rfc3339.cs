using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FleetTracker.Ingestion;

namespace FleetTracker.Problems;

/// <summary>Instants as every wire format of ours writes them: RFC 3339 in UTC with <c>Z</c>, to the microsecond, without trailing zeros.</summary>
internal static class Rfc3339
{
    public const int MaxLength = 27;

    private const int WholeSeconds = 19;
    private static readonly string[] Accepted =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd't'HH:mm:ss.FFFFFFF'z'",
    ];

    public static string Write(DateTimeOffset instant)
    {
        Span<byte> ascii = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(ascii[..Write(instant, ascii)]);
    }

    /// <summary>The same as ASCII, digit by digit: a day of history has 172,800 of them. Returns how many bytes it took.</summary>
    public static int Write(DateTimeOffset instant, Span<byte> utf8)
    {
        var utc = instant.UtcDateTime;
        var (date, time) = (DateOnly.FromDateTime(utc), utc.TimeOfDay);
        TwoDigits(utf8, 0, date.Year / 100);
        TwoDigits(utf8, 2, date.Year % 100);
        utf8[4] = (byte)'-';
        TwoDigits(utf8, 5, date.Month);
        utf8[7] = (byte)'-';
        TwoDigits(utf8, 8, date.Day);
        utf8[10] = (byte)'T';
        TwoDigits(utf8, 11, time.Hours);
        utf8[13] = (byte)':';
        TwoDigits(utf8, 14, time.Minutes);
        utf8[16] = (byte)':';
        TwoDigits(utf8, 17, time.Seconds);
        var length = WholeSeconds;
        if (time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond is var micros and > 0)
        {
            utf8[length++] = (byte)'.';
            for (var place = 100_000; micros > 0; place /= 10)
            {
                (var digit, micros) = Math.DivRem(micros, place);
                utf8[length++] = (byte)('0' + digit);
            }
        }

        utf8[length++] = (byte)'Z';
        return length;
    }

    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        var isRead = DateTimeOffset.TryParseExact(
            text, Accepted, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
        instant = isRead ? instant.ToStored() : default;
        return isRead;
    }

    private static void TwoDigits(Span<byte> utf8, int at, int number)
    {
        var (tens, ones) = Math.DivRem(number, 10);
        utf8[at] = (byte)('0' + tens);
        utf8[at + 1] = (byte)('0' + ones);
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
