using FleetTracker.Simulation;
using FleetTracker.Simulator.Tests.Verification;

namespace FleetTracker.Simulator.Tests.Replay;

public sealed class ReplayScheduleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Vehicles_are_merged_by_time_and_distances_divided_by_the_speed()
    {
        TraceElement[] elements = [At("one", 0), At("one", 10), At("other", 4)];

        var schedule = ReplaySchedule.Of(elements, speed: 2).ToList();

        Assert.Equal([0, 2, 5], schedule.Select(entry => entry.Due.TotalSeconds));
        Assert.Equal(["one", "other", "one"], schedule.Select(entry => entry.Element.DeviceId));
    }

    [Fact]
    public void A_fix_that_goes_back_in_time_follows_the_one_before_it_at_once()
    {
        TraceElement[] elements = [At("one", 10), At("one", 3), At("one", 12)];

        var schedule = ReplaySchedule.Of(elements, speed: 1).ToList();

        Assert.Equal(elements, schedule.Select(entry => entry.Element));
        Assert.Equal([7, 7, 9], schedule.Select(entry => entry.Due.TotalSeconds));
    }

    [Fact]
    public void As_fast_as_possible_is_the_order_of_the_file()
    {
        TraceElement[] elements = [At("one", 10), At("other", 3), At("one", 12)];

        Assert.Equal(elements.Select(element => (TimeSpan.Zero, element)), ReplaySchedule.Of(elements, speed: 0));
    }

    private static TraceElement At(string deviceId, int seconds) => Elements.At(Noon.AddSeconds(seconds), 60, 25, deviceId);
}
