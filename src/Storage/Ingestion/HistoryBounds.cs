using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>A page of history as one range of keys, in whole microseconds.</summary>
internal static class HistoryBounds
{
    /// <summary>Earlier than every row, and an instant that every engine can express.</summary>
    public static readonly long Earliest = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixMicroseconds();

    public static readonly long Latest = new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixMicroseconds();

    /// <summary>The key after which the page begins.</summary>
    public static (long FixedAt, long Digest) After(PositionQuery query)
    {
        // An inclusive instant is "after the last possible key of the microsecond before".
        var from = (Ceiling(query.From) ?? Earliest) - 1;
        if (query.After is not { } after) return (from, long.MaxValue);
        var time = after.FixedAt.ToUnixMicroseconds();
        return time > from ? (time, after.Digest) : (from, long.MaxValue);
    }

    /// <summary>The instant before which it ends.</summary>
    public static long Before(PositionQuery query) => Ceiling(query.To) ?? Latest;

    /// <summary>The first whole microsecond that is not before the instant.</summary>
    public static long? Ceiling(DateTimeOffset? instant)
    {
        if (instant is not { } value) return null;
        var whole = value.ToUnixMicroseconds();
        var ceiling = value.UtcTicks % TimeSpan.TicksPerMicrosecond == 0 ? whole : whole + 1;
        return Math.Clamp(ceiling, Earliest, Latest);
    }
}

/// <summary>History is kept by whole days, since the engines drop it by the day.</summary>
internal static class RetentionDay
{
    /// <summary>Rows are folded until they are 7 days late; two more leave room for clocks and for a retention that runs late.</summary>
    private static readonly TimeSpan CheckpointDays = TimeSpan.FromDays(9);

    /// <summary>The midnight (UTC) from which rows are kept.</summary>
    public static DateTimeOffset OldestKept(DateTimeOffset now, TimeSpan retention) => new((now - retention).UtcDateTime.Date, TimeSpan.Zero);

    /// <summary>The instant before which a vehicle keeps its newest checkpoint only: no row that is still folded lies before that one.</summary>
    public static DateTimeOffset CheckpointsThinnedBefore(DateTimeOffset now) => now - CheckpointDays;
}
