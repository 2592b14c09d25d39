using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

public sealed class DrivingTests
{
    [Theory]
    [InlineData(20, 14, 1, "harsh.braking")]
    [InlineData(10, 14, 1, "harsh.acceleration")]
    [InlineData(20, 17, 1, null)]
    [InlineData(20, 8, 4, null)]
    public void A_harsh_change_of_speed_between_close_fixes_is_an_event(double before, double after, double seconds, string? kind)
    {
        var trace = new Trace().Fix(0, 0, before).Fix(20, 0, after, seconds);
        var said = Told.Of(trace, TenantRules.None, "harsh.*");
        Assert.Equal(kind is null ? [] : [kind], said.Select(outcome => outcome.Kind));
        if (kind is not null) Assert.Equal((after - before) / seconds, said[0].Number("acceleration"), 3);
    }

    [Fact]
    public void Braking_that_goes_on_is_one_event()
    {
        var trace = new Trace().Fix(0, 0, 30).Fix(25, 0, 24, 1).Fix(45, 0, 18, 1).Fix(60, 0, 12, 1).Fix(70, 0, 6, 1);
        Assert.Single(Told.Of(trace, TenantRules.None, "harsh.braking"));
    }

    [Theory]
    [InlineData(15, 30, 1)]
    [InlineData(15, 330, 1)]
    [InlineData(15, 10, 0)]
    [InlineData(2, 90, 0)]
    public void A_sharp_turn_at_speed_is_harsh_cornering(double speed, double heading, int events)
    {
        var trace = new Trace().Fix(0, 0, speed).Change(fix => fix with { HeadingDegrees = 0 }).Fix(1, 15, speed, 1).Change(fix => fix with { HeadingDegrees = heading });
        Assert.Equal(events, Told.Of(trace, TenantRules.None, "harsh.cornering").Count);
    }

    [Fact]
    public void Too_fast_for_long_enough_lasts_to_the_last_fix_above()
    {
        var rules = TenantRules.None with { Options = new VehicleOptions { SpeedLimitMetersPerSecond = 12 } };
        var trace = new Trace().Stand(60).Drive(1_000, 0, speed: 10).Fix(1_150, 0, 15).Fix(1_300, 0, 16).Fix(1_450, 0, 14).Drive(1_000, 0, speed: 10);
        var speeding = Assert.Single(Told.Of(trace, rules, "overspeed"));
        Assert.Equal(OutcomeState.Closed, speeding.State);
        Assert.Equal(20, speeding.EndSecond() - speeding.Second());
        Assert.Equal(16, speeding.Number("peak"));
    }

    [Fact]
    public void Too_fast_for_a_moment_is_no_event()
    {
        var rules = TenantRules.None with { Options = new VehicleOptions { SpeedLimitMetersPerSecond = 12 } };
        Assert.Empty(Told.Of(new Trace().Fix(0, 0, 10).Fix(150, 0, 15).Fix(300, 0, 15).Fix(400, 0, 10), rules, "overspeed"));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    [InlineData(null, 0)]
    public void Standing_with_the_engine_on_is_idling(bool? ignition, int events)
    {
        var trace = new Trace { Ignition = ignition }.Stand(400).Drive(2_000, 0);
        var said = Told.Of(trace, TenantRules.None, "idling");
        Assert.Equal(events, said.Count);
        if (events > 0) Assert.Equal((OutcomeState.Closed, 10, 410), (said[0].State, said[0].Second(), said[0].EndSecond()));
    }

    [Fact]
    public void Ignition_that_is_said_only_when_it_changes_holds_until_then()
    {
        var trace = new Trace().Fix(0, 0, 0).Change(fix => fix with { Ignition = true }).Stand(400).Fix(0, 0, 0).Change(fix => fix with { Ignition = false }).Stand(400);
        var idling = Assert.Single(Told.Of(trace, TenantRules.None, "idling"));
        Assert.Equal((OutcomeState.Closed, trace.Rows[0].FixedAt, 420), (idling.State, idling.At.FixedAt, idling.EndSecond()));
    }

    [Fact]
    public void Idling_shorter_than_the_option_is_none_and_while_it_lasts_it_is_open()
    {
        Assert.Empty(Told.Of(new Trace { Ignition = true }.Stand(280).Drive(2_000, 0), TenantRules.None, "idling"));
        Assert.Equal(OutcomeState.Open, Assert.Single(Told.Of(new Trace { Ignition = true }.Stand(400), TenantRules.None, "idling")).State);
    }

    /// <summary>Ignition said once, with every row, or with every sixth: the engine ran as long.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(1_000)]
    public void Engine_time_is_that_of_the_rows_however_often_ignition_is_said(int every)
    {
        var trace = new Trace();
        for (var i = 0; i <= 400; i++)
        {
            var isSaid = i % every == 0;
            trace.Fix(i * 100, 0, 10, after: 10).Change(fix => fix with { Ignition = isSaid ? true : null });
        }

        Assert.Equal(TimeSpan.FromSeconds(4_000), Told.Archive(trace, TenantRules.None).Memory!.State.Distance.EngineOn);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void A_way_that_begins_with_the_ignition_off_is_a_tow_also_when_it_is_said_once(bool isOff, int events)
    {
        var trace = new Trace().Fix(0, 0, 0).Change(fix => fix with { Ignition = !isOff }).Stand(600).Drive(5_000, 0);
        Assert.Equal(events, Told.Of(trace, TenantRules.None, "tow").Count);
    }

    [Fact]
    public void A_speed_that_wavers_around_the_limit_is_one_overspeed()
    {
        var rules = TenantRules.None with { Options = new VehicleOptions { SpeedLimitMetersPerSecond = 25 } };
        var trace = new Trace();
        for (var i = 0; i < 40; i++)
        {
            double? speed = i % 8 == 6 ? null : i % 4 == 3 ? 24.9 : 25.6;
            trace.Fix(i * 256, 0, 25.6, after: 10).Change(fix => fix with { SpeedMetersPerSecond = speed });
        }

        var overspeed = Assert.Single(Told.Of(trace.Fix(10_200, 0, 20, after: 10), rules, "overspeed"));
        Assert.Equal(OutcomeState.Closed, overspeed.State);
        Assert.InRange(overspeed.Number("peak"), 25.55, 25.75);
        Assert.InRange(overspeed.Number("duration"), 360, 400);
    }

    [Fact]
    public void A_device_that_never_says_its_speed_is_too_fast_by_its_way()
    {
        var rules = TenantRules.None with { Options = new VehicleOptions { SpeedLimitMetersPerSecond = 20 } };
        var trace = new Trace();
        for (var i = 0; i < 15; i++) trace.Fix(i * 400, 0, 0, after: 10).Change(fix => fix with { SpeedMetersPerSecond = null });
        Assert.Equal(40, Math.Round(Assert.Single(Told.Of(trace, rules, "overspeed")).Number("limit") * 2));
        Assert.Empty(Told.Of(trace, TenantRules.None with { Options = new VehicleOptions { SpeedLimitMetersPerSecond = 45 } }, "overspeed"));
    }

    [Fact]
    public void Fixes_that_are_parts_of_a_second_apart_tell_no_acceleration() =>
        Assert.Empty(Told.Of(new Trace().Fix(0, 0, 14).Fix(5, 0, 13, after: 0.2).Fix(140, 0, 13, after: 10), TenantRules.None, "harsh.braking"));
}
