using System.Buffers.Text;
using CsCheck;
using FleetTracker.Storage;

namespace FleetTracker.Outcomes.Tests;

public sealed class FeedCursorTests
{
    private static readonly Gen<FeedPosition> Position = Gen.Select(
        Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, long.MaxValue], Gen.Const(long.MaxValue)),
        Gen.OneOf(Gen.Int[0, 300], Gen.Int[0, int.MaxValue], Gen.Const(int.MaxValue))).Select((number, ordinal) => new FeedPosition(number, ordinal));

    private static readonly Gen<FeedCursor> Cursor =
        from positions in Position.Array[1, 40]
        from lane in Gen.Int[0, positions.Length - 1]
        select new FeedCursor(lane, positions);

    [Fact]
    public void It_comes_back_as_it_went() => Cursor.Sample(cursor =>
    {
        var read = FeedCursor.TryRead(cursor.ToString(), cursor.Positions.Length);
        Assert.NotNull(read);
        Assert.Equal((cursor.NextLane, cursor.Positions.Length), (read.NextLane, read.Positions.Length));
        Assert.Equal(cursor.Positions, read.Positions);
    });

    [Fact]
    public void One_of_another_number_of_lanes_is_refused() => Cursor.Sample(cursor =>
        FeedCursor.TryRead(cursor.ToString(), cursor.Positions.Length + 1) is null && FeedCursor.TryRead(cursor.ToString(), Math.Max(1, cursor.Positions.Length - 1)) is null == cursor.Positions.Length > 1);

    [Fact]
    public void Whatever_else_is_sent_is_refused_or_one_that_could_have_been_given_out() =>
        Gen.Byte.Array[0, 60].Select(bytes => Base64Url.EncodeToString(bytes)).Sample(text =>
            FeedCursor.TryRead(text, 3) is not { } read || (read.NextLane is >= 0 and < 3 && read.Positions.All(p => p is { Number: >= 0, Ordinal: >= 0 })));

    [Fact]
    public void A_cut_or_extended_one_is_refused() => Cursor.Sample(cursor =>
    {
        var bytes = Base64Url.DecodeFromChars(cursor.ToString());
        Assert.Null(FeedCursor.TryRead(Base64Url.EncodeToString(bytes.AsSpan(0, bytes.Length - 1)), cursor.Positions.Length));
        Assert.Null(FeedCursor.TryRead(Base64Url.EncodeToString([.. bytes, 0]), cursor.Positions.Length));
    });

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("AAAA")]
    [InlineData("NOW")]
    [InlineData("bm93")]
    public void A_made_up_one_is_refused(string text) => Assert.Null(FeedCursor.TryRead(text, 4));

    [Fact]
    public void Thirty_two_lanes_after_a_million_commits_each_are_a_short_text() =>
        Assert.InRange(new FeedCursor(31, [.. Enumerable.Repeat(new FeedPosition(1_000_000, int.MaxValue), 32)]).ToString().Length, 1, 180);
}
