using System.Collections.Frozen;
using System.Collections.Immutable;
using FleetTracker.Geofences;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

public sealed class FenceEventTests
{
    private static readonly GeofenceRules Exact = new() { MinDwell = TimeSpan.Zero, MarginMeters = 0 };

    [Fact]
    public void A_visit_lasts_from_the_first_fix_inside_to_the_first_outside()
    {
        // 100 m between fixes: inside from 800 m at 140 s, outside from 1,300 m.
        var trace = new Trace().Stand(60).Drive(1_000, 0).Stand(120).Drive(1_000, 0).Stand(60);
        var said = Told.Of(trace, Told.Rules(TestFences.Circle("yard", 1_000, 0, 250)));

        var (enter, exit) = (Assert.Single(said, outcome => outcome.Kind is "geofence.enter"), Assert.Single(said, outcome => outcome.Kind is "geofence.exit"));
        Assert.Equal(("yard", 140), (enter.Subject, enter.Second()));
        Assert.Equal(("yard", 310), (exit.Subject, exit.Second()));
        Assert.Equal("left", exit.Text("reason"));
        var visit = Assert.Single(said, outcome => outcome.Kind is "visit");
        Assert.Equal((OutcomeState.Closed, 140, 310), (visit.State, visit.Second(), visit.EndSecond()));
    }

    [Fact]
    public void A_vehicle_that_is_inside_at_its_first_fix_has_entered()
    {
        var said = Told.Of(new Trace().Stand(120), Told.Rules(TestFences.Circle("yard", 0, 0, 100)));
        Assert.Equal(10, Assert.Single(said, outcome => outcome.Kind is "geofence.enter").Second());
        Assert.Equal(OutcomeState.Open, Assert.Single(said, outcome => outcome.Kind is "visit").State);
    }

    [Theory]
    [InlineData(110, null, null, 0)]
    [InlineData(120, null, null, 1)]
    [InlineData(160, 80.0, null, 0)]
    [InlineData(190, 80.0, null, 1)]
    [InlineData(210, 400.0, null, 1)]
    [InlineData(110, 80.0, 0.0, 1)]
    public void It_leaves_when_it_is_outside_by_more_than_the_margin_or_the_accuracy_of_the_fix(double east, double? accuracy, double? margin, int exits)
    {
        var trace = new Trace().Fix(90, 0, 0);
        for (var i = 0; i < 10; i++) trace.Fix(90, 0, 0);
        for (var i = 0; i < 10; i++) trace.Fix(east, 0, 5).Change(fix => fix with { AccuracyMeters = accuracy });
        var rules = Told.Rules(TestFences.Circle("yard", 0, 0, 100, new GeofenceRules { MarginMeters = margin })) with { Options = new VehicleOptions { StandRadiusMeters = 0 } };
        Assert.Equal(exits, Told.Of(trace, rules, "geofence.exit").Count);
    }

    [Fact]
    public void Too_short_inside_or_outside_never_happened()
    {
        var trace = new Trace().Fix(500, 0, 10).Fix(0, 0, 10).Fix(50, 0, 10).Fix(500, 0, 10).Fix(510, 0, 10);
        var rules = Told.Rules(TestFences.Circle("yard", 0, 0, 100));
        Assert.Empty(Told.Of(trace, rules, "geofence.*"));

        trace = new Trace().Stand(100).Fix(500, 0, 10).Fix(450, 0, 10).Fix(0, 0, 10).Stand(100);
        Assert.Equal(["geofence.enter"], Told.Of(trace, rules, "geofence.*").Select(outcome => outcome.Kind));
    }

    [Fact]
    public void The_next_fix_tells_that_a_stay_was_long_enough_even_when_it_is_outside()
    {
        var trace = new Trace().Fix(500, 0, 10).Fix(0, 0, 10).Fix(800, 0, 10, after: 40).Fix(1_200, 0, 10, after: 40);
        var said = Told.Of(trace, Told.Rules(TestFences.Circle("yard", 0, 0, 100)), "geofence.*");
        Assert.Equal([("geofence.enter", 20), ("geofence.exit", 60)], said.Select(outcome => (outcome.Kind, outcome.Second())));
    }

    [Fact]
    public void Silence_tells_that_a_stay_was_long_enough()
    {
        var trace = new Trace().Fix(500, 0, 10).Fix(0, 0, 10);
        var rules = Told.Rules(TestFences.Circle("yard", 0, 0, 100));
        var archive = Told.Archive(trace, rules);
        Assert.DoesNotContain(archive.Said, outcome => outcome.Kind is "geofence.enter");
        var due = archive.Memory!.DueAt(rules, trace.Now);
        Assert.Equal(trace.Now.AddSeconds(30), due);
        archive.Elapse(trace.Now.AddSeconds(30));
        Assert.Equal(20, Assert.Single(archive.Said, outcome => outcome.Kind is "geofence.enter").Second());
    }

    [Theory]
    [InlineData(400, 1)]
    [InlineData(200, 0)]
    public void A_long_stay_is_told_once(double seconds, int dwells)
    {
        var trace = new Trace().Stand(seconds).Drive(3_000, 0).Stand(60);
        var rules = Told.Rules(TestFences.Circle("yard", 0, 0, 100, new GeofenceRules { DwellEventAfter = TimeSpan.FromSeconds(300) }));
        Assert.Equal(dwells, Told.Of(trace, rules, "geofence.dwell").Count);
    }

    [Fact]
    public void A_way_through_a_fence_without_a_fix_inside_is_a_crossing()
    {
        var trace = new Trace().Stand(60).Fix(500, 0, 20, after: 25).Fix(1_000, 0, 20, after: 25).Fix(1_500, 0, 20, after: 25);
        var cross = Assert.Single(Told.Of(trace, Told.Rules(TestFences.Circle("yard", 760, 0, 50)), "geofence.*"));
        Assert.Equal("geofence.cross", cross.Kind);
        Assert.InRange(cross.Number("inside"), 98, 102);
    }

    [Fact]
    public void No_crossing_is_claimed_over_a_long_gap_at_the_very_edge_or_when_nobody_asks()
    {
        var yard = Told.Rules(TestFences.Circle("yard", 760, 0, 50));
        Assert.Empty(Told.Of(new Trace().Stand(60).Fix(500, 0, 20, after: 25).Fix(1_000, 0, 20, after: 301), yard, "geofence.*"));
        var through = new Trace().Stand(60).Fix(500, 0, 20, after: 25).Fix(1_000, 0, 20, after: 25);
        Assert.Empty(Told.Of(through, Told.Rules(TestFences.Circle("yard", 760, 49.8, 50)), "geofence.*"));
        Assert.Empty(Told.Of(through, yard with { Options = new VehicleOptions { FenceCrossings = false } }, "geofence.*"));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(30, 0)]
    public void A_fence_that_begins_to_count_on_the_way_was_not_crossed(int validFrom, int crossings)
    {
        // Fixes at 60 s at 0 m, 85 s at 500 m, 110 s at 1,000 m. The second fix is inside of the larger fence, before it counts.
        var through = new Trace().Stand(60).Fix(500, 0, 20, after: 25).Fix(1_000, 0, 20, after: 25);
        var from = Trace.Start.AddSeconds(60 + validFrom);
        Assert.Equal(crossings, Told.Of(through, Told.Rules(TestFences.Circle("yard", 760, 0, 50, from: from)), "geofence.cross").Count);
        Assert.Empty(Told.Of(through, Told.Rules(TestFences.Circle("yard", 600, 0, 150, from: Trace.Start.AddSeconds(90))), "geofence.*"));
    }

    [Fact]
    public void A_fence_that_changes_on_the_way_is_crossed_all_the_same()
    {
        var through = new Trace().Stand(60).Fix(500, 0, 20, after: 25).Fix(1_000, 0, 20, after: 25);
        var change = Trace.Start.AddSeconds(90);
        var rules = Told.Rules(TestFences.Circle("yard", 760, 0, 40, to: change), TestFences.Circle("yard", 760, 0, 50, from: change, version: 2));
        Assert.Single(Told.Of(through, rules, "geofence.cross"));
    }

    [Fact]
    public void Too_fast_inside_ends_in_silence()
    {
        var fence = TestFences.Square("district", 1_000, 0, 4_000, new GeofenceRules { SpeedLimitMetersPerSecond = 8 });
        var trace = new Trace().Stand(60).Drive(1_000, 0);
        var rules = Told.Rules(fence);
        Assert.Equal(OutcomeState.Open, Assert.Single(Told.Of(trace, rules, "geofence.overspeed")).State);
        var later = rules.Options.TripSilence + TimeSpan.FromMinutes(1);
        var ended = Assert.Single(Told.Of(trace, rules, "geofence.overspeed", later));
        Assert.Equal((OutcomeState.Closed, trace.Rows[^1].FixedAt), (ended.State, ended.EndedAt));
        Assert.Equal(OutcomeState.Open, Assert.Single(Told.Of(trace, rules, "visit", later)).State);

        var archive = Told.Archive(trace, rules);
        Assert.Equal(trace.Now + rules.Options.TripSilence, archive.Memory!.DueAt(rules, trace.Now + rules.Options.TripSilence - TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_vehicle_that_leaves_a_group_leaves_its_fences_once()
    {
        var fence = TestFences.Circle("yard", 0, 0, 100, new GeofenceRules { Groups = ["vans"] });
        var trace = new Trace().Stand(120);
        var groups = new Dictionary<string, ImmutableArray<string>> { [trace.Rows[0].VehicleId] = ["vans"] }.ToFrozenDictionary();
        var rules = Told.Rules(fence);
        var archive = Told.Archive(trace, rules with { Groups = groups });
        Assert.Equal(OutcomeState.Open, Assert.Single(archive.Said, outcome => outcome.Kind is "visit").State);

        archive.Rules = rules with { SettledAt = trace.Now.AddSeconds(10) };
        for (var minute = 1; minute < 5; minute++) archive.Elapse(trace.Now.AddMinutes(minute));
        archive.Rules = rules with { SettledAt = trace.Now.AddMinutes(6) };
        for (var minute = 7; minute < 9; minute++) archive.Elapse(trace.Now.AddMinutes(minute));
        var exit = Assert.Single(archive.Said, outcome => outcome.Kind is "geofence.exit");
        Assert.Equal(("not for this vehicle", 1), (exit.Text("reason"), exit.Revision));
        Assert.Equal(2, Assert.Single(archive.Said, outcome => outcome.Kind is "visit").Revision);
    }

    [Fact]
    public void Too_fast_inside_is_told_while_inside()
    {
        var fence = TestFences.Square("district", 1_000, 0, 1_200, new GeofenceRules { SpeedLimitMetersPerSecond = 8 });
        var trace = new Trace().Stand(60).Drive(3_000, 0).Stand(60);
        var speeding = Assert.Single(Told.Of(trace, Told.Rules(fence), "geofence.overspeed"));
        // Above the limit everywhere, inside from 400 m to 1,600 m.
        Assert.Equal((OutcomeState.Closed, "district"), (speeding.State, speeding.Subject));
        Assert.Equal(8, speeding.Number("limit"));
        Assert.InRange(speeding.Number("duration"), 80, 130);
        Assert.Empty(Told.Of(trace, Told.Rules(TestFences.Square("district", 1_000, 0, 1_200)), "geofence.overspeed"));
    }

    [Fact]
    public void A_fence_that_wakes_up_around_a_vehicle_is_entered_then_and_left_when_it_falls_asleep()
    {
        // The trace begins on a Monday at 10:00 there.
        var hours = new WeeklySchedule { TimeZone = "Europe/Helsinki", Intervals = [new WeeklyInterval(DayOfWeek.Monday, new TimeOnly(10, 5), new TimeOnly(10, 10))] };
        var said = Told.Of(new Trace().Stand(900), Told.Rules(TestFences.Circle("yard", 0, 0, 100, new GeofenceRules { Schedule = hours })), "geofence.*");
        Assert.Equal([("geofence.enter", 300), ("geofence.exit", 590)], said.Select(outcome => (outcome.Kind, outcome.Second())));
        Assert.Equal("schedule", said[1].Text("reason"));
    }

    [Fact]
    public void A_changed_fence_is_left_and_the_new_one_entered()
    {
        var change = Trace.Start.AddSeconds(305);
        var said = Told.Of(new Trace().Stand(600), Told.Rules(TestFences.Circle("yard", 0, 0, 100, to: change), TestFences.Circle("yard", 0, 0, 200, from: change, version: 2)), "geofence.*");
        Assert.Equal([("geofence.enter", 10), ("geofence.exit", 300), ("geofence.enter", 310)], said.Select(outcome => (outcome.Kind, outcome.Second())));
        Assert.Equal("geofence changed", said[1].Text("reason"));
        Assert.Equal(2, said[2].Number("version"));
    }

    [Fact]
    public void A_deleted_fence_is_left()
    {
        var trace = new Trace().Stand(600);
        var said = Told.Of(trace, Told.Rules(TestFences.Circle("yard", 0, 0, 100, to: Trace.Start.AddSeconds(305))));
        var exit = Assert.Single(said, outcome => outcome.Kind is "geofence.exit");
        Assert.Equal((300, "geofence deleted"), (exit.Second(), exit.Text("reason")));
        Assert.Equal(OutcomeState.Closed, Assert.Single(said, outcome => outcome.Kind is "visit").State);
    }

    [Theory]
    [InlineData("vans", 1)]
    [InlineData("trucks", 0)]
    [InlineData(null, 0)]
    public void A_fence_of_groups_is_for_their_vehicles_alone(string? group, int enters)
    {
        var rules = Told.Rules(TestFences.Circle("yard", 0, 0, 100, new GeofenceRules { Groups = ["vans", "cars"] }));
        if (group is not null) rules = rules with { Groups = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal) { ["v1"] = [group] }.ToFrozenDictionary(StringComparer.Ordinal) };
        Assert.Equal(enters, Told.Of(new Trace().Stand(120), rules, "geofence.enter").Count);
    }

    [Fact]
    public void Without_dwell_and_margin_every_fix_counts()
    {
        var trace = new Trace().Fix(500, 0, 10).Fix(0, 0, 10).Fix(500, 0, 10).Fix(0, 0, 10).Fix(500, 0, 10);
        Assert.Equal(4, Told.Of(trace, Told.Rules(TestFences.Circle("yard", 0, 0, 100, Exact)), "geofence.*").Count);
    }

    [Fact]
    public void A_parked_vehicle_beside_a_fence_does_not_jitter_in_and_out()
    {
        var trace = new Trace { WithSpeed = false, Accuracy = 30 }.Fix(0, 0, null).Stand(7_200, jitter: 25);
        Assert.Empty(Told.Of(trace, Told.Rules(TestFences.Circle("yard", 118, 0, 100)), "geofence.*"));
        Assert.Equal(["geofence.enter"], Told.Of(trace, Told.Rules(TestFences.Circle("yard", 85, 0, 100)), "geofence.*").Select(outcome => outcome.Kind));
    }
}
