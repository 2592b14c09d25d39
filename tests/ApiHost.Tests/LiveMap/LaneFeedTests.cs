using FleetTracker.LiveMap;

namespace FleetTracker.LiveMap.Tests;

public sealed class LaneFeedTests
{
    private static readonly DateTimeOffset Now = Fleet.Noon;

    private static LanePart Part(long since, long number, params LiveVehicle[] upserts) =>
        new(new LaneDelta { Lane = 0, Since = since, Number = number, Upserts = [.. upserts] });

    private static LaneSnapshot Snapshot(long number) => new() { Lane = 0, Number = number, Vehicles = [] };

    private static LaneFeed At(long number)
    {
        var lane = new LaneFeed(0, Now);
        lane.Ask(Now);
        Assert.NotNull(lane.Answer(Snapshot(number), Now).Snapshot);
        return lane;
    }

    [Fact]
    public void A_chain_of_deltas_is_applied()
    {
        var lane = At(5);
        Assert.True(lane.TryTake(Part(5, 6), Now));
        Assert.True(lane.TryTake(Part(6, 9), Now));
        Assert.True(lane.TryTake(Part(9, 9), Now));
        Assert.Equal(9, lane.Number);
    }

    [Theory]
    [InlineData(6, 7)]
    [InlineData(4, 8)]
    [InlineData(50, 50)]
    public void A_gap_asks_for_a_snapshot(long since, long number)
    {
        var lane = At(5);
        Assert.False(lane.TryTake(Part(since, number), Now));
        Assert.Null(lane.Number);
        Assert.Equal("gap", lane.ResyncReason);
    }

    [Fact]
    public void A_delta_of_before_the_snapshot_is_old_news()
    {
        var lane = At(5);
        Assert.False(lane.TryTake(Part(3, 5), Now));
        Assert.Equal(5, lane.Number);
    }

    [Fact]
    public void Deltas_that_overtake_their_snapshot_continue_it()
    {
        var lane = new LaneFeed(0, Now);
        lane.Ask(Now);
        Assert.False(lane.TryTake(Part(8, 9), Now));
        Assert.False(lane.TryTake(Part(9, 12), Now));
        var (snapshot, then) = lane.Answer(Snapshot(8), Now);
        Assert.NotNull(snapshot);
        Assert.Equal([9L, 12L], then.Select(part => part.Number));
        Assert.Equal(12, lane.Number);
    }

    [Fact]
    public void A_snapshot_that_a_delta_overtook_is_not_applied_over_newer_state()
    {
        var lane = At(5);
        lane.Ask(Now);
        Assert.True(lane.TryTake(Part(5, 7), Now));
        Assert.Null(lane.Answer(Snapshot(6), Now).Snapshot);
        Assert.Equal(7, lane.Number);
    }

    [Fact]
    public void A_chain_that_is_broken_says_nothing_of_when_the_lane_was_heard()
    {
        var lane = At(5);
        lane.Break("tenants");
        lane.Ask(Now.AddSeconds(20));
        Assert.False(lane.TryTake(Part(5, 6), Now.AddSeconds(20)));
        lane.GiveUp(failed: true);
        Assert.Equal(Now, lane.HeardAt);
        lane.Ask(Now.AddSeconds(30));
        lane.Answer(Snapshot(6), Now.AddSeconds(30));
        Assert.Equal(Now.AddSeconds(30), lane.HeardAt);
    }

    [Fact]
    public void Consecutive_deltas_conflate_to_the_newest_per_vehicle()
    {
        var part = Part(1, 2, Fleet.Live("a", 1, 1), Fleet.Live("b", 1, 1));
        Assert.True(part.TryAppend(new LaneDelta { Lane = 0, Since = 2, Number = 4, Upserts = [Fleet.Live("a", 2, 2)], Removals = ["b"] }));
        Assert.False(part.TryAppend(new LaneDelta { Lane = 0, Since = 5, Number = 6, Upserts = [] }));
        Assert.Equal((1L, 4L), (part.Since, part.Number));
        Assert.Equal(2, Assert.Single(part.Upserts).Latitude);
        Assert.Equal(["b"], part.Removals);
    }

    [Fact]
    public async Task The_inbox_holds_a_fleet_and_not_a_history()
    {
        var inbox = new FeedInbox(new LiveWake());
        for (var i = 0; i < 1_000; i++)
            await inbox.ChangedAsync([new LaneDelta { Lane = 0, Since = i, Number = i + 1, Upserts = [Fleet.Live("a", i * 0.01, 0)] }]);
        var part = Assert.Single(inbox.TakeAll());
        Assert.Equal((0L, 1_000L, 9.99), (part.Since, part.Number, Assert.Single(part.Upserts).Latitude));
        for (var i = 0; i < 1_000; i++) await inbox.ChangedAsync([new LaneDelta { Lane = 0, Since = i * 2, Number = (i * 2) + 1, Upserts = [] }]);
        Assert.InRange(inbox.TakeAll().Count, 1, 8);
    }
}
