namespace FleetTracker.Ingestion;

/// <summary>A row's place within its vehicle's history, which is also the order in which rows are folded: one second may carry two different fixes.</summary>
[GenerateSerializer, Immutable, Alias("PositionKey")]
public readonly record struct PositionKey([property: Id(0)] DateTimeOffset FixedAt, [property: Id(1)] long Digest) : IComparable<PositionKey>
{
    public int CompareTo(PositionKey other)
    {
        var time = FixedAt.CompareTo(other.FixedAt);
        return time != 0 ? time : Digest.CompareTo(other.Digest);
    }

    public static PositionKey Of(Fix fix)
    {
        ArgumentNullException.ThrowIfNull(fix);
        return new PositionKey(fix.FixedAt, fix.Digest);
    }

    public static bool operator <(PositionKey left, PositionKey right) => left.CompareTo(right) < 0;

    public static bool operator >(PositionKey left, PositionKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(PositionKey left, PositionKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PositionKey left, PositionKey right) => left.CompareTo(right) >= 0;
}
