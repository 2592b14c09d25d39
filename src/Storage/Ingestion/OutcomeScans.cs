using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Storage;

/// <summary>A place in the order of outcomes, (At, id). Guids compare by their digits on every engine.</summary>
internal readonly record struct OutcomePlace(long FixedAt, long Digest, Guid Id)
{
    public static OutcomePlace Of(Outcome outcome) => Of(outcome.At, outcome.Id);

    public static OutcomePlace Of(PositionKey at, Guid id) => new(at.FixedAt.ToUnixMicroseconds(), at.Digest, id);

    /// <summary>The last place before a microsecond.</summary>
    public static OutcomePlace Below(long fixedAt) => new(fixedAt - 1, long.MaxValue, Guid.AllBitsSet);

    /// <summary>The first place of a microsecond.</summary>
    public static OutcomePlace FirstOf(long fixedAt) => new(fixedAt, long.MinValue, Guid.Empty);

    public static int Compare(OutcomePlace left, OutcomePlace right)
    {
        var order = left.FixedAt.CompareTo(right.FixedAt);
        if (order == 0) order = left.Digest.CompareTo(right.Digest);
        return order == 0 ? left.Id.CompareTo(right.Id) : order;
    }

    public static OutcomePlace Later(OutcomePlace left, OutcomePlace right) => Compare(left, right) >= 0 ? left : right;

    public static OutcomePlace Earlier(OutcomePlace left, OutcomePlace right) => Compare(left, right) <= 0 ? left : right;
}

/// <summary>One range of an index, which has the order of the list: both places are outside of it.</summary>
/// <param name="Reach"><c>null</c> = every class.</param>
internal readonly record struct OutcomeScan(OutcomeType Type, OutcomeReach? Reach, OutcomePlace After, OutcomePlace Before)
{
    public bool IsEmpty => OutcomePlace.Compare(After, Before) >= 0;
}

/// <summary>The ranges that hold everything a list may contain, the ones that come first in the list first. They have no outcome in common.</summary>
internal static class OutcomeScans
{
    private static readonly OutcomeType[] Every = Enum.GetValues<OutcomeType>();

    public static List<OutcomeScan> Of(OutcomeQuery query)
    {
        var after = OutcomePlace.Below(HistoryBounds.Earliest);
        var before = OutcomePlace.FirstOf(HistoryBounds.Ceiling(query.To) ?? HistoryBounds.Latest);
        if (query.After is { } last && query.Descending) before = OutcomePlace.Earlier(before, OutcomePlace.Of(last.At, last.Id));
        else if (query.After is { } seen) after = OutcomePlace.Of(seen.At, seen.Id);

        if (query.OpenOnly) return [.. query.Types.Distinct().Select(type => new OutcomeScan(type, OutcomeReach.Open, after, before)).Where(scan => !scan.IsEmpty)];
        var scans = From(query.Types.Distinct(), HistoryBounds.Ceiling(query.From), after, before);
        if (query.Descending) scans.Reverse();
        return scans;
    }

    /// <summary>Everything of which something lies at or after the key's instant.</summary>
    public static List<OutcomeScan> After(PositionKey? key) => From(
        Every, key?.FixedAt.ToUnixMicroseconds(), OutcomePlace.Below(HistoryBounds.Earliest), OutcomePlace.FirstOf(HistoryBounds.Latest));

    private static List<OutcomeScan> From(IEnumerable<OutcomeType> types, long? from, OutcomePlace after, OutcomePlace before)
    {
        var scans = new List<OutcomeScan>();
        if (from is { } instant)
        {
            foreach (var type in types)
            {
                foreach (var reach in OutcomeReaches.Lasting)
                {
                    scans.Add(new OutcomeScan(
                        type, reach,
                        OutcomePlace.Later(after, OutcomePlace.Below(Math.Max(reach.EarliestBeginning(instant), HistoryBounds.Earliest))),
                        OutcomePlace.Earlier(before, OutcomePlace.FirstOf(instant))));
                }
            }

            after = OutcomePlace.Later(after, OutcomePlace.Below(instant));
        }

        scans.AddRange(types.Select(type => new OutcomeScan(type, null, after, before)));
        scans.RemoveAll(scan => scan.IsEmpty);
        return scans;
    }
}
