using FleetTracker.Outcomes;
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
        queue.Folded(2);
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

    [Fact]
    public void Outcomes_and_checkpoints_go_with_the_next_commit_and_without_rows_too()
    {
        var queue = new LaneQueue(0, new LaneOptions());
        var outcome = Said();
        Assert.Equal(1, queue.AddOutcomes([outcome]));
        Assert.Equal(1, queue.AddOutcomes([outcome with { Revision = 2 }]));
        queue.AddCheckpoint(CheckpointAt(10));
        var work = queue.Take(100)!;
        Assert.Equal([2], work.Outcomes.Select(said => said.Revision));
        Assert.Single(work.Checkpoints);
        Assert.Equal(1, work.Sequence);
        Assert.Null(queue.Take(100));
        Assert.Equal(2, queue.AddOutcomes([outcome]));
    }

    [Fact]
    public void Rows_at_or_before_a_checkpoint_are_named_as_late()
    {
        var queue = new LaneQueue(0, new LaneOptions());
        queue.LoadCheckpoint("v1", new PositionKey(Fixes.Noon.AddSeconds(3), 1));
        queue.TryAdd(Batch(6), _heads);
        queue.TryAdd(Batch(2, "v2"), _heads);
        Assert.Equal([0, 1, 2, 3], queue.Take(100)!.LateRows);
        queue.AddCheckpoint(CheckpointAt(4));
        queue.TryAdd(Batch(6), _heads);
        Assert.Equal([0, 1, 2, 3, 4], queue.Take(100)!.LateRows);
    }

    [Fact]
    public void A_checkpoint_that_lacks_a_late_row_is_gone_wherever_it_waits()
    {
        var queue = new LaneQueue(0, new LaneOptions());
        queue.LoadCheckpoint("v1", new PositionKey(Fixes.Noon.AddSeconds(100), 1));
        queue.TryAdd(Batch(1), _heads);
        var work = queue.Take(100)!;
        queue.AddCheckpoint(CheckpointAt(50));
        queue.AddCheckpoint(CheckpointAt(50, "v2"));
        queue.Complete(new CommittedWork(work, [RowFate.New], Fixes.Noon, 2), 2);
        // The lane has not looked at the late row yet, so what its vehicle hands over lacks it.
        queue.AddCheckpoint(CheckpointAt(60));
        Assert.Equal(["v2"], queue.Take(100)!.Checkpoints.Select(checkpoint => checkpoint.VehicleId));

        queue.Folded(2);
        queue.AddCheckpoint(CheckpointAt(60));
        Assert.Single(queue.Take(100)!.Checkpoints);
    }

    [Fact]
    public void A_late_row_that_was_known_leaves_checkpoints_alone()
    {
        var queue = new LaneQueue(0, new LaneOptions());
        queue.LoadCheckpoint("v1", new PositionKey(Fixes.Noon.AddSeconds(100), 1));
        queue.TryAdd(Batch(1), _heads);
        var work = queue.Take(100)!;
        queue.AddCheckpoint(CheckpointAt(50));
        queue.Complete(new CommittedWork(work, [RowFate.Known], Fixes.Noon, 2), 2);
        Assert.Single(queue.Take(100)!.Checkpoints);
    }

    private static Checkpoint CheckpointAt(int second, string vehicle = "v1") => new()
    {
        Tenant = "default", VehicleId = vehicle, Head = new PositionKey(Fixes.Noon.AddSeconds(second), 1), State = new byte[] { 1 },
    };

    private static Outcome Said() => new()
    {
        Id = Guid.NewGuid(), Tenant = "default", VehicleId = "v1", Type = OutcomeType.Event, Kind = "sos", Subject = "", At = new PositionKey(Fixes.Noon, 1),
        Through = new PositionKey(Fixes.Noon, 1), State = OutcomeState.Closed, Revision = 1, Evidence = "{}", RecordedAt = Fixes.Noon,
    };

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
