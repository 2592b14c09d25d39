using System.Collections.Immutable;
using FleetTracker.Geofences;

namespace FleetTracker.Vehicles;

public enum MotionView
{
    /// <summary>No place yet.</summary>
    Unknown,
    Parked,

    /// <summary>Has left its place; not yet sure that this is a trip.</summary>
    Departing,
    Driving,
}

public enum FencePhaseView
{
    /// <summary>Neither in it nor about to enter.</summary>
    Outside,

    /// <summary>Inside, not yet for long enough.</summary>
    Entering,
    Inside,

    /// <summary>Outside, not yet for long enough.</summary>
    Leaving,
}

/// <summary>What a state says, for people who ask; nothing is folded from it.</summary>
public sealed record VehicleStateView
{
    public required MotionView Motion { get; init; }

    /// <summary>Fix time at which it stopped, left its place or began its trip; <c>null</c> before the first place.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The newest plausible place; <c>null</c> before the first.</summary>
    public PlaceView? Last { get; init; }

    /// <summary>Where it is parked, if it is.</summary>
    public PlaceView? Parked { get; init; }

    public bool? Ignition { get; init; }

    public ImmutableArray<VisitView> Visits { get; init; } = [];

    public sealed record PlaceView(DateTimeOffset FixedAt, double Latitude, double Longitude, double? AccuracyMeters, double? SpeedMetersPerSecond);

    /// <param name="EnteredAt">The first fix inside.</param>
    /// <param name="OutsideSince">The first fix outside, while leaving.</param>
    public sealed record VisitView(string FenceId, int Version, FencePhaseView Phase, DateTimeOffset EnteredAt, DateTimeOffset? OutsideSince);

    public static VehicleStateView Of(VehicleState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ref readonly var motion = ref state.Motion;
        return new VehicleStateView
        {
            Motion = (MotionView)motion.Mode,
            Since = motion.Mode switch
            {
                MotionMode.Parked => motion.StopStart.At,
                MotionMode.Departing or MotionMode.Driving => motion.TripStart.At,
                _ => null,
            },
            Last = state.Last.IsSet ? PlaceOf(state.Last) : null,
            Parked = motion.Mode == MotionMode.Parked ? PlaceOf(motion.Anchor) : null,
            Ignition = state.Signals.Ignition,
            Visits = [.. state.Visits.Select(visit => new VisitView(
                visit.FenceId, visit.Version, PhaseOf(visit.Phase), visit.Enter.At, visit.Phase == FencePhase.Leaving ? visit.Exit.At : null))],
        };
    }

    private static PlaceView PlaceOf(in Place place) => new(
        place.At, place.Latitude, place.Longitude, place.AccuracyMeters > 0 ? place.AccuracyMeters : null,
        double.IsNaN(place.SpeedMetersPerSecond) ? null : place.SpeedMetersPerSecond);

    internal static FencePhaseView PhaseOf(FencePhase phase) => phase switch
    {
        FencePhase.Entering => FencePhaseView.Entering,
        FencePhase.Inside => FencePhaseView.Inside,
        _ => FencePhaseView.Leaving,
    };
}

/// <summary>How a vehicle stands to one version of a fence, as the fold sees it.</summary>
public sealed record FenceStanding
{
    public required FencePhaseView Phase { get; init; }

    /// <summary>0 inside. Of the place that counts, which is where it is parked while the receiver's noise explains the difference.</summary>
    public required double MetersOutside { get; init; }

    /// <summary>Up to this far outside a vehicle that is in it has not left.</summary>
    public required double MarginMeters { get; init; }

    public required TimeSpan MinDwell { get; init; }

    /// <summary>Whether the fence is for a group of this vehicle.</summary>
    public required bool IsForVehicle { get; init; }

    /// <summary>First fix inside, or, while leaving, the first one outside; <c>null</c> outside.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>By the newest place of the state; <c>null</c> when there is none.</summary>
    public static FenceStanding? Of(VehicleState state, string vehicleId, Fence fence, TenantRules rules)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(fence);
        ArgumentNullException.ThrowIfNull(rules);
        if (!state.Last.IsSet) return null;
        var options = rules.OptionsOf(vehicleId);
        var place = FenceStep.CountedPlace(state.Motion, state.Last, options);
        var visit = state.Visits.FirstOrDefault(visit => string.Equals(visit.FenceId, fence.Definition.Id, StringComparison.Ordinal));
        var isVisited = visit.FenceId is not null;
        return new FenceStanding
        {
            Phase = isVisited ? VehicleStateView.PhaseOf(visit.Phase) : FencePhaseView.Outside,
            MetersOutside = fence.MetersOutside(place.Latitude, place.Longitude),
            MarginMeters = FenceStep.MarginOf(options, fence, place),
            MinDwell = isVisited ? visit.MinDwell : fence.Definition.Rules.MinDwell ?? options.FenceMinDwell,
            IsForVehicle = fence.IsFor(rules.GroupsOf(vehicleId)),
            Since = !isVisited ? null : visit.Phase == FencePhase.Leaving ? visit.Exit.At : visit.Enter.At,
        };
    }
}
