using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>Where a line through a vehicle's positions must be broken: nothing is known of its way while it was silent.</summary>
internal struct TrackBreaks
{
    public static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(15);

    private DateTimeOffset? _last;

    /// <summary>Takes note of the next position; true when no line leads to it from the one before.</summary>
    public bool IsBreakBefore(Fix fix)
    {
        var isBreak = _last is not { } last || fix.FixedAt - last > LongestGap;
        _last = fix.FixedAt;
        return isBreak;
    }
}
