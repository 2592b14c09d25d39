using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

public sealed class SignalTests
{
    [Fact]
    public void Ignition_is_told_when_it_changes()
    {
        var trace = new Trace { Ignition = false }.Stand(30);
        trace.Ignition = true;
        trace.Stand(30);
        trace.Ignition = null;
        trace.Stand(30);
        trace.Ignition = false;
        trace.Stand(30);
        Assert.Equal([("ignition.on", 40), ("ignition.off", 100)], Told.Of(trace, TenantRules.None, "ignition.*").Select(outcome => (outcome.Kind, outcome.Second())));
    }

    [Fact]
    public void A_battery_is_low_once_until_it_was_well_again()
    {
        var trace = new Trace();
        foreach (var percent in (int[])[30, 15, 14, 20, 14, 25, 15, 26, 15, 10]) trace.Fix(0, 0, 0).Change(fix => fix with { Attributes = $$"""{"battery":{{percent}}}""" });
        Assert.Equal([20, 90], Told.Of(trace, TenantRules.None, "battery.low").Select(outcome => outcome.Second()));
    }

    [Fact]
    public void A_repeated_alarm_is_one_until_a_fix_comes_without_it()
    {
        var trace = new Trace { Attributes = """{"alarm":"sos"}""" }.Stand(50);
        trace.Attributes = null;
        trace.Stand(20);
        trace.Attributes = """{"alarm":"panic"}""";
        trace.Stand(20);
        Assert.Equal([10, 80], Told.Of(trace, TenantRules.None, "sos").Select(outcome => outcome.Second()));
    }

    [Theory]
    [InlineData("sos", "sos", "")]
    [InlineData("powerCut", "power.cut", "")]
    [InlineData("lowBattery", "battery.low", "lowBattery")]
    [InlineData("tow", "tow", "tow")]
    [InlineData("hardBraking", "harsh.braking", "hardBraking")]
    [InlineData("hardAcceleration", "harsh.acceleration", "hardAcceleration")]
    [InlineData("hardCornering", "harsh.cornering", "hardCornering")]
    [InlineData("geofenceTamper", "alarm", "geofenceTamper")]
    public void Every_alarm_has_a_kind(string alarm, string kind, string subject)
    {
        var trace = new Trace().Fix(0, 0, 0).Change(fix => fix with { Attributes = $$"""{"alarm":"{{alarm}}"}""" });
        var told = Assert.Single(Told.Of(trace, TenantRules.None));
        Assert.Equal((kind, subject, alarm), (told.Kind, told.Subject, told.Text("alarm")));
    }

    [Fact]
    public void A_device_that_calls_its_battery_low_and_a_battery_that_is_are_two()
    {
        var trace = new Trace().Stand(30).Fix(0, 0, 0).Change(fix => fix with { Attributes = """{"alarm":"lowBattery","battery":5}""" });
        Assert.Equal(["", "lowBattery"], Told.Of(trace, TenantRules.None, "battery.low").Select(outcome => outcome.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_long_alarm_is_not_cut_within_a_character()
    {
        var trace = new Trace().Fix(0, 0, 0).Change(fix => fix with { Attributes = $$"""{"alarm":"{{new string('a', 99)}}😀b"}""" });
        Assert.Equal(new string('a', 99), Assert.Single(Told.Of(trace, TenantRules.None)).Subject);
    }

    [Theory]
    [InlineData(FixVerdict.NoPosition)]
    [InlineData(FixVerdict.NullIsland)]
    public void A_row_without_a_place_is_listened_to(FixVerdict verdict)
    {
        var trace = new Trace().Stand(30).Fix(0, 0, 0).Change(fix => fix with { Verdict = verdict, Latitude = null, Longitude = null, Attributes = """{"alarm":"sos"}""" });
        Assert.Contains("\"lat\":60.1", Assert.Single(Told.Of(trace, TenantRules.None, "sos")).Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{\"alarm\":5,\"battery\":\"low\"}")]
    [InlineData("{\"battery\":-1,\"alarm\":\"\"}")]
    [InlineData("{\"nested\":{\"battery\":1,\"alarm\":\"sos\"}}")]
    [InlineData("{\"battery\":1")]
    public void What_is_not_what_it_should_be_is_not_there(string attributes)
    {
        var trace = new Trace { Attributes = attributes }.Stand(30);
        Assert.DoesNotContain(Told.Of(trace, TenantRules.None), outcome => outcome.Kind is "sos" or "alarm" || (outcome.Kind is "battery.low" && attributes.EndsWith('}')));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    [InlineData(null, 0)]
    public void A_trip_with_the_engine_off_is_a_tow(bool? ignition, int tows)
    {
        var trace = new Trace { Ignition = ignition }.Stand(600).Drive(3_000, 0).Stand(60);
        Assert.Equal(tows, Told.Of(trace, TenantRules.None, "tow").Count);
    }

    /// <summary>Trackers send alarm rows and others in turn.</summary>
    [Fact]
    public void An_alarm_that_is_said_with_every_other_row_is_one_and_after_a_while_another()
    {
        var trace = new Trace();
        for (var i = 0; i < 20; i++) trace.Fix(0, 0, 0).Change(fix => fix with { Attributes = i % 2 == 0 ? "{\"alarm\":\"sos\"}" : i % 3 == 0 ? "{\"battery\":80}" : null });
        Assert.Single(Told.Of(trace, TenantRules.None, "sos"));
        trace.Fix(0, 0, 0, after: 300).Change(fix => fix with { Attributes = "{\"alarm\":\"sos\"}" });
        Assert.Equal(2, Told.Of(trace, TenantRules.None, "sos").Count);
    }
}
