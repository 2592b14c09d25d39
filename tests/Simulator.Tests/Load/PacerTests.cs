using FleetTracker.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Simulator.Tests.Load;

public sealed class PacerTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void The_first_is_due_at_once_and_the_next_after_its_share_of_a_second()
    {
        var pacer = new Pacer(100, _clock);
        Assert.Equal(1, pacer.Due());

        pacer.Take();

        Assert.Equal(0, pacer.Due());
        Assert.Equal(TimeSpan.FromMilliseconds(10), pacer.UntilNext());
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal((1, TimeSpan.Zero), (pacer.Due(), pacer.UntilNext()));
    }

    [Fact]
    public void Lost_time_is_made_good()
    {
        var pacer = new Pacer(1_000, _clock);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(2), pacer.Lag());
        for (; pacer.Due() > 0; pacer.Take()) { }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1_000, pacer.Due());
    }

    [Fact]
    public void Without_a_rate_everything_is_due_and_nothing_late()
    {
        var pacer = new Pacer(0, _clock);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((long.MaxValue, TimeSpan.Zero, TimeSpan.Zero), (pacer.Due(), pacer.UntilNext(), pacer.Lag()));
    }
}
