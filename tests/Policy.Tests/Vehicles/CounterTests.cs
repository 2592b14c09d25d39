using System.Collections.Frozen;
using CsCheck;

namespace FleetTracker.Vehicles;

public sealed class CounterTests
{
    [Fact]
    public void Without_a_word_from_anybody_the_odometer_is_the_way()
    {
        var counters = After(new Trace { Ignition = true }.Stand(60).Drive(5_000, 0));
        Assert.Equal((CounterSource.Counted, CounterSource.Counted), (counters.OdometerSource, counters.EngineTimeSource));
        Assert.InRange(counters.OdometerMeters, 4_950, 5_050);
        Assert.Equal(550, counters.EngineTime.TotalSeconds);
    }

    [Fact]
    public void A_reading_is_counted_on_by_what_comes_after_it()
    {
        var trace = new Trace { Ignition = true }.Stand(60).Drive(5_000, 0);
        var at = trace.Now;
        trace.Stand(60).Drive(2_000, 0);
        var counters = After(trace, Said(1_000_000, at.AddSeconds(30)), Said(7_200, at.AddSeconds(30)));
        Assert.Equal((CounterSource.Set, CounterSource.Set), (counters.OdometerSource, counters.EngineTimeSource));
        Assert.InRange(counters.OdometerMeters, 1_001_980, 1_002_020);
        Assert.Equal(7_200 + 230, counters.EngineTime.TotalSeconds);
    }

    [Fact]
    public void Between_two_fixes_only_the_way_after_the_reading_counts()
    {
        var trace = new Trace { Ignition = true }.Stand(60).Drive(1_000, 0, speed: 10, every: 100);
        var counters = After(trace, Said(500_000, trace.Now.AddSeconds(-25)), Said(100, trace.Now.AddSeconds(-25)));
        Assert.Equal(500_250, counters.OdometerMeters, 3.0);
        Assert.Equal(125, counters.EngineTime.TotalSeconds, 0.001);
    }

    [Fact]
    public void A_reading_after_the_newest_fix_is_what_is_shown_from_then_on()
    {
        var trace = new Trace().Stand(60).Drive(1_000, 0);
        var readings = new CounterReadings(Said(5_000, trace.Now.AddSeconds(60)), null);
        Assert.Equal(CounterSource.Counted, After(trace, readings, trace.Now.AddSeconds(59)).OdometerSource);
        Assert.Equal(5_000, After(trace, readings, trace.Now.AddSeconds(60)).OdometerMeters);
    }

    [Fact]
    public void The_newest_reading_holds_and_one_taken_back_leaves_the_devices()
    {
        var trace = Metered(80_000);
        Assert.Equal(90_500, After(trace, Said(90_000, Trace.Start.AddSeconds(60)), null).OdometerMeters, 20.0);
        var back = After(trace, Said(null, Trace.Start.AddSeconds(60)), null);
        Assert.Equal((CounterSource.Device, 81_000), (back.OdometerSource, Math.Round(back.OdometerMeters)));
    }

    [Fact]
    public void A_device_that_says_its_odometer_is_followed()
    {
        var counters = After(Metered(250_000_000));
        Assert.Equal((CounterSource.Device, 250_001_000), (counters.OdometerSource, counters.OdometerMeters));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void A_device_that_begins_again_does_not_undo_what_was_driven(double again)
    {
        var trace = Metered(250_000);
        for (var i = 1; i <= 10; i++) trace.Fix(1_000 + (i * 100), 0, 10).Change(fix => fix with { OdometerMeters = again + (i * 100) });
        Assert.Equal(252_000, After(trace).OdometerMeters, 30.0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_odometer_that_stands_still_on_the_way_is_none(bool withSpeed)
    {
        var trace = new Trace { WithSpeed = withSpeed }.Stand(900).Drive(20_000, 0).Stand(900);
        var rows = trace.Rows.Select(row => row with { OdometerMeters = 0 }).ToList();
        var archive = new Archive(TenantRules.None);
        foreach (var row in rows) archive.Commit([row], row.ReceivedAt);
        archive.Elapse(trace.Now);
        var trip = Assert.Single(archive.Said, outcome => outcome.Kind is "trip");
        Assert.InRange(trip.Number("distance"), 18_500, 20_100);
    }

    [Fact]
    public void What_turns_out_to_be_noise_is_not_taken_from_a_reading()
    {
        var trace = new Trace().Stand(100).Fix(120, 0, 0, after: 30).Fix(240, 0, 0, after: 30);
        var from = trace.Now.AddSeconds(1);
        trace.Fix(245, 0, 0).Fix(0, 0, 0, after: 30).Stand(100);
        Assert.InRange(After(trace, Said(100_000, from), null).OdometerMeters, 100_000, 100_260);
    }

    [Fact]
    public void One_wild_reading_of_a_device_changes_nothing()
    {
        var trace = Metered(250_000);
        trace.Fix(1_100, 0, 10).Change(fix => fix with { OdometerMeters = 4_294_967_295 });
        for (var i = 2; i <= 10; i++) trace.Fix(1_000 + (i * 100), 0, 10).Change(fix => fix with { OdometerMeters = 251_000 + (i * 100) });
        Assert.Equal(252_000, After(trace).OdometerMeters, 30.0);
    }

    [Fact]
    public void A_reading_is_worth_the_same_wherever_it_falls_between_the_fixes() =>
        Gen.Select(Gen.Int[0, 699], Gen.Double[0, 1e9]).Sample((second, value) =>
        {
            // 10 m/s all the time: what is left to drive is what is added.
            var trace = new Trace();
            for (var i = 0; i <= 70; i++) trace.Fix(i * 100, 0, 10);
            var counters = After(trace, Said(value, Trace.Start.AddSeconds(10 + second)), null);
            Assert.Equal(value + 7_000 - (second * 10), counters.OdometerMeters, 40.0);
        });

    private static Trace Metered(double from)
    {
        var trace = new Trace();
        for (var i = 0; i <= 10; i++) trace.Fix(i * 100, 0, 10).Change(fix => fix with { OdometerMeters = from + (fix.FixedAt - Trace.Start).TotalSeconds * 10 - 100 });
        return trace;
    }

    private static CounterReading Said(double? value, DateTimeOffset from) => new(value, from);

    private static VehicleCounters After(Trace trace, CounterReading? odometer = null, CounterReading? engine = null) =>
        After(trace, new CounterReadings(odometer, engine), trace.Now);

    private static VehicleCounters After(Trace trace, CounterReadings readings, DateTimeOffset now)
    {
        var rules = TenantRules.None with { Readings = FrozenDictionary.ToFrozenDictionary([KeyValuePair.Create("v1", readings)]) };
        var state = new VehicleState();
        foreach (var row in trace.Rows) VehiclePolicy.Fold(state, row, rules);
        return VehiclePolicy.CountersOf(state, "v1", now, rules)!;
    }
}
