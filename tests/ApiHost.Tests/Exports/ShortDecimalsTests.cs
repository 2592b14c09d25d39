using System.Buffers.Text;
using System.Text;
using CsCheck;

namespace FleetTracker.Exports.Tests;

public sealed class ShortDecimalsTests
{
    /// <summary>What sensors say, what is one bit beside it, and everything else.</summary>
    private static readonly Gen<double> Numbers = Gen.OneOf(
        Gen.Select(Gen.Long[-2_000_000_000_000_000, 2_000_000_000_000_000], Gen.Int[0, 9]).Select((digits, places) => digits / Math.Pow(10, places)),
        Gen.Select(Gen.Int[-1_800_000_000, 1_800_000_000], Gen.Int[-1, 1]).Select((digits, bits) =>
            BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(digits / 1e7) + bits)),
        Gen.Int[-1_000, 1_000].Select(number => (double)number),
        Gen.Double);

    private static string Write(double number)
    {
        Span<byte> text = stackalloc byte[ShortDecimals.MaxLength];
        return Encoding.ASCII.GetString(text[..ShortDecimals.Write(number, text)]);
    }

    private static string Framework(double number)
    {
        Span<byte> text = stackalloc byte[ShortDecimals.MaxLength];
        Assert.True(Utf8Formatter.TryFormat(number, text, out var length));
        return Encoding.ASCII.GetString(text[..length]);
    }

    [Fact]
    public void Numbers_look_like_those_of_the_framework() =>
        Numbers.Sample(number => Assert.Equal(Framework(number), Write(number)), iter: 20_000);

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(1e-7, "1E-07")]
    [InlineData(0.0000012, "1.2E-06")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.0000999, "9.99E-05")]
    [InlineData(13.4050001, "13.4050001")]
    [InlineData(99_999_999.9999999, "99999999.9999999")]
    [InlineData(100_000_000, "100000000")]
    [InlineData(1e16, "10000000000000000")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    public void Borders(double number, string expected)
    {
        Assert.Equal(expected, Framework(number));
        Assert.Equal(expected, Write(number));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-0.0)]
    [InlineData(1e16)]
    [InlineData(1e-5)]
    [InlineData(1d / 3)]
    public void What_is_not_plain_is_left_to_others(double number) => Assert.False(ShortDecimals.TryWritePlain(number, new byte[ShortDecimals.MaxLength], out _));
}
