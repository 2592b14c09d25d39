using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Outcomes;

/// <summary>What leaves with a vehicle, and what with time. Retention concerns the whole store, so this has one of its own.</summary>
public abstract class OutcomeDeletionCompliance(StorageFixture fixture)
{
    private const double Day = 24 * 60;

    private static readonly TimeSpan Retention = TimeSpan.FromDays(20);

    private readonly ITelemetryStore _store = fixture.Telemetry;
    private readonly IOutcomeStore _outcomes = fixture.Outcomes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outcomes_and_checkpoints_leave_with_their_vehicle()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var other = lane.Outcome(0) with { VehicleId = lane.Vehicle + "-stays" };
        var others = lane.Checkpoint(0) with { VehicleId = other.VehicleId };
        await lane.SendAsync(lane.Commit(
            [.. Enumerable.Range(0, 4_500).Select(i => lane.Outcome(i)), lane.OpenSince(1), other], [lane.Checkpoint(0), lane.Checkpoint(-Day), others], [lane.Row(0)]));
        var (outcomes, checkpoints) = (await CountAsync("outcomes"), await CountAsync("checkpoints"));
        await _store.DeleteVehiclesAsync("t-other", [lane.Vehicle], Cancellation);
        Assert.NotNull(await _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, null, Cancellation));
        Assert.Equal(4_502, (await _outcomes.ReadFeedAsync(lane.Lane, default, 10_000, Cancellation)).Count);

        await _store.DeleteVehiclesAsync(lane.Tenant, [lane.Vehicle], Cancellation);
        await AssertOnlyAsync(lane, other, others);

        Assert.Equal(outcomes - 4_501, await CountAsync("outcomes"));
        Assert.Equal(checkpoints - 2, await CountAsync("checkpoints"));

        // It may come back, and finds nothing of itself.
        var again = lane.Outcome(3);
        await lane.SendAsync(lane.Commit([again], rows: [lane.Row(0)]));
        Assert.Equal([again], await _outcomes.ReadOutcomesAfterAsync(lane.Tenant, lane.Vehicle, null, Cancellation));
        Assert.Null(await _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, null, Cancellation));
    }

    [Fact]
    public async Task Outcomes_leave_when_they_are_over_since_before_the_oldest_day()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var midnight = (-20 * Day) - (12 * 60);
        var before = midnight - (1.0 / 60_000_000);
        Outcome[] kept =
        [
            lane.Outcome(midnight), lane.Outcome(midnight - (40 * Day), midnight), lane.Outcome(-5, 5), lane.OpenSince(midnight), lane.OpenSince(before - (50 * Day)), lane.Outcome(0) with { State = OutcomeState.Withdrawn },
        ];
        await lane.WriteAsync(
        [
            .. kept, lane.Outcome(before), lane.Outcome(before - 60, before), lane.Outcome(before, null, OutcomeState.Withdrawn),
            lane.Outcome(before) with { VehicleId = lane.Vehicle + "-other" },
            .. Enumerable.Range(0, 7_000).Select(i => lane.Outcome(before - i) with { Type = (OutcomeType)(i % 5) }),
        ]);

        await _store.ApplyRetentionAsync(OutcomeLane.Noon, Retention, Cancellation);
        Assert.Equal(kept, (await _outcomes.ReadFeedAsync(lane.Lane, default, 10_000, Cancellation)).Select(item => item.Outcome));
        Assert.Equal(
            kept.OrderBy(outcome => outcome.At).ThenBy(outcome => outcome.Id), await _outcomes.ReadOutcomesAsync(lane.Query() with { IncludeWithdrawn = true }, Cancellation));
    }

    [Fact]
    public async Task Of_checkpoints_that_no_row_can_reach_the_newest_stays()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var other = lane.Checkpoint(-300 * Day) with { VehicleId = lane.Vehicle + "-parked" };
        foreach (var day in new[] { -400, -30, -11, -10, -9, -8, 0 }) await lane.WriteAsync(lane.Checkpoint(day * Day));
        await lane.WriteAsync(lane.Checkpoint(-10 * Day, 9), other);

        await _store.ApplyRetentionAsync(OutcomeLane.Noon, Retention, Cancellation);
        var heads = new List<PositionKey>();
        for (PositionKey? before = null; await _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, before, Cancellation) is { } next; before = next.Head)
        {
            heads.Add(next.Head);
            Assert.True(heads.Count < 100, "each one is before the one that was read last");
        }

        Assert.Equal([OutcomeLane.Key(0), OutcomeLane.Key(-8 * Day), OutcomeLane.Key(-9 * Day), OutcomeLane.Key(-10 * Day, 9)], heads);
        Assert.NotNull(await _outcomes.ReadCheckpointAsync(lane.Tenant, other.VehicleId, null, Cancellation));
    }

    /// <summary>Also those that no vehicle leads to any more.</summary>
    private Task<long> CountAsync(string table) =>
        fixture.Databases.Telemetry.ReadAsync(session => session.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}"), Cancellation);

    private async Task AssertOnlyAsync(OutcomeLane lane, Outcome outcome, Checkpoint checkpoint)
    {
        Assert.Equal([outcome], (await _outcomes.ReadFeedAsync(lane.Lane, default, 10_000, Cancellation)).Select(item => item.Outcome));
        Assert.Equal([outcome], await _outcomes.ReadOutcomesAsync(lane.Query(), Cancellation));
        Assert.Null(await _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, null, Cancellation));
        var heads = new List<CheckpointHead>();
        await foreach (var head in _outcomes.ReadCheckpointHeadsAsync(lane.Lane, Cancellation)) heads.Add(head);
        Assert.Equal([new CheckpointHead(checkpoint.VehicleId, checkpoint.Head, null)], heads);
    }
}

public sealed class SqliteOutcomeDeletionTests(SqliteFixture fixture) : OutcomeDeletionCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlOutcomeDeletionTests(PostgreSqlFixture fixture) : OutcomeDeletionCompliance(fixture), IClassFixture<PostgreSqlFixture>;
