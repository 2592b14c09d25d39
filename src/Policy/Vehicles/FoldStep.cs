using System.Collections.Immutable;
using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Sensors;

namespace FleetTracker.Vehicles;

/// <summary>What the steps of one fold share: the state that they change, what was valid, and where they write what they found.</summary>
internal readonly struct FoldStep(
    VehicleState state, TenantRules rules, VehicleOptions options, ImmutableArray<string> groups, CompiledSensor[] sensors, OutcomeDrafts? drafts, FoldTrace? trace)
{
    public VehicleState State { get; } = state;

    public TenantRules Rules { get; } = rules;

    public VehicleOptions Options { get; } = options;

    public ImmutableArray<string> Groups { get; } = groups;

    /// <summary>Those of the vehicle that are watched.</summary>
    public CompiledSensor[] Sensors { get; } = sensors;

    /// <summary><c>null</c> when only the state is wanted.</summary>
    public OutcomeDrafts? Drafts { get; } = drafts;

    public FoldTrace? Trace { get; } = trace;
}

/// <summary>One row as the steps see it. They fill in what later steps need.</summary>
internal struct Reading
{
    public Fix Fix;
    public PositionKey Key;

    /// <summary>Whether the row is a place that counts.</summary>
    public bool IsPlace;

    public Place Place;

    /// <summary>Meters from the place before; 0 at the first.</summary>
    public double MetersFromLast;

    public TimeSpan SinceLast;

    /// <summary>The vehicle is somewhere else without a way: what was measured up to here ends.</summary>
    public bool Jumped;

    /// <summary>Still where it was parked: what the receiver adds to that is noise.</summary>
    public bool IsJitter;

    /// <summary>Meters that the odometer went on.</summary>
    public double WayMeters;

    /// <summary>Of the device, else by the way since the fix before, else <see cref="double.NaN"/>.</summary>
    public double SpeedMetersPerSecond;

    public readonly bool IsMoving(VehicleOptions options) => SpeedMetersPerSecond >= options.MovingSpeedMetersPerSecond;
}

/// <summary>An outcome before it has an id: what the rows say, and nothing else.</summary>
public sealed record OutcomeDraft(OutcomeType Type, string Kind, string Subject, PositionKey At)
{
    public DateTimeOffset? EndedAt { get; init; }

    public required PositionKey Through { get; init; }

    public required OutcomeState State { get; init; }

    public required string Evidence { get; init; }

    /// <summary>When the row was received that said so; see <see cref="OutcomeDrafts.ReceivedAt"/>.</summary>
    internal DateTimeOffset ReceivedAt { get; set; }
}

/// <summary>What a fold wrote, in order. The last word on an identity holds.</summary>
public sealed class OutcomeDrafts
{
    private readonly List<OutcomeDraft> _drafts = [];

    public IReadOnlyList<OutcomeDraft> All => _drafts;

    public int Count => _drafts.Count;

    /// <summary>Why the newest of the rows that could not be judged could not; <c>null</c> when all could.</summary>
    public Exception? Failure { get; internal set; }

    /// <summary>Of the row that is being folded.</summary>
    internal DateTimeOffset ReceivedAt { get; set; }

    internal void Add(OutcomeDraft draft)
    {
        draft.ReceivedAt = ReceivedAt;
        _drafts.Add(draft);
    }

    /// <summary>Takes back what was written after so many.</summary>
    internal void CutTo(int count) => _drafts.RemoveRange(count, _drafts.Count - count);

    public void Clear()
    {
        _drafts.Clear();
        Failure = null;
    }
}

/// <summary>Why the steps decided as they did, for a person who asks.</summary>
public sealed class FoldTrace
{
    private readonly List<TraceLine> _lines = [];

    public IReadOnlyList<TraceLine> Lines => _lines;

    /// <summary>Only lines of this fence, and those of no fence; <c>null</c> = all.</summary>
    public string? FenceId { get; init; }

    internal void Add(DateTimeOffset at, string step, FormattableString text, string? fenceId = null)
    {
        if (fenceId is not null && FenceId is not null && !string.Equals(fenceId, FenceId, StringComparison.Ordinal)) return;
        _lines.Add(new TraceLine(at, step, text.ToString(CultureInfo.InvariantCulture), fenceId));
    }

    public void Clear() => _lines.Clear();
}

/// <summary>One decision.</summary>
/// <param name="At">Fix time of the row, or of the deadline, at which it was taken.</param>
/// <param name="Step">The step that took it, such as <c>geofences</c>.</param>
public sealed record TraceLine(DateTimeOffset At, string Step, string Text, string? FenceId);
