using System.Buffers.Text;

namespace FleetTracker.Exports;

/// <summary>
/// Numbers as the shortest text that reads back as the same, like the framework writes them, and several times faster for what trackers say: at most
/// seven digits after the point.
/// </summary>
internal static class ShortDecimals
{
    public const int MaxLength = 32;

    private const int MostDigits = 7;
    private const double Scale = 1e7;

    // Below, the framework writes an exponent.
    private const double Least = 1e-4 * Scale;

    // Two different decimals of at most 15 digits are two different numbers, so the one that is found here is the shortest.
    private const double Bound = 1e15;

    /// <summary>Returns how many bytes of the at least <see cref="MaxLength"/> it took.</summary>
    public static int Write(double number, Span<byte> utf8)
    {
        if (!TryWritePlain(number, utf8, out var length)) Utf8Formatter.TryFormat(number, utf8, out length);
        return length;
    }

    /// <summary>False, and nothing written, for a number with more than seven digits after the point, a very large or small one, minus zero and what is no number.</summary>
    public static bool TryWritePlain(double number, Span<byte> utf8, out int length)
    {
        length = 0;
        var scaled = Math.Round(number * Scale);
        var isPlain = number == 0 ? !double.IsNegative(number) : Math.Abs(scaled) is >= Least and < Bound && scaled / Scale == number;
        if (!isPlain) return false;

        var at = 0;
        var digits = (ulong)Math.Abs(scaled);
        if (scaled < 0) utf8[at++] = (byte)'-';
        var (whole, fraction) = Math.DivRem(digits, (ulong)Scale);
        Utf8Formatter.TryFormat(whole, utf8[at..], out var wholeLength);
        at += wholeLength;
        length = fraction == 0 ? at : at + WriteFraction((uint)fraction, utf8[at..]);
        return true;
    }

    private static int WriteFraction(uint fraction, Span<byte> utf8)
    {
        utf8[0] = (byte)'.';
        var length = 1;
        for (var i = MostDigits; i > 0; i--)
        {
            (fraction, var digit) = Math.DivRem(fraction, 10);
            utf8[i] = (byte)('0' + digit);
            if (length == 1 && digit != 0) length = i + 1;
        }

        return length;
    }
}
