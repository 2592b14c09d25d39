namespace FleetTracker.Ingestion;

public sealed class LaneQueueTests
{
    [Fact]
    public void A_full_queue_takes_no_batch_and_takes_again_after_a_commit()
    {
        var queue = new LaneQueue(0, new LaneOptions { MaxQueuedRows = 3 });
        queue.Add(Batch(4), []);
        Assert.False(queue.HasRoom);
        Assert.NotNull(queue.Take(100));
        Assert.True(queue.HasRoom);
        Assert.Equal(1, queue.QueuedRows);
    }

    [Fact]
    public void A_commit_takes_whole_batches_up_to_its_size_but_at_least_one()
    {
        var queue = new LaneQueue(0, new LaneOptions());
        foreach (var size in new[] { 5, 5, 5, 50 }) queue.Add(Batch(size), []);
        Assert.Equal(2, queue.Take(12)!.Batches.Count);
        Assert.Single(queue.Take(12)!.Batches);
        Assert.Single(queue.Take(12)!.Batches);
        Assert.Null(queue.Take(12));
    }

    [Fact]
    public void Nothing_is_taken_while_too_many_commits_wait_to_be_folded()
    {
        var queue = new LaneQueue(0, new LaneOptions { MaxUnfoldedCommits = 2 });
        for (var i = 0; i < 3; i++)
        {
            queue.Add(Batch(1), []);
            if (queue.Take(10) is { } work) queue.Complete(new CommittedWork(work, [RowFate.New], Fixes.Noon), i);
        }

        Assert.Equal(1, queue.QueuedRows);
        queue.Folded();
        Assert.NotNull(queue.Take(10));
    }

    private static LaneBatch Batch(int size) => new()
    {
        Id = Guid.NewGuid(), Lane = 0, Observer = null!, Fixes = [.. Enumerable.Range(0, size).Select(second => Fixes.At(second))],
    };
}
