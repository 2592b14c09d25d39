using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

public sealed class SpanTests
{
    private static (string Kind, int From, int? To)[] Spans(TenantRules rules, Trace trace, TimeSpan later = default) =>
        [.. Told.Of(trace, rules, "sensor.*", later).Select(outcome => (outcome.Kind, outcome.Second(), outcome.EndSecond()))];

    private static Trace Values(string attribute, params double[] values)
    {
        var trace = new Trace();
        foreach (var value in values) trace.Say(attribute, value);
        return trace;
    }

    [Fact]
    public void High_lasts_from_the_first_value_above_to_the_first_that_is_not()
    {
        var told = Assert.Single(Told.Of(Values("temp", 7, 8, 8.5, 9.5, 9, 8, 7), TestSensors.Rules(TestSensors.Gauge(high: 8)), "sensor.*"));
        Assert.Equal(("sensor.high", "s1", OutcomeState.Closed, 30, 60), (told.Kind, told.Subject, told.State, told.Second(), told.EndSecond()!.Value));
        Assert.Equal((8.5, 9.5, 30, "value"), (told.Number("value"), told.Number("peak"), told.Number("duration"), told.Text("endReason")));
        Assert.Contains("\"limit\":8", told.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Low_lasts_from_the_first_value_below_and_stays_open()
    {
        var told = Assert.Single(Told.Of(Values("temp", 3, 2, 1.5, 0, 1), TestSensors.Rules(TestSensors.Gauge(low: 2)), "sensor.*"));
        Assert.Equal(("sensor.low", OutcomeState.Open, 30), (told.Kind, told.State, told.Second()));
    }

    [Fact]
    public void From_too_low_to_too_high_one_ends_and_the_other_begins() =>
        Assert.Equal([("sensor.low", 10, 20), ("sensor.high", 20, 30)], Spans(TestSensors.Rules(TestSensors.Gauge(low: 2, high: 8)), Values("temp", 1, 9, 5)));

    [Theory]
    [InlineData(null, 3)]
    [InlineData(1.0, 2)]
    [InlineData(2.0, 1)]
    public void A_value_that_swings_around_its_limit_ends_only_beyond_the_hysteresis(double? hysteresis, int spans) =>
        Assert.Equal(spans, Spans(TestSensors.Rules(TestSensors.Gauge(high: 8, hysteresis: hysteresis)), Values("temp", 9, 7.5, 9, 6.5, 9, 5)).Length);

    [Fact]
    public void The_hysteresis_itself_is_an_end() =>
        Assert.Equal([("sensor.high", 10, 20)], Spans(TestSensors.Rules(TestSensors.Gauge(high: 8, hysteresis: 1)), Values("temp", 9, 7)));

    [Fact]
    public void The_hysteresis_of_low_lies_above_it() =>
        Assert.Equal([("sensor.low", 10, 40)], Spans(TestSensors.Rules(TestSensors.Gauge(low: 2, hysteresis: 2)), Values("temp", 1, 3, 3.9, 4)));

    [Theory]
    [InlineData(29, 1)]
    [InlineData(30, 1)]
    [InlineData(31, 0)]
    public void What_is_shorter_than_its_duration_never_was(int minSeconds, int spans) =>
        Assert.Equal(spans, Spans(TestSensors.Rules(TestSensors.Gauge(high: 8, minSeconds: minSeconds)), Values("temp", 5, 9, 9, 9, 5)).Length);

    [Fact]
    public void A_sleeping_trackers_last_word_holds_and_is_told_when_it_has_lasted()
    {
        var trace = Values("door", 0, 1);
        var rules = TestSensors.Rules(TestSensors.Switch(minSeconds: 600));
        Assert.Empty(Spans(rules, trace, TimeSpan.FromSeconds(599)));
        Assert.Equal([("sensor.on", 20, null)], Spans(rules, trace, TimeSpan.FromSeconds(600)));
    }

    [Fact]
    public void When_it_wants_to_be_looked_at_is_when_it_will_have_lasted()
    {
        var (state, rules) = (new VehicleState(), TestSensors.Rules(TestSensors.Switch(minSeconds: 600)));
        var trace = Values("door", 1);
        VehiclePolicy.Fold(state, trace.Rows[0], rules);
        Assert.Equal(trace.Now.AddSeconds(600), VehiclePolicy.DueAt(state, "v1", rules, trace.Now.AddSeconds(1)));
    }

    [Fact]
    public void A_door_that_closes_after_a_silence_was_open_through_it() =>
        Assert.Equal([("sensor.on", 10, 3_610)], Spans(TestSensors.Rules(TestSensors.Switch(minSeconds: 600)), Values("door", 1).Say("door", 0, after: 3_600)));

    [Theory]
    [InlineData("true", "false", null, false)]
    [InlineData("1", "0", null, false)]
    [InlineData("13.1", "12.9", 13.0, false)]
    [InlineData("\"open\"", "\"closed\"", null, false)]
    [InlineData("0", "1", null, true)]
    [InlineData("2.9", "3.1", 3.0, true)]
    [InlineData("3", "3.1", 3.0, true)]
    public void A_switch_is_on_above_its_threshold_or_else_below(string on, string off, double? threshold, bool inverted)
    {
        var trace = new Trace();
        foreach (var value in (string[])[off, on, on, off]) trace.Fix(0, 0, 0).Change(fix => fix with { Attributes = $$"""{"door":{{value}}}""" });
        Assert.Equal([("sensor.on", 20, 40)], Spans(TestSensors.Rules(TestSensors.Switch(threshold, inverted)), trace));
    }

    [Theory]
    [InlineData(false, new double[] { 12, 13.5, 12.8, 12.4, 12.8 }, 20, 40)]
    [InlineData(true, new double[] { 14, 12.8, 13.2, 12.4, 13.6 }, 40, 50)]
    [InlineData(true, new[] { 12.9, 13.1, 12.6, 12.4, 13.6 }, 10, 20)]
    public void A_switch_with_hysteresis_does_not_chatter(bool inverted, double[] values, int from, int to) =>
        Assert.Equal(("sensor.on", from, to), Spans(TestSensors.Rules(TestSensors.Switch(13, inverted, 0.5)), Values("door", values))[0]);

    [Fact]
    public void A_sentinel_is_no_value_and_what_was_before_holds()
    {
        var rules = TestSensors.Rules(TestSensors.Gauge(low: 2) with { ValidMin = -50, ValidMax = 100 });
        Assert.Empty(Spans(rules, Values("temp", 5, -127, 5, -127, -127)));
        Assert.Equal([("sensor.low", 10, 40)], Spans(rules, Values("temp", 1, -127, 3_276.7, 5)));
    }

    [Fact]
    public void Rows_without_the_value_change_nothing() =>
        Assert.Equal([("sensor.high", 10, 80)], Spans(TestSensors.Rules(TestSensors.Gauge(high: 8)), Values("temp", 9).Stand(60).Say("temp", 5)));

    [Fact]
    public void A_row_without_a_place_is_listened_to()
    {
        var trace = new Trace().Stand(20).Fix(0, 0, null).Change(fix => fix with { Verdict = FixVerdict.NoPosition, Latitude = null, Longitude = null, Attributes = """{"temp":9}""" });
        var told = Assert.Single(Told.Of(trace, TestSensors.Rules(TestSensors.Gauge(high: 8)), "sensor.*"));
        Assert.Equal(30, told.Second());
        Assert.Contains("\"lat\":60.1", told.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void The_calibrated_value_is_what_is_compared() =>
        Assert.Equal([("sensor.high", 20, 30)], Spans(TestSensors.Rules(TestSensors.Gauge(high: 50) with { Calibration = [new(0, -50), new(4_096, 150)] }), Values("temp", 2_000, 2_100, 2_000)));

    [Fact]
    public void The_same_row_again_and_a_late_one_fold_to_the_same()
    {
        var (rules, trace) = (TestSensors.Rules(TestSensors.Gauge(high: 8, minSeconds: 20)), Values("temp", 5, 9, 9, 5, 9, 9, 9, 9, 5));
        var late = new Archive(rules);
        int[] order = [0, 2, 2, 1, 5, 4, 4, 8, 3, 7, 6, 0];
        foreach (var i in order) late.Commit([trace.Rows[i]], trace.Now);
        late.Elapse(trace.Now);
        Assert.Equal(Told.Archive(trace, rules).Say(), late.Say());
        Assert.Equal([("sensor.high", 20, 40), ("sensor.high", 50, 90)], Spans(rules, trace));
    }

    [Fact]
    public void The_trace_says_why()
    {
        var (state, fold) = (new VehicleState(), new FoldTrace());
        foreach (var row in Values("temp", 5, 9, 5).Rows) VehiclePolicy.Fold(state, row, TestSensors.Rules(TestSensors.Gauge(high: 8, minSeconds: 20)), null, fold);
        Assert.Equal(
            ["s1: high at 9, limit 8", "s1: high for less than 20 s"],
            fold.Lines.Where(line => line.Step == "sensors").Select(line => line.Text));
    }
}
