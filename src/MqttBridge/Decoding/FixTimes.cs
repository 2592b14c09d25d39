using System.Buffers.Text;

namespace FleetTracker.Ingestion;

/// <summary>Times as trackers write them.</summary>
internal static class FixTimes
{
    // 1e11 s is the year 5138 and 1e11 ms is March 1973: no plausible time of either unit reads as the other.
    private const double MillisecondsFrom = 1e11;

    private static readonly long MinMicroseconds = DateTimeOffset.MinValue.AddDays(1).ToUnixMicroseconds();
    private static readonly long MaxMicroseconds = DateTimeOffset.MaxValue.AddDays(-1).ToUnixMicroseconds();

    /// <summary>Seconds or milliseconds since 1970 by magnitude. Absurd numbers become the nearest end of the calendar, which validity refuses.</summary>
    public static DateTimeOffset FromEpoch(double value)
    {
        var microseconds = Math.Round(Math.Abs(value) < MillisecondsFrom ? value * 1e6 : value * 1e3);
        return Instants.FromUnixMicroseconds(
            microseconds <= MinMicroseconds ? MinMicroseconds
            : microseconds >= MaxMicroseconds ? MaxMicroseconds
            : (long)microseconds);
    }

    /// <summary>
    /// RFC 3339, section 5.6: date, <c>T</c> (or <c>t</c>, or a space), time, fraction of any length, offset. A time without an offset is
    /// refused, because it names no instant. Second 60 is the first of the next minute.
    /// </summary>
    public static bool TryParseRfc3339(ReadOnlySpan<byte> text, out DateTimeOffset instant)
    {
        instant = default;
        if (text.Length is < 20 or > 64) return false;
        if (!Digits(text, 0, 4, out var year) || text[4] != '-' || !Digits(text, 5, 2, out var month) || text[7] != '-' || !Digits(text, 8, 2, out var day)) return false;
        if (text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')) return false;
        if (!Digits(text, 11, 2, out var hour) || text[13] != ':' || !Digits(text, 14, 2, out var minute) || text[16] != ':' || !Digits(text, 17, 2, out var second)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return false;

        var at = 19;
        if (!Fraction(text, ref at, out var ticks)) return false;
        if (!Offset(text[at..], out var offsetMinutes)) return false;

        var local = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Unspecified).Ticks + (second * TimeSpan.TicksPerSecond) + ticks;
        var utc = local - (offsetMinutes * TimeSpan.TicksPerMinute);
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks) return false;
        instant = new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int start, int count, out int value)
    {
        value = 0;
        for (var i = start; i < start + count; i++)
        {
            var digit = text[i] - '0';
            if ((uint)digit > 9) return false;
            value = (value * 10) + digit;
        }

        return true;
    }

    private static bool Fraction(ReadOnlySpan<byte> text, ref int at, out long ticks)
    {
        ticks = 0;
        if (at >= text.Length || text[at] != '.') return true;

        var first = ++at;
        var unit = TimeSpan.TicksPerSecond / 10;
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
        {
            ticks += (text[at] - '0') * unit;
            unit /= 10;
        }

        return at > first;
    }

    private static bool Offset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 1) return text[0] is (byte)'Z' or (byte)'z';
        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || text[3] != ':') return false;
        if (!Digits(text, 1, 2, out var hours) || !Digits(text, 4, 2, out minutes) || hours > 23 || minutes > 59) return false;
        minutes += hours * 60;
        if (text[0] == '-') minutes = -minutes;
        return true;
    }

    /// <summary>A number written as text, as older gateways do.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, out double value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;
}
