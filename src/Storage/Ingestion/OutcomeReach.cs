using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Storage;

/// <summary>
/// How far an outcome reaches beyond its beginning, in classes. Lists are ordered by beginnings, so what was already going on at an instant is found by
/// looking back from it: per class, by the longest that belongs to it. Stored; a class is never given another meaning.
/// </summary>
internal enum OutcomeReach : short
{
    Moment = 0,
    UpToAnHour = 1,
    UpToHalfADay = 2,
    UpToAWeek = 3,

    /// <summary>So few that looking back to the first is cheap.</summary>
    Longer = 4,

    /// <summary>Not over, whatever its times say.</summary>
    Open = 5,
}

internal static class OutcomeReaches
{
    private const long Hour = TimeSpan.MicrosecondsPerHour;

    /// <summary>All that may be found by looking back.</summary>
    public static readonly OutcomeReach[] Lasting =
        [OutcomeReach.UpToAnHour, OutcomeReach.UpToHalfADay, OutcomeReach.UpToAWeek, OutcomeReach.Longer, OutcomeReach.Open];

    /// <summary>Covers the end and the last row that shaped it, since catching up asks for the one and lists for the other.</summary>
    public static OutcomeReach Of(Outcome outcome)
    {
        if (outcome.State == OutcomeState.Open) return OutcomeReach.Open;
        var last = Math.Max((outcome.EndedAt ?? outcome.At.FixedAt).ToUnixMicroseconds(), outcome.Through.FixedAt.ToUnixMicroseconds());
        return (last - outcome.At.FixedAt.ToUnixMicroseconds()) switch
        {
            <= 0 => OutcomeReach.Moment,
            <= Hour => OutcomeReach.UpToAnHour,
            <= 12 * Hour => OutcomeReach.UpToHalfADay,
            <= 7 * 24 * Hour => OutcomeReach.UpToAWeek,
            _ => OutcomeReach.Longer,
        };
    }

    /// <summary>The earliest beginning, in microseconds, of what belongs to the class and reaches <paramref name="instant"/>.</summary>
    public static long EarliestBeginning(this OutcomeReach reach, long instant) => reach switch
    {
        OutcomeReach.Moment => instant,
        OutcomeReach.UpToAnHour => instant - Hour,
        OutcomeReach.UpToHalfADay => instant - (12 * Hour),
        OutcomeReach.UpToAWeek => instant - (7 * 24 * Hour),
        _ => HistoryBounds.Earliest,
    };
}
