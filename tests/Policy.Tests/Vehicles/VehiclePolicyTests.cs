using CsCheck;
using FleetTracker.LiveMap;

namespace FleetTracker.Vehicles;

public sealed class VehiclePolicyTests
{
    private static readonly VehicleOptions Options = new();

    [Fact]
    public void State_does_not_depend_on_the_order_or_repetition_of_rows() =>
        Gen.Select(Gen.Int[0, 50], Gen.Long[1, 3]).List[1, 40].SelectMany(rows => Gen.Shuffle(rows.Concat(rows).ToArray()).Select(shuffled => (rows, shuffled))).Sample(pair =>
        {
            var inOrder = Fold(pair.rows.OrderBy(row => row.Item1).ThenBy(row => row.Item2));
            var shuffled = Fold(pair.shuffled);
            return inOrder.Newest!.FixedAt == shuffled.Newest!.FixedAt && inOrder.Newest.Digest == shuffled.Newest.Digest;
        });

    [Theory]
    [InlineData(0.0, null, MotionStatus.Stopped)]
    [InlineData(0.99, null, MotionStatus.Stopped)]
    [InlineData(1.0, null, MotionStatus.Moving)]
    [InlineData(0.0, true, MotionStatus.Idling)]
    [InlineData(30.0, false, MotionStatus.Moving)]
    [InlineData(null, true, MotionStatus.Idling)]
    [InlineData(null, false, MotionStatus.Stopped)]
    [InlineData(null, null, MotionStatus.Unknown)]
    public void Motion_follows_speed_then_ignition(double? speed, bool? ignition, MotionStatus expected)
    {
        var state = VehiclePolicy.Fold(VehicleState.NeverSeen, Fixes.At(0, speed: speed) with { Ignition = ignition });
        Assert.Equal(expected, VehiclePolicy.ToLive(state, Options).Motion);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(200, 10)]
    [InlineData(600, 30)]
    [InlineData(36_000, 1_800)]
    [InlineData(86_400, 2_160)]
    public void Offline_is_the_larger_of_ten_minutes_and_three_intervals_up_to_a_limit(int intervalSeconds, int expectedMinutes)
    {
        var state = VehicleState.NeverSeen;
        for (var i = 0; i < 5; i++) state = VehiclePolicy.Fold(state, Fixes.At(i * intervalSeconds));
        var live = VehiclePolicy.ToLive(state, Options);
        Assert.Equal(TimeSpan.FromMinutes(expectedMinutes), live.OfflineAt - live.ReceivedAt);
    }

    [Fact]
    public void A_backlog_that_arrives_at_once_does_not_shorten_the_interval()
    {
        var state = VehiclePolicy.Fold(VehicleState.NeverSeen, Fixes.At(0));
        state = VehiclePolicy.Fold(state, Fixes.At(1000));
        var interval = state.Interval;
        state = VehiclePolicy.Fold(state, Fixes.At(1001) with { ReceivedAt = Fixes.Noon.AddSeconds(1000) });
        Assert.Equal(interval, state.Interval);
    }

    private static VehicleState Fold(IEnumerable<(int Second, long Digest)> rows) =>
        rows.Aggregate(VehicleState.NeverSeen, (state, row) => VehiclePolicy.Fold(state, Fixes.At(row.Second, digest: row.Digest)));
}
