using System.Globalization;

namespace FleetTracker.Geofences;

/// <summary>A schedule is what a clock on the wall shows.</summary>
public sealed class WeekHoursTests
{
    [Theory]
    // Winter is two hours ahead of UTC in Helsinki, summer three.
    [InlineData("Europe/Helsinki", "Monday 08:00-17:00", "2026-01-05T06:00:00Z", true)]
    [InlineData("Europe/Helsinki", "Monday 08:00-17:00", "2026-01-05T05:59:59Z", false)]
    [InlineData("Europe/Helsinki", "Monday 08:00-17:00", "2026-01-05T15:00:00Z", false)]
    [InlineData("Europe/Helsinki", "Monday 08:00-17:00", "2026-07-06T05:00:00Z", true)]
    [InlineData("Europe/Helsinki", "Monday 08:00-17:00", "2026-07-06T13:59:59Z", true)]
    [InlineData("Europe/Helsinki", "Monday 08:00-17:00", "2026-07-06T14:00:00Z", false)]
    [InlineData("Europe/Helsinki", "Monday 08:00-17:00", "2026-07-07T06:00:00Z", false)]
    // Overnight, from Sunday into Monday and over the end of the week.
    [InlineData("UTC", "Saturday 22:00-06:00", "2026-03-07T22:00:00Z", true)]
    [InlineData("UTC", "Saturday 22:00-06:00", "2026-03-08T05:59:59Z", true)]
    [InlineData("UTC", "Saturday 22:00-06:00", "2026-03-08T06:00:00Z", false)]
    [InlineData("UTC", "Saturday 22:00-06:00", "2026-03-08T22:00:00Z", false)]
    [InlineData("UTC", "Saturday 22:00-06:00,Sunday 05:00-07:00", "2026-03-08T06:30:00Z", true)]
    [InlineData("UTC", "Saturday 22:00-06:00,Sunday 05:00-07:00", "2026-03-08T07:00:00Z", false)]
    // To at From is a whole day, midnight its end.
    [InlineData("UTC", "Tuesday 00:00-00:00", "2026-03-10T00:00:00Z", true)]
    [InlineData("UTC", "Tuesday 00:00-00:00", "2026-03-10T23:59:59.9999999Z", true)]
    [InlineData("UTC", "Tuesday 00:00-00:00", "2026-03-11T00:00:00Z", false)]
    // Spring in Helsinki: 03:00 becomes 04:00 on 2026-03-29 at 01:00 UTC.
    [InlineData("Europe/Helsinki", "Saturday 22:00-06:00", "2026-03-29T02:59:59Z", true)]
    [InlineData("Europe/Helsinki", "Saturday 22:00-06:00", "2026-03-29T03:00:00Z", false)]
    [InlineData("Europe/Helsinki", "Sunday 02:30-03:30", "2026-03-29T00:30:00Z", true)]
    [InlineData("Europe/Helsinki", "Sunday 02:30-03:30", "2026-03-29T00:59:59Z", true)]
    [InlineData("Europe/Helsinki", "Sunday 02:30-03:30", "2026-03-29T01:00:00Z", false)]
    [InlineData("Europe/Helsinki", "Sunday 03:15-03:45", "2026-03-29T01:00:00Z", false)]
    [InlineData("Europe/Helsinki", "Sunday 04:00-05:00", "2026-03-29T01:00:00Z", true)]
    [InlineData("Europe/Helsinki", "Sunday 04:00-05:00", "2026-03-29T00:59:59Z", false)]
    // Autumn in Helsinki: 04:00 becomes 03:00 on 2026-10-25 at 01:00 UTC.
    [InlineData("Europe/Helsinki", "Saturday 22:00-06:00", "2026-10-25T03:59:59Z", true)]
    [InlineData("Europe/Helsinki", "Saturday 22:00-06:00", "2026-10-25T04:00:00Z", false)]
    [InlineData("Europe/Helsinki", "Sunday 03:00-04:00", "2026-10-25T00:00:00Z", true)]
    [InlineData("Europe/Helsinki", "Sunday 03:00-04:00", "2026-10-25T01:59:59Z", true)]
    [InlineData("Europe/Helsinki", "Sunday 03:00-04:00", "2026-10-25T02:00:00Z", false)]
    [InlineData("Europe/Helsinki", "Sunday 03:30-03:45", "2026-10-25T00:35:00Z", true)]
    [InlineData("Europe/Helsinki", "Sunday 03:30-03:45", "2026-10-25T00:50:00Z", false)]
    [InlineData("Europe/Helsinki", "Sunday 03:30-03:45", "2026-10-25T01:35:00Z", true)]
    [InlineData("Europe/Helsinki", "Sunday 03:30-03:45", "2026-10-25T01:45:00Z", false)]
    // New York: forward on 2026-03-08 at 07:00 UTC, back on 2026-11-01 at 06:00 UTC.
    [InlineData("America/New_York", "Sunday 02:00-03:00", "2026-03-08T07:00:00Z", false)]
    [InlineData("America/New_York", "Sunday 01:00-04:00", "2026-03-08T06:00:00Z", true)]
    [InlineData("America/New_York", "Sunday 01:00-04:00", "2026-03-08T07:59:59Z", true)]
    [InlineData("America/New_York", "Sunday 01:00-04:00", "2026-03-08T08:00:00Z", false)]
    [InlineData("America/New_York", "Sunday 01:00-02:00", "2026-11-01T05:00:00Z", true)]
    [InlineData("America/New_York", "Sunday 01:00-02:00", "2026-11-01T06:59:59Z", true)]
    [InlineData("America/New_York", "Sunday 01:00-02:00", "2026-11-01T07:00:00Z", false)]
    [InlineData("America/New_York", "Saturday 20:00-04:00", "2026-11-01T08:59:59Z", true)]
    [InlineData("America/New_York", "Saturday 20:00-04:00", "2026-11-01T09:00:00Z", false)]
    public void Awake_is_what_the_clock_there_says(string zone, string intervals, string at, bool isAwake) =>
        Assert.Equal(isAwake, Fence(zone, intervals).IsAwakeAt(At(at)));

    [Theory]
    [InlineData("UTC", "Monday 08:00-17:00", "2026-01-05T09:00:00Z", "2026-01-05T17:00:00Z")]
    [InlineData("UTC", "Monday 08:00-17:00", "2026-01-05T17:00:00Z", "2026-01-05T17:00:00Z")]
    [InlineData("UTC", "Saturday 22:00-06:00,Sunday 05:00-07:00", "2026-03-07T23:00:00Z", "2026-03-08T07:00:00Z")]
    // The clocks are changed in between.
    [InlineData("Europe/Helsinki", "Saturday 22:00-06:00", "2026-03-28T21:00:00Z", "2026-03-29T03:00:00Z")]
    [InlineData("Europe/Helsinki", "Saturday 22:00-06:00", "2026-10-24T21:00:00Z", "2026-10-25T04:00:00Z")]
    public void It_is_known_when_it_falls_asleep(string zone, string intervals, string at, string until) =>
        Assert.Equal(At(until), Fence(zone, intervals).AwakeUntil(At(at)));

    [Fact]
    public void A_fence_that_never_sleeps_has_no_end() =>
        Assert.Null(Fence("UTC", string.Join(',', Enum.GetNames<DayOfWeek>().Select(day => day + " 00:00-00:00"))).AwakeUntil(At("2026-01-05T09:00:00Z")));

    /// <summary>Asked in any order: what is remembered of the last answer never shows.</summary>
    [Theory]
    [InlineData("Europe/Helsinki", "Saturday 22:00-06:00,Sunday 03:15-03:45,Monday 08:00-17:00,Friday 23:00-01:00")]
    [InlineData("America/New_York", "Sunday 01:30-02:30,Saturday 20:00-01:15,Wednesday 00:00-00:00")]
    [InlineData("Australia/Lord_Howe", "Sunday 01:45-02:15")]
    [InlineData("UTC", "Saturday 23:00-22:00,Sunday 21:00-20:00,Monday 19:00-19:00,Tuesday 18:00-18:00,Wednesday 17:00-17:00,Thursday 16:00-16:00,Friday 15:00-15:00")]
    public void Answers_equal_those_of_a_plain_look_at_the_clock(string zone, string text)
    {
        var fence = Fence(zone, text);
        var (clock, intervals) = (TimeZoneInfo.FindSystemTimeZoneById(zone), Intervals(text).ToArray());
        var random = new Random(7);
        var at = At("2026-03-06T00:00:00Z");
        for (var i = 0; i < 20_000; i++)
        {
            // Mostly onward by minutes, at times anywhere in the year.
            at = random.Next(20) == 0 ? At("2026-01-01T00:00:00Z").AddMinutes(random.Next(527_040)) : at.AddSeconds(random.Next(600));
            Assert.Equal(Plain(clock, intervals, at), fence.IsAwakeAt(at));
        }
    }

    /// <summary>What was found before the clocks are changed does not hold on after, nor what was found after before.</summary>
    [Theory]
    [InlineData("Europe/Helsinki", "2026-03-29T01:00:00Z")]
    [InlineData("Europe/Helsinki", "2026-10-25T01:00:00Z")]
    [InlineData("America/New_York", "2026-03-08T07:00:00Z")]
    [InlineData("America/New_York", "2026-11-01T06:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T15:00:00Z")]
    public void Answers_hold_up_to_where_the_clocks_are_changed(string zone, string changed)
    {
        const string Text = "Saturday 22:00-06:00,Sunday 12:00-18:00,Friday 08:00-17:00,Monday 08:00-17:00";
        var (clock, intervals) = (TimeZoneInfo.FindSystemTimeZoneById(zone), Intervals(Text).ToArray());
        var times = Enumerable.Range(-1500, 3000).Select(i => At(changed).AddMinutes(i * 3)).ToArray();
        foreach (var order in new[] { times, [.. times.Reverse()] })
        {
            var fence = Fence(zone, Text);
            foreach (var at in order) Assert.True(Plain(clock, intervals, at) == fence.IsAwakeAt(at), $"{at:O}");
        }
    }

    [Fact]
    public void A_fence_without_a_schedule_is_always_awake() => Assert.True(Drawn.Circle(0, 0, 1).IsAwakeAt(Drawn.Long));

    [Fact]
    public void A_schedule_that_cannot_be_kept_is_refused()
    {
        Refused("rules.schedule.timeZone: must be an IANA time zone such as Europe/Helsinki, is 'Helsinki'", "Helsinki", "Monday 08:00-17:00");
        Refused("rules.schedule.timeZone: must be an IANA time zone such as Europe/Helsinki, is ''", "", "Monday 08:00-17:00");
        Refused("rules.schedule.intervals: has none; a fence without a schedule is always awake", "UTC", "");
        Refused("rules.schedule.intervals: must be at most 168, are 169", "UTC", string.Join(',', Enumerable.Repeat("Monday 08:00-17:00", 169)));
        Refused("rules.schedule.intervals[0].day: must be a day of the week, 0 to 6, is 7", "UTC", "7 08:00-17:00");
    }

    private static void Refused(string message, string zone, string intervals) =>
        Assert.Equal(message, Assert.Throws<FenceGeometryException>(() => Fence(zone, intervals)).Message);

    private static bool Plain(TimeZoneInfo clock, WeeklyInterval[] intervals, DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, clock);
        var (time, yesterday) = (TimeOnly.FromTimeSpan(local.TimeOfDay), (DayOfWeek)(((int)local.DayOfWeek + 6) % 7));
        return intervals.Any(one => one.To > one.From
            ? one.Day == local.DayOfWeek && time >= one.From && time < one.To
            : (one.Day == local.DayOfWeek && time >= one.From) || (one.Day == yesterday && time < one.To));
    }

    private static Fence Fence(string zone, string intervals) => Drawn.Compile(
        """{"type":"Point","coordinates":[0,0]}""", GeofenceShapeKind.Circle, 100,
        rules: new GeofenceRules { Schedule = new WeeklySchedule { TimeZone = zone, Intervals = [.. Intervals(intervals)] } });

    private static IEnumerable<WeeklyInterval> Intervals(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(one =>
    {
        var parts = one.Split(' ', '-');
        return new WeeklyInterval(Enum.Parse<DayOfWeek>(parts[0]), TimeOnly.Parse(parts[1], CultureInfo.InvariantCulture), TimeOnly.Parse(parts[2], CultureInfo.InvariantCulture));
    });

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
