using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>Which vehicles a sensor is for, and what becomes of what goes on when that or the sensor changes.</summary>
public sealed class SensorScopeTests
{
    private static readonly SensorRules Hot = TestSensors.Gauge(high: 8);

    [Theory]
    [InlineData(new string[0], new string[0], true)]
    [InlineData(new[] { "v1" }, new string[0], true)]
    [InlineData(new[] { "v2" }, new string[0], false)]
    [InlineData(new string[0], new[] { "Vans" }, true)]
    [InlineData(new string[0], new[] { "Vans/Cold" }, false)]
    [InlineData(new[] { "v2" }, new[] { "Trucks", "Vans" }, true)]
    [InlineData(new[] { "v2" }, new[] { "Trucks" }, false)]
    public void A_sensor_is_for_vehicles_and_groups_that_it_names_or_for_all(string[] vehicleIds, string[] groups, bool isFor)
    {
        var rules = TestSensors.With(TenantRules.None.InGroups("Vans"), TestSensors.Of("s1", Hot, scope: new SensorScope { VehicleIds = [.. vehicleIds], Groups = [.. groups] }));
        Assert.Equal(isFor ? 1 : 0, Told.Of(new Trace().Say("temp", 9), rules, "sensor.*").Count);
    }

    [Fact]
    public void Sensors_for_all_hold_beside_those_for_one()
    {
        var rules = TestSensors.Rules(TestSensors.Of("b", Hot, scope: new SensorScope { VehicleIds = ["v1"] }), TestSensors.Of("a", Hot), TestSensors.Of("c", Hot, scope: new SensorScope { VehicleIds = ["v2"] }));
        Assert.Equal(["a", "b"], Told.Of(new Trace().Say("temp", 9), rules, "sensor.*").Select(outcome => outcome.Subject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_sensor_without_limits_is_not_watched()
    {
        var rules = TestSensors.Rules(TestSensors.Gauge());
        Assert.Empty(rules.Sensors.WatchedOf("v1"));
        Assert.Single(rules.Sensors.All);
    }

    [Fact]
    public void One_that_makes_no_sense_is_left_out_alone()
    {
        var left = new List<string>();
        var set = SensorSet.Build([TestSensors.Of("bad", TestSensors.Gauge(low: 2, high: 1)), TestSensors.Of("good", Hot)], TenantRules.None.Groups, (sensor, _) => left.Add(sensor.Id));
        Assert.Equal(("bad", "good"), (Assert.Single(left), Assert.Single(set.All).Definition.Id));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("changed")]
    [InlineData("scope")]
    public void What_goes_on_ends_when_the_sensor_is_gone(string how)
    {
        var rules = TestSensors.Rules(TestSensors.Of("s1", Hot));
        var memory = VehicleMemory.Begin("default", "v1", null);
        var trace = new Trace().Say("temp", 5).Say("temp", 9).Say("temp", 9.5);
        var opened = memory.Fold(trace.Rows, rules, trace.Now).Writes.Single(outcome => outcome.Kind == "sensor.high");
        Assert.Equal(OutcomeState.Open, opened.State);
        Assert.True(memory.MindsRules);

        var after = how switch
        {
            "deleted" => TestSensors.Rules(),
            "changed" => TestSensors.Rules(TestSensors.Of("s1", TestSensors.Gauge(high: 20), version: 2)),
            _ => TestSensors.Rules(TestSensors.Of("s1", Hot, scope: new SensorScope { Groups = ["Vans"] })),
        };
        trace.Stand(10);
        var closed = Assert.Single(memory.Fold([trace.Rows[^1]], after with { SettledAt = Trace.Start.AddSeconds(35) }, trace.Now).Writes, outcome => outcome.Kind == "sensor.high");
        Assert.Equal((opened.Id, OutcomeState.Closed, 20, 35), (closed.Id, closed.State, closed.Second(), closed.EndSecond()!.Value));
        Assert.Equal("sensor", closed.Text("endReason"));
        Assert.False(memory.MindsRules);
    }

    [Fact]
    public void It_ends_though_nothing_arrives_and_the_next_row_says_nothing_else()
    {
        var (rules, none) = (TestSensors.Rules(Hot), TestSensors.Rules());
        var memory = VehicleMemory.Begin("default", "v1", null);
        var trace = new Trace().Say("temp", 9).Say("temp", 9.5);
        memory.Fold(trace.Rows, rules, trace.Now);
        none = none with { SettledAt = trace.Now.AddMinutes(20) };
        var closed = Assert.Single(memory.Elapse(none, trace.Now.AddMinutes(30)).Writes, outcome => outcome.Kind == "sensor.high");
        Assert.Equal((OutcomeState.Closed, 1_220), (closed.State, closed.EndSecond()));
        Assert.DoesNotContain(memory.Elapse(none, trace.Now.AddMinutes(40)).Writes, outcome => outcome.Kind == "sensor.high");
        trace.Wait(3_000).Stand(10);
        Assert.DoesNotContain(memory.Fold([trace.Rows[^1]], none, trace.Now).Writes, outcome => outcome.Kind == "sensor.high");
    }

    [Fact]
    public void It_ends_and_does_not_vanish_though_its_rows_are_folded_again_without_it()
    {
        var memory = VehicleMemory.Begin("default", "v1", null);
        var trace = new Trace().Say("temp", 5).Stand(10).Say("temp", 9).Say("temp", 9.5);
        memory.Fold([trace.Rows[0], trace.Rows[2], trace.Rows[3]], TestSensors.Rules(Hot), trace.Now);
        // A late row: everything that is remembered is folded again.
        var after = TestSensors.Rules() with { SettledAt = trace.Now.AddSeconds(5) };
        var closed = Assert.Single(memory.Fold([trace.Rows[1]], after, trace.Now).Writes, outcome => outcome.Kind == "sensor.high");
        Assert.Equal((OutcomeState.Closed, 30, 45), (closed.State, closed.Second(), closed.EndSecond()));
        Assert.Empty(memory.Fold([trace.Rows[1]], after, trace.Now).Writes);
    }

    [Fact]
    public void Another_version_begins_anew_with_its_own_limit()
    {
        var memory = VehicleMemory.Begin("default", "v1", null);
        var trace = new Trace().Say("temp", 9);
        memory.Fold(trace.Rows, TestSensors.Rules(Hot), trace.Now);
        trace.Say("temp", 9);
        var writes = memory.Fold([trace.Rows[^1]], TestSensors.Rules(TestSensors.Of("s1", TestSensors.Gauge(high: 7), version: 2)), trace.Now).Writes.Where(outcome => outcome.Kind == "sensor.high");
        Assert.Equal([OutcomeState.Closed, OutcomeState.Open], writes.Select(outcome => outcome.State));
    }
}
