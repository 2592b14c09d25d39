using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

public sealed class FuelTests
{
    private static readonly TenantRules Rules = TestSensors.Rules(TestSensors.Fuel());

    private static List<Outcome> Fuel(Trace trace, TenantRules? rules = null, TimeSpan later = default) => Told.Of(trace, rules ?? Rules, "fuel.*", later);

    /// <summary>A level while the vehicle stands, with the little noise of a sender.</summary>
    private static Trace Stand(Trace trace, double seconds, double level, double every = 10, double noise = 0.5)
    {
        for (var passed = 0.0; passed < seconds; passed += every) trace.Say("fuel", level + (noise * Math.Sin(trace.Rows.Count * 2.4)), every);
        return trace;
    }

    /// <summary>Driving at 20 m/s: the level sloshes and falls with what is used.</summary>
    private static Trace Drive(Trace trace, double seconds, double from, double to, double slosh = 8, double every = 10)
    {
        for (var passed = every; passed <= seconds; passed += every)
        {
            var swing = slosh * Math.Sin(trace.Rows.Count * 1.9) * Math.Cos(trace.Rows.Count * 0.7);
            trace.Say("fuel", from + ((to - from) * passed / seconds) + swing, every, speed: 20);
        }

        return trace;
    }

    private static Trace Ramp(Trace trace, double seconds, double from, double to, double every = 10)
    {
        for (var passed = every; passed <= seconds; passed += every) trace.Say("fuel", from + ((to - from) * passed / seconds), every);
        return trace;
    }

    [Fact]
    public void A_fill_is_told_once_with_what_was_before_and_after()
    {
        var trace = Stand(Ramp(Stand(new Trace(), 300, 60), 180, 60, 200), 300, 200);
        var fill = Assert.Single(Fuel(trace));
        Assert.Equal(("fuel.fill", "s1", OutcomeState.Closed), (fill.Kind, fill.Subject, fill.State));
        Assert.InRange(fill.Number("before"), 58, 66);
        Assert.InRange(fill.Number("after"), 199, 201);
        Assert.Equal(fill.Number("after") - fill.Number("before"), fill.Number("amount"), 2);
        Assert.InRange(fill.Second(), 300, 350);
        Assert.InRange(fill.EndSecond()!.Value, 470, 510);
    }

    [Fact]
    public void A_drain_while_parked_is_told()
    {
        var trace = Stand(Ramp(Stand(Drive(new Trace(), 1_800, 200, 190), 600, 190), 240, 190, 130), 600, 130);
        var drain = Assert.Single(Fuel(trace));
        Assert.Equal("fuel.drain", drain.Kind);
        Assert.InRange(drain.Number("amount"), 56, 63);
        Assert.InRange(drain.Second(), 2_400, 2_480);
    }

    [Fact]
    public void A_drain_over_night_is_seen_when_the_tracker_wakes_up()
    {
        var trace = Stand(Stand(Drive(new Trace(), 600, 200, 195), 120, 195).Wait(28_000), 30, 140);
        var drain = Assert.Single(Fuel(Drive(trace, 600, 140, 138)));
        Assert.Equal("fuel.drain", drain.Kind);
        Assert.InRange(drain.Number("amount"), 50, 60);
    }

    [Fact]
    public void A_fill_of_a_sleeping_tracker_is_seen_when_it_drives_on()
    {
        var fill = Assert.Single(Fuel(Drive(Stand(Drive(new Trace(), 600, 60, 55), 60, 55).Wait(1_200), 900, 180, 175)));
        Assert.Equal("fuel.fill", fill.Kind);
        Assert.InRange(fill.Number("amount"), 115, 135);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(11)]
    public void Slosh_is_neither_fill_nor_drain(double slosh)
    {
        var trace = new Trace();
        for (var i = 0; i < 10; i++) Stand(Drive(trace, 1_200, 200 - (i * 8), 192 - (i * 8), slosh), 120, 192 - (i * 8), noise: 1);
        Assert.Empty(Fuel(trace));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public void A_spike_is_neither_fill_nor_drain(double spike)
    {
        var trace = new Trace();
        for (var i = 0; i < 10; i++) Stand(trace, 200, 100).Say("fuel", spike).Say("fuel", spike);
        Assert.Empty(Fuel(Stand(trace, 200, 100)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    public void A_spike_as_the_last_word_before_silence_is_neither(double spike)
    {
        // As senders do when the engine is switched off.
        var trace = Stand(new Trace(), 300, 100).Say("fuel", spike).Say("fuel", spike);
        Assert.Empty(Fuel(trace, later: TimeSpan.FromHours(1)));
        Assert.Single(Fuel(trace, TestSensors.Rules(TestSensors.Fuel(smoothing: 3)), TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_fill_after_a_spike_begins_where_it_begins()
    {
        // Up for 50 s and back for 40 s, then up to stay.
        var trace = Stand(Stand(Stand(Stand(new Trace(), 300, 100), 50, 140), 40, 100), 600, 140);
        Assert.InRange(Assert.Single(Fuel(trace)).Second(), 395, 405);
    }

    [Fact]
    public void A_level_that_comes_back_within_the_duration_had_not_changed()
    {
        // Ninety seconds on a slope.
        Assert.Empty(Fuel(Stand(Stand(Stand(new Trace(), 300, 100), 90, 130), 300, 100)));
        Assert.Empty(Fuel(Stand(Stand(Stand(new Trace(), 300, 100), 90, 70), 300, 100)));
    }

    [Fact]
    public void What_an_engine_uses_is_no_drain()
    {
        Assert.Empty(Fuel(Drive(new Trace(), 4 * 3_600, 300, 160)));
        // A night of idling.
        Assert.Empty(Fuel(Ramp(new Trace(), 8 * 3_600, 200, 176, every: 30)));
        // Sparse reports of a long way.
        Assert.Empty(Fuel(Drive(new Trace(), 4 * 3_600, 300, 160, slosh: 2, every: 600)));
    }

    [Fact]
    public void What_was_used_on_a_way_that_nobody_saw_is_no_drain()
    {
        var trace = Stand(Drive(new Trace(), 600, 250, 245), 120, 245);
        trace.Fix(trace.East + 200_000, trace.North, 0, 10_800);
        Assert.Empty(Fuel(Stand(trace, 900, 170)));
    }

    [Fact]
    public void A_fill_after_a_way_that_nobody_saw_is_one()
    {
        var trace = Stand(Drive(new Trace(), 600, 100, 95), 120, 95);
        trace.Fix(trace.East + 100_000, trace.North, 0, 7_200);
        Assert.Equal("fuel.fill", Assert.Single(Fuel(Stand(trace, 900, 170))).Kind);
    }

    [Fact]
    public void A_slow_rise_is_no_fill() => Assert.Empty(Fuel(Ramp(Stand(new Trace(), 300, 100), 6 * 3_600, 100, 140, every: 60)));

    [Theory]
    [InlineData(19, 0)]
    [InlineData(21, 1)]
    public void A_fill_must_have_its_amount(double amount, int fills) =>
        Assert.Equal(fills, Fuel(Stand(Stand(new Trace(), 300, 100, noise: 0), 300, 100 + amount, noise: 0)).Count);

    [Theory]
    [InlineData(14, 0)]
    [InlineData(16, 1)]
    public void A_drain_must_have_its_amount(double amount, int drains) =>
        Assert.Equal(drains, Fuel(Stand(Stand(new Trace(), 300, 100, noise: 0), 300, 100 - amount, noise: 0)).Count);

    [Fact]
    public void What_is_not_asked_for_is_not_told()
    {
        var trace = Stand(Stand(Stand(new Trace(), 300, 100), 300, 150), 300, 100);
        Assert.Equal(["fuel.fill", "fuel.drain"], Fuel(trace).Select(outcome => outcome.Kind));
        Assert.Equal(["fuel.drain"], Fuel(trace, TestSensors.Rules(TestSensors.Fuel(fill: null))).Select(outcome => outcome.Kind));
        Assert.Equal(["fuel.fill"], Fuel(trace, TestSensors.Rules(TestSensors.Fuel(drain: null))).Select(outcome => outcome.Kind));
    }

    [Fact]
    public void A_fill_in_two_goes_with_a_rest_between_is_two()
    {
        var trace = Stand(Ramp(Stand(Ramp(Stand(new Trace(), 300, 50), 60, 50, 100), 600, 100), 60, 100, 150), 600, 150);
        Assert.Equal(2, Fuel(trace).Count);
    }

    [Fact]
    public void The_last_fill_before_silence_is_told_when_it_has_lasted()
    {
        var trace = Stand(Stand(new Trace(), 300, 100), 30, 150);
        Assert.Empty(Fuel(trace, later: TimeSpan.FromSeconds(60)));
        Assert.Equal("fuel.fill", Assert.Single(Fuel(trace, later: TimeSpan.FromMinutes(5))).Kind);
    }

    [Fact]
    public void Without_smoothing_each_value_is_the_level()
    {
        var rules = TestSensors.Rules(TestSensors.Fuel(smoothing: 1, minSeconds: 10));
        var fill = Assert.Single(Fuel(new Trace().Say("fuel", 50).Say("fuel", 90).Say("fuel", 90), rules));
        Assert.Equal((20, 50, 90, 40), (fill.Second(), fill.Number("before"), fill.Number("after"), fill.Number("amount")));
        Assert.Equal("2026-03-02T08:00:10Z", fill.Text("beforeAt"));
    }

    [Fact]
    public void Calibrated_liters_are_what_counts()
    {
        // 10 % of a narrow bottom are little, 10 % of a wide top are much.
        var rules = TestSensors.Rules(TestSensors.Fuel() with { Calibration = [new(0, 0), new(50, 20), new(100, 300)] });
        Assert.Empty(Fuel(Stand(Stand(new Trace(), 300, 10), 300, 20), rules));
        Assert.Equal(56, Assert.Single(Fuel(Stand(Stand(new Trace(), 300, 60, noise: 0), 300, 70, noise: 0), rules)).Number("amount"), 6);
    }

    [Fact]
    public void Late_and_doubled_rows_fold_to_the_same()
    {
        var trace = Stand(Ramp(Stand(Drive(Stand(Stand(new Trace(), 300, 60), 300, 160), 900, 160, 150), 300, 150), 120, 150, 90), 400, 90);
        var inOrder = Told.Archive(trace, Rules, TimeSpan.FromHours(1)).Say();
        Assert.Equal(2, inOrder.Count(line => line.Contains(" fuel.", StringComparison.Ordinal)));
        var rows = trace.Rows.ToArray();
        new Random(7).Shuffle(rows);
        var late = new Archive(Rules);
        foreach (var batch in rows.Concat(rows.Take(40)).Chunk(7)) late.Commit(batch, trace.Now);
        late.Elapse(trace.Now.AddHours(1));
        Assert.Equal(inOrder, late.Say());
    }
}
