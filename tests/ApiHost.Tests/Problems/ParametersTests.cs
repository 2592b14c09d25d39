using CsCheck;

namespace FleetTracker.Problems.Tests;

public sealed class ParametersTests
{
    [Theory]
    [InlineData("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T12:00:00.1234567Z", "2026-03-01T12:00:00.123456Z")]
    [InlineData("2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T14:00:00 02:00", "2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01t12:00:00z", "2026-03-01T12:00:00Z")]
    public void Times_are_read_with_their_offset_and_written_in_UTC(string given, string expected)
    {
        var parameters = new Parameters();
        Assert.Equal(expected, Rfc3339.Write(parameters.Instant("from", given)!.Value));
        Assert.True(parameters.IsValid);
    }

    [Theory]
    [InlineData("2026-03-01")]
    [InlineData("2026-03-01T12:00:00")]
    [InlineData("yesterday")]
    [InlineData("")]
    [InlineData("1772366400")]
    public void A_time_without_an_offset_is_refused(string given)
    {
        var parameters = new Parameters();
        parameters.Instant("from", given);
        Assert.False(parameters.IsValid);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("10001")]
    [InlineData("1.5")]
    [InlineData("ten")]
    [InlineData("")]
    public void A_limit_outside_of_1_to_10000_is_refused(string given)
    {
        var parameters = new Parameters();
        parameters.Limit(given, 100);
        Assert.False(parameters.IsValid);
    }

    [Theory]
    [InlineData("1,2,3")]
    [InlineData("1,2,3,4,5")]
    [InlineData("a,b,c,d")]
    [InlineData("0,10,1,5")]
    [InlineData("-181,0,1,1")]
    [InlineData("NaN,0,1,1")]
    public void What_is_no_box_is_refused(string given)
    {
        var parameters = new Parameters();
        Assert.Null(parameters.BoundingBox("bbox", given));
        Assert.False(parameters.IsValid);
    }

    [Fact]
    public void A_cursor_comes_back_as_it_went_and_only_to_its_list() =>
        Gen.String[0, 60].Array[1, 3].Where(parts => parts.All(part => !part.Contains('\u001f') && IsText(part))).Sample(parts =>
        {
            var cursor = Cursors.Make('v', parts);
            Assert.Equal(parts, Cursors.TryRead(cursor, 'v', parts.Length));
            Assert.Null(Cursors.TryRead(cursor, 'p', parts.Length));
            Assert.Null(Cursors.TryRead(cursor, 'v', parts.Length + 1));
        });

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("AAAA")]
    [InlineData("dg")]
    public void A_made_up_cursor_is_refused(string cursor) => Assert.Null(Cursors.TryRead(cursor, 'v', 2));

    [Fact]
    public void Times_look_like_those_of_the_framework() =>
        Gen.Select(Gen.Long[0, 3_155_378_975_999_999_999], Gen.Int[0, 7]).Sample((ticks, zeros) =>
        {
            // With as few digits in the fraction as there may be.
            var unit = (long)Math.Pow(10, zeros);
            var instant = new DateTimeOffset(ticks / unit * unit, TimeSpan.Zero);
            Assert.Equal(instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture), Rfc3339.Write(instant));
        });

    [Fact]
    public void Times_survive_writing_and_reading_to_the_microsecond() =>
        Gen.Long[0, 4_000_000_000_000_000].Sample(microseconds =>
        {
            var instant = DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10);
            Assert.True(Rfc3339.TryParse(Rfc3339.Write(instant), out var read));
            Assert.Equal(instant, read);
        });

    private static bool IsText(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) == text;
}
