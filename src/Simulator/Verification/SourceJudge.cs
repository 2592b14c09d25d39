using System.Text;

namespace FleetTracker.Simulation;

/// <summary>The one group into which an element of a recording falls.</summary>
public enum SourceGroup
{
    InOrder,

    /// <summary>A good position, fixed before one of the same device seen earlier.</summary>
    Late,

    /// <summary>The very same element of the same device, seen before.</summary>
    Duplicate,

    /// <summary>The device reported, but had no position.</summary>
    WithoutPosition,

    /// <summary>Exactly 0, 0: a receiver's default, not a place.</summary>
    NullIsland,

    /// <summary>A good position that the server keeps but folds into nothing, because it arrives so long after it was fixed.</summary>
    BeyondWindow,

    /// <summary>A time that the server refuses, or coordinates outside the globe.</summary>
    Rejected,
}

/// <summary>
/// What the server is set to accept; <c>null</c> = no such bound. Without bounds the groups say what the file alone contains.
/// </summary>
public sealed record SourceBounds
{
    public static readonly SourceBounds None = new();

    /// <summary>When the elements are received, near enough. Bounds only bite further from it than a replay lasts.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    public TimeSpan? LateWindow { get; init; }

    public TimeSpan? Retention { get; init; }

    public TimeSpan MaxClockLead { get; init; } = TimeSpan.FromSeconds(90);
}

/// <summary>
/// Judges the elements of a recording in file order, independently of the server: this is the other opinion that a replay is verified
/// against, so it shares no code with it.
/// </summary>
public sealed class SourceJudge(SourceBounds bounds)
{
    private static readonly DateTimeOffset BeginningOfTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, DateTimeOffset> _newest = new(StringComparer.Ordinal);
    private readonly HashSet<(string DeviceId, string Content)> _seen = [];

    public SourceGroup Judge(TraceElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        if (IsRejected(element)) return SourceGroup.Rejected;
        if (!_seen.Add((element.DeviceId, Encoding.Latin1.GetString(element.Payload)))) return SourceGroup.Duplicate;
        if (element.Latitude is not { } latitude || element.Longitude is not { } longitude) return SourceGroup.WithoutPosition;
        if (latitude == 0 && longitude == 0) return SourceGroup.NullIsland;
        if (IsBeyondWindow(element)) return SourceGroup.BeyondWindow;

        // The same instant with another content is not late: nothing says which of the two came first.
        if (_newest.TryGetValue(element.DeviceId, out var newest) && element.FixedAt < newest) return SourceGroup.Late;
        _newest[element.DeviceId] = element.FixedAt;
        return SourceGroup.InOrder;
    }

    private bool IsRejected(TraceElement element)
    {
        if (element.FixedAt < BeginningOfTime) return true;
        if (element.Latitude is < -90 or > 90 || element.Longitude is < -180 or > 180) return true;
        if (bounds.ReceivedAt is not { } receivedAt) return false;
        return element.FixedAt > receivedAt + bounds.MaxClockLead || (bounds.Retention is { } kept && element.FixedAt < receivedAt - kept);
    }

    private bool IsBeyondWindow(TraceElement element) =>
        bounds is { ReceivedAt: { } receivedAt, LateWindow: { } window } && element.FixedAt < receivedAt - window;
}

/// <summary>How many elements fell into each group.</summary>
public sealed class SourceCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<SourceGroup>().Length];

    public long this[SourceGroup group] => _counts[(int)group];

    public long Total => _counts.Sum();

    public static SourceCounts Of(IEnumerable<TraceElement> elements, SourceBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(elements);
        var judge = new SourceJudge(bounds);
        var counts = new SourceCounts();
        foreach (var element in elements) counts.Add(judge.Judge(element));
        return counts;
    }

    internal void Add(SourceGroup group) => _counts[(int)group]++;

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{Total:N0} = {this[SourceGroup.InOrder]:N0} in order + {this[SourceGroup.Late]:N0} late + {this[SourceGroup.Duplicate]:N0} duplicate + {this[SourceGroup.WithoutPosition]:N0} without position + {this[SourceGroup.NullIsland]:N0} at 0,0 + {this[SourceGroup.BeyondWindow]:N0} beyond the late window + {this[SourceGroup.Rejected]:N0} rejected");
}
