using System.Collections.Immutable;

namespace FleetTracker.Geofences;

/// <summary>
/// A weekly schedule, ready to be asked: awake while a clock on the wall in its time zone shows a time within one of its intervals. The hour that is
/// skipped in spring is no time at all, and the one that comes twice in autumn counts both times.
/// </summary>
internal sealed class WeekHours
{
    /// <summary>One for every hour of the week.</summary>
    public const int MaxIntervals = 168;

    private const long Week = 7 * TimeSpan.TicksPerDay;

    private readonly TimeZoneInfo _zone;

    // Ticks of the local week since Sunday 00:00 at which it wakes (even) and falls asleep (odd), rising; the last may lie in the week after. Empty:
    // always awake.
    private readonly long[] _changes;

    // Fixes follow each other in time: the answer of the last one mostly holds for the next. Replaced as a whole, so any thread may read it.
    private volatile Answer _last = new(DateTimeOffset.MaxValue, DateTimeOffset.MinValue, false);

    /// <exception cref="FenceGeometryException">The schedule cannot be kept.</exception>
    public WeekHours(WeeklySchedule schedule)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(schedule.TimeZone ?? "", out var zone))
            throw new FenceGeometryException("rules.schedule.timeZone", $"must be an IANA time zone such as Europe/Helsinki, is '{schedule.TimeZone}'");
        if (schedule.Intervals.IsDefaultOrEmpty)
            throw new FenceGeometryException("rules.schedule.intervals", "has none; a fence without a schedule is always awake");
        if (schedule.Intervals.Length > MaxIntervals)
            throw new FenceGeometryException("rules.schedule.intervals", $"must be at most {MaxIntervals}, are {schedule.Intervals.Length}");
        (_zone, _changes) = (zone, Changes(schedule.Intervals));
    }

    public bool IsAwakeAt(DateTimeOffset at) => Answered(at).IsAwake;

    /// <summary>When the time in which it is awake at <paramref name="at"/> ends; that instant itself when it is asleep, <c>null</c> when it never sleeps.</summary>
    public DateTimeOffset? AwakeUntil(DateTimeOffset at)
    {
        if (_changes.Length == 0) return null;
        var until = at;
        // An answer ends early where the clocks are changed.
        for (var answer = Answered(at); answer.IsAwake; answer = Find(until)) until = answer.Until;
        return until;
    }

    private static long[] Changes(ImmutableArray<WeeklyInterval> intervals)
    {
        for (var i = 0; i < intervals.Length; i++)
        {
            if (intervals[i].Day is < DayOfWeek.Sunday or > DayOfWeek.Saturday)
                throw new FenceGeometryException($"rules.schedule.intervals[{i}].day", $"must be a day of the week, 0 to 6, is {(int)intervals[i].Day}");
        }

        var merged = new List<(long From, long To)>();
        foreach (var (from, to) in intervals.Select(Ticks).Order())
        {
            if (merged.Count > 0 && from <= merged[^1].To) merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, to));
            else merged.Add((from, to));
        }

        // The last one may run over the end of the week into the first ones.
        while (merged.Count > 1 && merged[^1].To >= merged[0].From + Week)
        {
            merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, merged[0].To + Week));
            merged.RemoveAt(0);
        }

        return merged is [var only] && only.To - only.From >= Week ? [] : [.. merged.SelectMany(one => new[] { one.From, one.To })];
    }

    private static (long From, long To) Ticks(WeeklyInterval interval)
    {
        var day = (int)interval.Day * TimeSpan.TicksPerDay;
        var next = interval.To <= interval.From ? TimeSpan.TicksPerDay : 0;
        return (day + interval.From.Ticks, day + interval.To.Ticks + next);
    }

    private Answer Answered(DateTimeOffset at)
    {
        var last = _last;
        if (at < last.From || at >= last.Until) _last = last = Find(at);
        return last;
    }

    private Answer Find(DateTimeOffset at)
    {
        if (_changes.Length == 0) return new Answer(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, true);

        var offset = _zone.GetUtcOffset(at);
        // Day 0 of the calendar was a Monday.
        var local = (at.UtcTicks + offset.Ticks + TimeSpan.TicksPerDay) % Week;
        // The intervals of this week begin within it, but the last may end in the next: look from a week later too.
        if (local < _changes[0]) local += Week;
        var next = Array.FindIndex(_changes, change => change > local);
        var (since, until) = next < 0
            ? (_changes[^1], _changes[0] + Week)
            : (_changes[next - 1], _changes[next]);
        return new Answer(
            WithOffset(at, since - local, offset),
            WithOffset(at, until - local, offset),
            next >= 0 && (next & 1) == 1);
    }

    /// <summary>The time some local ticks from another, or the nearer one at which the clocks there are changed.</summary>
    private DateTimeOffset WithOffset(DateTimeOffset at, long ticks, TimeSpan offset)
    {
        if (ticks < DateTimeOffset.MinValue.Ticks - at.UtcTicks) return DateTimeOffset.MinValue;
        if (ticks > DateTimeOffset.MaxValue.Ticks - at.UtcTicks) return DateTimeOffset.MaxValue;
        var (same, other) = (at.UtcTicks, at.UtcTicks + ticks);
        if (OffsetAt(other) == offset) return new DateTimeOffset(other, TimeSpan.Zero);

        while (Math.Abs(other - same) > 1)
        {
            var middle = same + ((other - same) / 2);
            if (OffsetAt(middle) == offset) same = middle;
            else other = middle;
        }

        // From is inclusive, until exclusive.
        return new DateTimeOffset(ticks < 0 ? same : other, TimeSpan.Zero);
    }

    private TimeSpan OffsetAt(long utcTicks) => _zone.GetUtcOffset(new DateTimeOffset(utcTicks, TimeSpan.Zero));

    private sealed record Answer(DateTimeOffset From, DateTimeOffset Until, bool IsAwake);
}
