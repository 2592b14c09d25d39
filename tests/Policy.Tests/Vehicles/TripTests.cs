using System.Globalization;
using System.Text.Json;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

public sealed class TripTests
{
    private static readonly TenantRules Rules = TenantRules.None;

    [Fact]
    public void A_day_is_stops_and_trips_with_ends_distance_and_speeds()
    {
        var trace = new Trace().Stand(1_200).Drive(5_000, 0).Stand(600).Drive(0, 3_000, speed: 15).Stand(1_200);
        var said = Fold(trace, trace.Now);

        Assert.Equal(["stop", "trip", "stop", "trip", "stop"], Journey(said).Select(outcome => outcome.Kind));
        var first = Journey(said)[1];
        Assert.InRange(Number(first, "distance"), 4_950, 5_050);
        Assert.InRange(Number(first, "duration"), 490, 520);
        Assert.Equal(10, Number(first, "maxSpeed"));
        Assert.InRange(Number(first, "averageSpeed"), 9.5, 10.2);
        var second = Journey(said)[3];
        Assert.InRange(Number(second, "distance"), 2_950, 3_050);
        Assert.Equal(15, Number(second, "maxSpeed"));
        Assert.Equal(OutcomeState.Open, Journey(said)[4].State);
    }

    [Fact]
    public void Waiting_at_a_light_belongs_to_the_trip_and_is_idle_time()
    {
        var trace = new Trace().Stand(600).Drive(2_000, 0).Stand(120).Drive(2_000, 0).Stand(600);
        var trip = Assert.Single(Fold(trace, trace.Now), outcome => outcome.Kind is "trip");
        Assert.InRange(Number(trip, "distance"), 3_950, 4_080);
        Assert.InRange(Number(trip, "idleTime"), 100, 130);
    }

    [Fact]
    public void A_parked_vehicle_neither_drifts_nor_collects_distance()
    {
        var trace = new Trace { WithSpeed = false }.Stand(36_000, jitter: 20);
        var archive = Archive(trace, trace.Now);
        Assert.Equal(["stop"], archive.All.Select(outcome => outcome.Kind));
        Assert.Equal(0, archive.Memory!.State.Distance.TotalMeters);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_single_fix_far_away_is_no_trip(bool isPlausible)
    {
        var trace = new Trace { WithSpeed = false }.Stand(600).Outlier(isPlausible ? 400 : 40_000, 0).Stand(600);
        var said = Fold(trace, trace.Now);
        Assert.DoesNotContain(said, outcome => outcome.Kind is "trip");
        Assert.Single(said, outcome => outcome.Kind is "stop");
        Assert.Equal(isPlausible ? 0 : 1, said.Count(outcome => outcome.Kind is "excluded"));
    }

    [Fact]
    public void A_trip_ends_when_the_tracker_falls_silent_without_another_fix()
    {
        var trace = new Trace().Stand(600).Drive(5_000, 0);
        var archive = Archive(trace, trace.Now);
        Assert.Equal(OutcomeState.Open, archive.All.Single(outcome => outcome.Kind is "trip").State);

        var due = archive.Memory!.DueAt(Rules, trace.Now);
        Assert.NotNull(due);
        archive.Elapse(due.Value);
        archive.Elapse(trace.Now.AddMinutes(16));
        var trip = archive.All.Single(outcome => outcome.Kind is "trip");
        Assert.Equal(OutcomeState.Closed, trip.State);
        Assert.Equal(trace.Now, trip.EndedAt);
        Assert.Contains("\"endReason\":\"silence\"", trip.Evidence, StringComparison.Ordinal);
        Assert.Single(archive.All, outcome => outcome.Kind is "stop" && outcome.State == OutcomeState.Open);
    }

    [Fact]
    public void What_silence_ended_goes_on_when_a_fix_shows_that_there_was_none()
    {
        var before = new Trace().Stand(600).Drive(5_000, 0);
        var all = new Trace().Stand(600).Drive(5_000, 0).Drive(5_000, 0).Stand(600);
        var archive = Archive(before, before.Now);
        archive.Elapse(before.Now.AddMinutes(30));
        archive.Commit(all.Rows.Skip(before.Rows.Count).Select(row => row with { ReceivedAt = before.Now.AddMinutes(31) }), before.Now.AddMinutes(31));
        archive.Elapse(before.Now.AddMinutes(31));

        var trip = archive.All.Single(outcome => outcome.Kind is "trip" && outcome.State != OutcomeState.Withdrawn);
        Assert.InRange(Number(trip, "distance"), 9_900, 10_100);
        Assert.True(trip.Revision >= 3, $"revision {trip.Revision}");
    }

    [Fact]
    public void A_trip_shorter_than_the_options_say_is_none()
    {
        var trace = new Trace().Stand(600).Drive(200, 0).Stand(1_200);
        Assert.Equal(["stop"], Fold(trace, trace.Now).Select(outcome => outcome.Kind));
    }

    [Fact]
    public void A_vehicle_that_is_elsewhere_after_a_silence_had_a_stop_and_no_trip()
    {
        var trace = new Trace().Stand(900).Wait(7_200).Fix(30_000, 0, 0).Stand(900);
        var said = Fold(trace, trace.Now);
        Assert.Equal(["stop", "stop"], Journey(said).Select(outcome => outcome.Kind));
    }

    [Fact]
    public void The_device_knows_its_odometer_better()
    {
        var meters = 0.0;
        var trace = new Trace().Stand(300);
        for (var i = 1; i <= 60; i++) trace.Fix(i * 100, 0, 10).Change(fix => fix with { OdometerMeters = 500_000 + (meters += 110) });
        trace.Stand(600);
        var trip = Assert.Single(Fold(trace, trace.Now), outcome => outcome.Kind is "trip");
        Assert.InRange(Number(trip, "distance"), 6_450, 6_700);
    }

    [Fact]
    public void A_sentinel_speed_is_no_speed()
    {
        var trace = new Trace().Stand(600).Drive(5_000, 0).Change(fix => fix with { SpeedMetersPerSecond = 113.9952 }).Stand(600);
        var trip = Assert.Single(Fold(trace, trace.Now), outcome => outcome.Kind is "trip");
        Assert.InRange(Number(trip, "maxSpeed"), 9, 11);
    }

    [Fact]
    public void Fixes_that_agree_are_believed_wherever_they_are()
    {
        var trace = new Trace().Stand(600).Fix(900_000, 0, 0).Stand(900);
        var said = Fold(trace, trace.Now);
        Assert.Equal(2, said.Count(outcome => outcome.Kind is "excluded"));
        Assert.Equal(2, said.Count(outcome => outcome.Kind is "stop"));
        Assert.DoesNotContain(said, outcome => outcome.Kind is "trip");
    }

    private static Archive Archive(Trace trace, DateTimeOffset now)
    {
        var archive = new Archive(Rules);
        foreach (var row in trace.Rows) archive.Commit([row], row.ReceivedAt);
        archive.Elapse(now);
        return archive;
    }

    private static List<Outcome> Fold(Trace trace, DateTimeOffset now) => [.. Archive(trace, now).All.Where(outcome => outcome.State != OutcomeState.Withdrawn)];

    private static List<Outcome> Journey(IEnumerable<Outcome> said) => [.. said.Where(outcome => outcome.Type is OutcomeType.Trip or OutcomeType.Stop).OrderBy(outcome => outcome.At)];

    private static double Number(Outcome outcome, string name)
    {
        using var evidence = JsonDocument.Parse(outcome.Evidence);
        return evidence.RootElement.GetProperty(name).GetDouble();
    }
}
