using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Ingestion;

public sealed class LaneQueueTests
{
    private readonly LaneHeads _heads = new(System.Reflection.DispatchProxy.Create<IGrainFactory, NoGrains>(), new VehicleOptions());

    [Fact]
    public void A_full_queue_takes_no_batch_and_takes_again_after_a_commit()
    {
        var queue = new LaneQueue(0, new LaneOptions { MaxQueuedRows = 3 });
        Assert.True(queue.TryAdd(Batch(4), _heads));
        Assert.False(queue.TryAdd(Batch(1), _heads));
        Assert.NotNull(queue.Take(100));
        Assert.True(queue.TryAdd(Batch(1), _heads));
        Assert.Equal(1, queue.QueuedRows);
    }

    [Fact]
    public void A_commit_takes_whole_batches_up_to_its_size_but_at_least_one()
    {
        var queue = new LaneQueue(0, new LaneOptions());
        foreach (var size in new[] { 5, 5, 5, 50 }) queue.TryAdd(Batch(size), _heads);
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
            queue.TryAdd(Batch(1), _heads);
            if (queue.Take(10) is { } work) queue.Complete(new CommittedWork(work, [RowFate.New], Fixes.Noon, 2), i);
        }

        Assert.Equal(1, queue.QueuedRows);
        queue.Folded();
        Assert.NotNull(queue.Take(10));
    }

    [Fact]
    public void A_vehicle_is_committed_as_new_with_the_batch_that_was_taken()
    {
        var queue = new LaneQueue(0, new LaneOptions { MaxQueuedRows = 3 });
        queue.TryAdd(Batch(4, "old"), _heads);
        Assert.False(queue.TryAdd(Batch(1, "fresh"), _heads));
        Assert.Equal([new LaneVehicle("default", "old")], queue.Take(100)!.NewVehicles);

        Assert.True(queue.TryAdd(Batch(1, "fresh"), _heads));
        Assert.Equal([new LaneVehicle("default", "fresh")], queue.Take(100)!.NewVehicles);
    }

    private static LaneBatch Batch(int size, string vehicle = "v1") => new()
    {
        Id = Guid.NewGuid(), Lane = 0, Observer = null!, Fixes = [.. Enumerable.Range(0, size).Select(second => Fixes.At(second, vehicle))],
    };

    /// <summary>Heads only keep the references.</summary>
    public class NoGrains : System.Reflection.DispatchProxy
    {
        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) => null;
    }
}
