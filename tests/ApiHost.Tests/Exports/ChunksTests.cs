namespace FleetTracker.Exports.Tests;

public sealed class ChunksTests
{
    private static async Task<List<string>> AllAsync(Chunks<string> chunks)
    {
        var all = new List<string>();
        await foreach (var chunk in chunks.ReadAllAsync(CancellationToken.None)) all.AddRange(chunk);
        return all;
    }

    private static Chunks<string>.Read Of(List<string> items) => (after, count, _) =>
        Task.FromResult<IReadOnlyList<string>>([.. items.Skip(after is null ? 0 : items.IndexOf(after) + 1).Take(count)]);

    [Theory]
    [InlineData(0, int.MaxValue)]
    [InlineData(1, int.MaxValue)]
    [InlineData(999, int.MaxValue)]
    [InlineData(1_000, int.MaxValue)]
    [InlineData(1_001, int.MaxValue)]
    [InlineData(4_999, int.MaxValue)]
    [InlineData(5_000, int.MaxValue)]
    [InlineData(5_001, int.MaxValue)]
    [InlineData(9_000, 9_000)]
    [InlineData(9_000, 10)]
    [InlineData(9_000, 1_000)]
    [InlineData(9_000, 1_001)]
    [InlineData(9_000, 5_000)]
    public async Task All_items_come_in_order_and_no_more_than_asked(int count, int most)
    {
        var items = Enumerable.Range(0, count).Select(i => $"{i}").ToList();
        Assert.Equal(items.Take(most), await AllAsync(await Chunks<string>.OpenAsync(Of(items), most, CancellationToken.None)));
    }

    [Fact]
    public async Task The_next_chunk_is_read_while_the_one_before_is_written()
    {
        var items = Enumerable.Range(0, 7_000).Select(i => $"{i}").ToList();
        var reads = 0;
        var chunks = await Chunks<string>.OpenAsync((after, count, cancel) =>
        {
            reads++;
            return Of(items)(after, count, cancel);
        }, int.MaxValue, CancellationToken.None);
        await using var all = chunks.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.Equal(1, reads);
        Assert.True(await all.MoveNextAsync());
        Assert.Equal((2, 1_000), (reads, all.Current.Count));
        Assert.True(await all.MoveNextAsync());
        Assert.Equal((3, 4_000), (reads, all.Current.Count));
    }
}
