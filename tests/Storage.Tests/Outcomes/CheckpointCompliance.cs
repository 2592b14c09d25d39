using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Outcomes;

/// <summary>A checkpoint is true or gone.</summary>
public abstract class CheckpointCompliance(StorageFixture fixture)
{
    private readonly ITelemetryStore _store = fixture.Telemetry;
    private readonly IOutcomeStore _outcomes = fixture.Outcomes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_checkpoint_comes_back_as_it_was_committed_and_a_second_one_at_its_head_replaces_it()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var first = lane.Checkpoint(0) with { State = ReadOnlyMemory<byte>.Empty, DueAt = OutcomeLane.Noon.AddTicks(10) };
        await lane.WriteAsync(first);
        Same(first, await ReadAsync(lane));

        // A part of an array, as a serializer hands it over.
        var second = first with { State = Enumerable.Range(0, 20_000).Select(i => (byte)i).ToArray().AsMemory(5, 19_000), DueAt = null };
        await lane.WriteAsync(second);
        Same(second, await ReadAsync(lane));
    }

    [Fact]
    public async Task The_newest_one_before_a_key_is_found()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        Assert.Null(await ReadAsync(lane));
        await lane.WriteAsync(lane.Checkpoint(0, -1));
        await lane.WriteAsync(lane.Checkpoint(24 * 60, 2));
        Assert.Equal(OutcomeLane.Key(24 * 60, 2), (await ReadAsync(lane))!.Head);
        Assert.Equal(OutcomeLane.Key(24 * 60, 2), (await ReadAsync(lane, OutcomeLane.Key(24 * 60, 3)))!.Head);
        Assert.Equal(OutcomeLane.Key(0, -1), (await ReadAsync(lane, OutcomeLane.Key(24 * 60, 2)))!.Head);
        Assert.Null(await ReadAsync(lane, OutcomeLane.Key(0, -1)));
        Assert.Null(await _outcomes.ReadCheckpointAsync("south", lane.Vehicle, null, Cancellation));
    }

    [Fact]
    public async Task The_newest_of_a_day_stays()
    {
        var lane = await OutcomeLane.StartAsync(_store);

        // Noon, and the last and the first microsecond of two days (UTC).
        var (last, first) = ((12 * 60) - (1.0 / 60_000_000), 12 * 60);
        foreach (var head in new double[] { -24 * 60, 0, 5, last, first }) await lane.WriteAsync(lane.Checkpoint(head));
        Assert.Equal([Time(first), Time(last), Time(-24 * 60)], await HeadTimesAsync(lane));

        await lane.WriteAsync(lane.Checkpoint(first, 8), lane.Checkpoint(first + 60), lane.Checkpoint(first + 30));
        Assert.Equal([Time(first + 60), Time(last), Time(-24 * 60)], await HeadTimesAsync(lane));

        static DateTimeOffset Time(double minutes) => OutcomeLane.Key(minutes).FixedAt;
    }

    [Fact]
    public async Task Other_vehicles_keep_theirs()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var other = lane.Checkpoint(5) with { VehicleId = lane.Vehicle + "-other" };
        await lane.WriteAsync(lane.Checkpoint(10), other);
        await lane.WriteAsync(lane.Checkpoint(20));
        await lane.SendAsync(lane.Commit(rows: [lane.Row(0)], late: [0]));
        Assert.Null(await ReadAsync(lane));
        Same(other, await _outcomes.ReadCheckpointAsync(lane.Tenant, other.VehicleId, null, Cancellation));
    }

    [Fact]
    public async Task A_new_late_row_deletes_those_at_or_after_it()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        foreach (var day in new[] { 0, 1, 2, 3 }) await lane.WriteAsync(lane.Checkpoint(day * 24 * 60));
        var result = await lane.SendAsync(lane.Commit(rows: [lane.Row(24 * 60, 8), lane.Row(2 * 24 * 60, 7)], late: [1]));
        Assert.Equal([true, true], result.IsNew);
        Assert.Equal([24 * 60, 0], await HeadsAsync(lane));

        // Same instant, smaller digest: before the head all the same.
        await lane.SendAsync(lane.Commit(rows: [lane.Row(24 * 60, 6)], late: [0]));
        Assert.Equal([0], await HeadsAsync(lane));
    }

    [Fact]
    public async Task A_late_row_that_was_known_deletes_nothing()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        await lane.SendAsync(lane.Commit(rows: [lane.Row(0), lane.Row(5), lane.Row(10)]));
        await lane.WriteAsync(lane.Checkpoint(10));
        var result = await lane.SendAsync(lane.Commit(rows: [lane.Row(0), lane.Row(5), lane.Row(11)], late: [0, 1]));
        Assert.Equal([false, false, true], result.IsNew);
        Assert.Equal([10], await HeadsAsync(lane));

        // Beside one that is known, one that is new counts.
        result = await lane.SendAsync(lane.Commit(rows: [lane.Row(0), lane.Row(6)], late: [0, 1]));
        Assert.Equal([false, true], result.IsNew);
        Assert.Empty(await HeadsAsync(lane));
    }

    [Fact]
    public async Task A_late_row_that_is_not_named_deletes_nothing()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        await lane.WriteAsync(lane.Checkpoint(10));
        await lane.SendAsync(lane.Commit(rows: [lane.Row(0), lane.Row(11)], late: [1]));
        Assert.Equal([10], await HeadsAsync(lane));
    }

    [Fact]
    public async Task A_checkpoint_does_not_survive_a_late_row_of_its_own_commit()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        await lane.WriteAsync(lane.Checkpoint(-24 * 60));
        await lane.SendAsync(lane.Commit(checkpoints: [lane.Checkpoint(10)], rows: [lane.Row(5)], late: [0]));
        Assert.Equal([-24 * 60], await HeadsAsync(lane));

        await lane.SendAsync(lane.Commit(checkpoints: [lane.Checkpoint(10)], rows: [lane.Row(5)], late: [0]));
        Assert.Equal([10, -24 * 60], await HeadsAsync(lane));
    }

    [Fact]
    public async Task Late_rows_count_within_their_lane_of_a_commit_of_many()
    {
        var (lane, other) = (await OutcomeLane.StartAsync(_store), await OutcomeLane.StartAsync(_store));
        await lane.WriteAsync(lane.Checkpoint(10));
        await other.WriteAsync(other.Checkpoint(10));
        await _store.CommitAsync([other.Commit(rows: [other.Row(0), other.Row(20)], late: [1]), lane.Commit(rows: [lane.Row(20), lane.Row(21), lane.Row(0, 99)], late: [2])], Cancellation);
        Assert.Empty(await HeadsAsync(lane));
        Assert.Equal([10], await HeadsAsync(other));
    }

    [Fact]
    public async Task The_newest_head_of_every_vehicle_in_the_lane_comes_back()
    {
        var (lane, other) = (await OutcomeLane.StartAsync(_store), await OutcomeLane.StartAsync(_store));
        var checkpoints = Enumerable.Range(0, 1_203)
            .Select(i => lane.Checkpoint(i, i) with { VehicleId = $"{lane.Vehicle}-{i:D4}", DueAt = i % 2 == 0 ? OutcomeLane.Noon.AddHours(i) : null }).ToArray();
        await lane.WriteAsync([.. checkpoints, .. checkpoints.Select(checkpoint => checkpoint with { Head = OutcomeLane.Key(-24 * 60), DueAt = OutcomeLane.Noon })]);
        await lane.SendAsync(lane.Commit(rows: [lane.Row(0)]));
        await other.WriteAsync(other.Checkpoint(0));

        var heads = new List<CheckpointHead>();
        await foreach (var head in _outcomes.ReadCheckpointHeadsAsync(lane.Lane, Cancellation)) heads.Add(head);
        Assert.Equal(
            checkpoints.Select(checkpoint => new CheckpointHead(checkpoint.VehicleId, checkpoint.Head, checkpoint.DueAt)),
            heads.OrderBy(head => head.VehicleId, StringComparer.Ordinal));
    }

    private static void Same(Checkpoint expected, Checkpoint? found)
    {
        Assert.NotNull(found);
        Assert.Equal(expected with { State = default }, found with { State = default });
        Assert.Equal(expected.State.ToArray(), found.State.ToArray());
    }

    private Task<Checkpoint?> ReadAsync(OutcomeLane lane, PositionKey? before = null) =>
        _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, before, Cancellation);

    /// <summary>Minutes after noon of all heads of the vehicle, newest first.</summary>
    private async Task<IEnumerable<double>> HeadsAsync(OutcomeLane lane) => (await HeadTimesAsync(lane)).Select(head => (head - OutcomeLane.Noon).TotalMinutes);

    private async Task<List<DateTimeOffset>> HeadTimesAsync(OutcomeLane lane)
    {
        var heads = new List<DateTimeOffset>();
        for (var next = await ReadAsync(lane); next is not null; next = await ReadAsync(lane, next.Head))
        {
            heads.Add(next.Head.FixedAt);
            Assert.True(heads.Count < 100, "each one is before the one that was read last");
        }

        return heads;
    }
}

public sealed class SqliteCheckpointTests(SqliteFixture fixture) : CheckpointCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class IndexedSqliteCheckpointTests(IndexedSqliteFixture fixture) : CheckpointCompliance(fixture), IClassFixture<IndexedSqliteFixture>;

public sealed class PostgreSqlCheckpointTests(PostgreSqlFixture fixture) : CheckpointCompliance(fixture), IClassFixture<PostgreSqlFixture>;
