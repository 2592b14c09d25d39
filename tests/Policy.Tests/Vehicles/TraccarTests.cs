using System.Text.Json;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>
/// Traccar's own expectations, with our options set to its settings. Where we differ it is on purpose: docs/correctness.md has the argument to each.
/// </summary>
public sealed class TraccarTests
{
    private const string Reports = "traccar_trip_stop_cases.json";
    private const string Motion = "traccar_motion_event_cases.json";
    private const string NewMotion = "traccar_new_motion_cases.json";

    [Theory]
    [InlineData("testDetectTripsSimple")]
    [InlineData("testDetectTripsSimpleWithIgnition")]
    [InlineData("testDetectTripByGap")]
    public void Trips_are_those_of_its_reports(string name)
    {
        var given = TraccarCases.Case(Reports, name);
        var (said, last) = Report(given);
        var trips = said.Where(outcome => outcome.Type == OutcomeType.Trip).OrderBy(outcome => outcome.At).ToList();
        var expected = given.GetProperty("expectedFirstItems").EnumerateArray().ToList();
        Assert.NotEmpty(expected);
        foreach (var (item, trip) in expected.Zip(trips))
        {
            Assert.Equal((item.Time("start"), item.Time("end")), (trip.At.FixedAt, trip.EndedAt ?? last));
            Assert.Equal(item.GetProperty("distanceM").GetDouble(), trip.Number("distance"), 0.1);
            Assert.Equal(item.GetProperty("maxSpeedKnots").GetDouble() * TraccarCases.MetersPerSecondPerKnot, trip.Number("maxSpeed"), 0.01);
            Assert.Equal(item.GetProperty("averageSpeedKnots").GetDouble() * TraccarCases.MetersPerSecondPerKnot, trip.Number("averageSpeed"), 0.01);
        }

        Assert.True(trips.Count >= expected.Count);
    }

    [Theory]
    [InlineData("testDetectStopsSimple", 1)]
    [InlineData("testDetectStopsSimpleWithIgnition", 1)]
    [InlineData("testDetectStopsWithFluctuation", 1)]
    [InlineData("testDetectStopsOnly", 0)]
    public void Stops_are_those_of_its_reports_but_for_short_ones_at_the_beginning(string name, int tooShort)
    {
        var given = TraccarCases.Case(Reports, name);
        var (said, last) = Report(given);
        var expected = given.GetProperty("expectedFirstItems").EnumerateArray().Select(item => (item.Time("start"), item.Time("end"))).ToList();
        var least = TimeSpan.FromSeconds(given.GetProperty("config").GetProperty("minimalParkingDurationS").GetDouble());
        Assert.Equal(tooShort, expected.RemoveAll(stop => stop.Item2 - stop.Item1 < least));
        Assert.Equal(expected, said.Where(outcome => outcome.Type == OutcomeType.Stop).OrderBy(outcome => outcome.At).Select(stop => (stop.At.FixedAt, stop.EndedAt ?? last)));
    }

    /// <summary>It believes the speed: no stop. We believe the places, all of which are one.</summary>
    [Fact]
    public void A_vehicle_that_says_it_moves_but_stays_at_one_place_has_stopped()
    {
        var given = TraccarCases.Case(Reports, "testDetectStopsMoving");
        Assert.True(given.GetProperty("expectedEmpty").GetBoolean());
        Assert.Single(Report(given).Said, outcome => outcome.Type == OutcomeType.Stop);
    }

    [Fact]
    public void Motion_begins_and_ends_with_its_fixes()
    {
        var given = TraccarCases.Case(Motion, "testMotionWithPosition");
        Assert.Equal(Expected(given), Told(given));
    }

    [Fact]
    public void A_gap_ends_a_trip_at_the_fix_before_it()
    {
        var given = TraccarCases.Case(Motion, "testStopWithGap");
        Assert.Equal(Expected(given), Told(given));
    }

    /// <summary>With its <c>useIgnition</c> the trip is over at once. An engine is also off at a barrier and on a ferry: the stay decides.</summary>
    [Fact]
    public void The_engine_alone_ends_no_trip()
    {
        var given = TraccarCases.Case(Motion, "testStopWithPositionIgnition");
        Assert.Equal(["", "deviceStopped"], Expected(given));
        Assert.Equal(["", ""], Told(given));
    }

    [Theory]
    [InlineData("testNoStopBeforeDuration")]
    [InlineData("testGapBelowDistanceDoesNotSplitTrip")]
    public void Stays_and_gaps_are_as_in_its_new_detector(string name)
    {
        var given = TraccarCases.Case(NewMotion, name);
        Assert.Equal(given.GetProperty("expectedEvents").EnumerateArray().Select(item => item.GetString()), Stream(given).SelectMany(events => events));
    }

    /// <summary>It tells the trip at the first fix that is far away. One fix is also what a receiver makes of a reflection: we wait for another.</summary>
    [Theory]
    [InlineData("testMotionDetected")]
    [InlineData("testMotionWithFastAverageSpeed")]
    public void A_trip_is_told_with_the_second_fix_away(string name)
    {
        var given = TraccarCases.Case(NewMotion, name);
        var current = given.GetProperty("current");
        var next = TraccarCases.Row(99, current.Time("time").AddSeconds(30), current.GetProperty("eastMetres").GetDouble() + 300, 10);
        var events = Stream(given, next);
        Assert.Equal(["deviceMoving"], events[^1]);
        Assert.All(events.SkipLast(1), Assert.Empty);
    }

    /// <summary>It also tells a trip over the gap. Nobody has seen it: we tell two stops.</summary>
    [Fact]
    public void No_trip_is_claimed_over_a_gap() =>
        Assert.Equal(["deviceStopped"], Stream(TraccarCases.Case(NewMotion, "testGapSplitsTrip")).SelectMany(events => events));

    /// <summary>It tells a trip, a stop and a trip of a vehicle that is away from its place for one fix and comes back.</summary>
    [Fact]
    public void One_fix_away_and_back_is_no_trip() =>
        Assert.Empty(Stream(TraccarCases.Case(NewMotion, "testEventsAreChronological"), standRadius: 200).SelectMany(events => events));

    [Fact]
    public void Too_fast_is_told_at_its_fix_and_ends_at_its_fix()
    {
        var given = TraccarCases.Read("traccar_overspeed_case.json");
        var options = new VehicleOptions
        {
            SpeedLimitMetersPerSecond = given.GetProperty("speedLimitKnots").GetDouble() * TraccarCases.MetersPerSecondPerKnot,
            OverspeedMinDuration = TimeSpan.FromMilliseconds(given.GetProperty("minimalDurationMs").GetDouble()),
        };
        var steps = given.GetProperty("steps").EnumerateArray().ToList();
        var start = steps[0].Time("time");
        var rows = steps.Select((step, i) => TraccarCases.Row(i, step.Time("time"), (step.Time("time") - start).TotalSeconds * 27, step.GetProperty("speed").GetDouble() * TraccarCases.MetersPerSecondPerKnot));
        var events = TraccarCases.Events(rows, options);
        Assert.Equal(steps.Select(step => step.GetProperty("event").GetString()), events.Select(told => told.FirstOrDefault(name => name is "deviceOverspeed")));
        Assert.Equal(["overspeed ended"], events[^1]);
    }

    private static (List<Outcome> Said, DateTimeOffset Last) Report(JsonElement given)
    {
        var config = given.GetProperty("config");
        var options = new VehicleOptions
        {
            MinTripDistanceMeters = config.GetProperty("minimalTripDistanceM").GetDouble(),
            // There a trip is far enough or long enough, here both: distance decides alone.
            MinTripDuration = TimeSpan.Zero,
            MinStopDuration = TimeSpan.FromSeconds(config.GetProperty("minimalParkingDurationS").GetDouble()),
            TripSilence = TimeSpan.FromSeconds(config.GetProperty("minimalNoDataDurationS").GetDouble()),
        };
        var rows = given.GetProperty("positions").EnumerateArray().Select((position, i) => TraccarCases.Row(
            i, position.Time("time"), position.GetProperty("totalDistanceM").GetDouble(), position.GetProperty("speedKnots").GetDouble() * TraccarCases.MetersPerSecondPerKnot, Ignition(position))).ToList();
        var archive = new Archive(TenantRules.None with { Options = options });
        foreach (var row in rows) archive.Commit([row], row.ReceivedAt);
        archive.Elapse(rows[^1].ReceivedAt);
        return ([.. archive.Said], rows[^1].FixedAt);
    }

    private static IEnumerable<string> Expected(JsonElement given) => given.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("event").GetString() ?? "");

    private static IEnumerable<string> Told(JsonElement given)
    {
        var config = given.GetProperty("config");
        var silence = config.GetProperty("minimalNoDataDurationMs").GetDouble();
        var options = new VehicleOptions
        {
            // Two of its fixes are 600 m apart at one instant.
            MaxSpeedMetersPerSecond = 1e6,
            MinTripDistanceMeters = config.GetProperty("minimalTripDistanceM").GetDouble(),
            MinTripDuration = TimeSpan.Zero,
            MinStopDuration = TimeSpan.FromMilliseconds(config.GetProperty("minimalParkingDurationMs").GetDouble()),
            TripSilence = silence > 0 ? TimeSpan.FromMilliseconds(silence) : TimeSpan.FromDays(7),
        };
        var rows = given.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("position")).Select((position, i) => TraccarCases.Row(
            i, position.Time("time"), position.GetProperty("totalDistanceM").GetDouble(), position.GetProperty("motion").GetBoolean() ? 10 : 0, Ignition(position))).ToList();
        var isMoving = given.GetProperty("initial").TryGetProperty("motionState", out var moving) && moving.GetBoolean();
        return Told(rows, isMoving, options).Select(events => string.Join(',', events));
    }

    /// <summary>A case of the new detector, row by row.</summary>
    private static List<string[]> Stream(JsonElement given, Ingestion.Fix? next = null, double standRadius = 50)
    {
        var config = given.GetProperty("config");
        var options = new VehicleOptions
        {
            StandRadiusMeters = standRadius,
            MinTripDistanceMeters = config.GetProperty("minDistanceM").GetDouble(),
            MinTripDuration = TimeSpan.Zero,
            MinStopDuration = TimeSpan.FromMilliseconds(config.GetProperty("minDurationMs").GetDouble()),
            TripSilence = config.Optional("stopGapMs") is { } gap ? TimeSpan.FromMilliseconds(gap) : TimeSpan.FromDays(7),
        };
        var places = given.TryGetProperty("stream", out var stream) ? stream.EnumerateArray() : given.GetProperty("history").EnumerateArray().Append(given.GetProperty("current"));
        var rows = places.Select((place, i) => TraccarCases.Row(i, place.Time("time"), place.GetProperty("eastMetres").GetDouble(), null)).ToList();
        if (next is not null) rows.Add(next);
        return Told(rows, given.GetProperty("initialMoving").GetBoolean(), options);
    }

    private static List<string[]> Told(List<Ingestion.Fix> rows, bool isMoving, VehicleOptions options)
    {
        List<Ingestion.Fix> before = isMoving ? [.. TraccarCases.DriveTo(rows[0])] : [];
        return [.. TraccarCases.Events([.. before, .. rows], options).Skip(before.Count)];
    }

    private static bool? Ignition(JsonElement position) => position.TryGetProperty("ignition", out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
}
