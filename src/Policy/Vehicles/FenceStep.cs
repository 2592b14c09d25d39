using FleetTracker.Geofences;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>
/// Geofences. A vehicle enters at its first fix inside when it stays long enough, and exits at its first fix clearly outside when it stays away long
/// enough: what is too short for that never happened. A segment that leads through a fence without a fix inside is a crossing.
/// </summary>
internal static class FenceStep
{
    [ThreadStatic]
    private static List<Fence>? _near;

    [ThreadStatic]
    private static List<FenceVisit>? _visits;

    public static void Take(in FoldStep step, in Reading reading)
    {
        if (!reading.IsPlace) return;
        var fences = step.Rules.Fences;
        if (fences.Count == 0 && step.State.Visits.Length == 0) return;

        var place = PlaceFor(step, reading);
        // Without a way that counts, only the place is looked at: between two ends of the world would be every fence.
        var mayCross = MayCross(step, reading);
        var from = mayCross ? step.State.Last : place;
        var near = _near ??= [];
        near.Clear();
        fences.Near(from.Latitude, from.Longitude, place.Latitude, place.Longitude, near);
        if (near.Count == 0 && step.State.Visits.Length == 0) return;

        var visits = _visits ??= [];
        visits.Clear();
        visits.AddRange(step.State.Visits);
        var known = visits.Count;
        GoOn(step, reading, place, near, visits);
        foreach (var fence in near)
        {
            if (IsVisited(step.State.Visits, known, fence) || IsIn(visits, fence) || !IsAsked(step, fence, place.At)) continue;
            if (fence.Covers(place.Latitude, place.Longitude)) Begin(step, reading, place, fence, visits);
            else if (mayCross && Counted(step, fence, from.At)) Cross(step, reading, place, from, fence);
        }

        Store(step.State, visits);
    }

    /// <summary>Deadlines that were reached: stays and absences that are long enough now, fences that changed or went to sleep.</summary>
    public static void Advance(in FoldStep step, DateTimeOffset to, PositionKey floor)
    {
        var visits = step.State.Visits;
        if (visits.Length == 0) return;
        var left = _visits ??= [];
        left.Clear();
        foreach (var visit in visits)
        {
            var now = visit;
            if (VisitStep.Advance(step, ref now, to, floor)) left.Add(now);
        }

        Store(step.State, left);
    }

    /// <summary>The next fix time at which <see cref="Advance"/> would do something, if nothing arrives; <c>null</c> = never.</summary>
    public static DateTimeOffset? Deadline(VehicleState state, FenceSnapshot fences, VehicleOptions options)
    {
        DateTimeOffset? next = null;
        foreach (ref readonly var visit in state.Visits.AsSpan())
        {
            var deadline = VisitStep.Deadline(visit, state.Last, fences, options);
            if (next is null || deadline < next) next = deadline;
        }

        return next;
    }

    public static void WriteOpen(in FoldStep step)
    {
        foreach (ref readonly var visit in step.State.Visits.AsSpan())
        {
            if (visit.Phase == FencePhase.Entering) continue;
            step.Drafts?.Add(FenceDrafts.OpenVisit(visit, default));
            if (visit.Speeding.IsTold) step.Drafts?.Add(SpeedingStep.Open(visit.Speeding, "geofence.overspeed", visit.FenceId, default));
        }
    }

    /// <summary>A parked vehicle is where it was parked, as long as the receiver's noise may explain the difference.</summary>
    private static Place PlaceFor(in FoldStep step, in Reading reading) =>
        reading.IsJitter ? CountedPlace(step.State.Motion, reading.Place, step.Options) : reading.Place;

    /// <summary>The same of a fix that is known to be of the place where the vehicle is parked, if it is.</summary>
    public static Place CountedPlace(in MotionState motion, in Place seen, VehicleOptions options)
    {
        if (motion.Mode != MotionMode.Parked) return seen;
        ref readonly var anchor = ref motion.Anchor;
        var noise = Math.Max(options.FenceMarginMeters, Math.Min(seen.AccuracyMeters, options.FenceMaxMarginMeters));
        if (PlausibilityStep.Between(anchor, seen) > noise) return seen;
        var place = seen;
        (place.Latitude, place.Longitude) = (anchor.Latitude, anchor.Longitude);
        return place;
    }

    private static void GoOn(in FoldStep step, in Reading reading, in Place place, List<Fence> near, List<FenceVisit> visits)
    {
        var kept = 0;
        for (var i = 0; i < visits.Count; i++)
        {
            var visit = visits[i];
            // Advance has ended the visits of fences that are not valid any more.
            var fence = FindNear(near, visit) ?? step.Rules.Fences.Find(visit.FenceId, place.At, ref visit.Slot);
            if (fence is null || GoOn(step, reading, place, fence, ref visit)) visits[kept++] = visit;
        }

        visits.RemoveRange(kept, visits.Count - kept);
    }

    /// <summary>False when the visit is over.</summary>
    private static bool GoOn(in FoldStep step, in Reading reading, in Place place, Fence fence, ref FenceVisit visit)
    {
        var isInside = fence.Covers(place.Latitude, place.Longitude);
        if (isInside)
        {
            visit.LastInside = place;
            if (visit.Phase == FencePhase.Leaving)
            {
                step.Trace?.Add(place.At, "geofences", $"inside again after {(place.At - visit.Exit.At).TotalSeconds:0.#} s, less than {visit.MinDwell.TotalSeconds:0.#} s: has not left", visit.FenceId);
                visit.Phase = FencePhase.Inside;
            }

            if (visit.Phase == FencePhase.Inside) Speed(step, reading, place, fence, ref visit);
            return true;
        }

        var margin = MarginOf(step, fence, place);
        var outside = fence.MetersOutside(place.Latitude, place.Longitude);
        if (outside <= margin)
        {
            if (visit.Phase != FencePhase.Leaving) step.Trace?.Add(place.At, "geofences", $"outside by {outside:0.#} m, within the margin of {margin:0.#} m: counts as inside", visit.FenceId);
            return true;
        }

        switch (visit.Phase)
        {
            case FencePhase.Entering:
                step.Trace?.Add(place.At, "geofences", $"outside again by {outside:0.#} m after {(place.At - visit.Enter.At).TotalSeconds:0.#} s, less than {visit.MinDwell.TotalSeconds:0.#} s: has not entered", visit.FenceId);
                return false;
            case FencePhase.Inside:
                visit.Phase = FencePhase.Leaving;
                visit.Exit = place;
                step.Trace?.Add(place.At, "geofences", $"outside by {outside:0.#} m, beyond the margin of {margin:0.#} m: an exit if it stays away {visit.MinDwell.TotalSeconds:0.#} s", visit.FenceId);
                SpeedingStep.End(step, ref visit.Speeding, "geofence.overspeed", visit.FenceId, reading.Key);
                return VisitStep.Advance(step, ref visit, place.At, reading.Key);
            default:
                return true;
        }
    }

    private static void Begin(in FoldStep step, in Reading reading, in Place place, Fence fence, List<FenceVisit> visits)
    {
        var rules = fence.Definition.Rules;
        var visit = new FenceVisit
        {
            FenceId = fence.Definition.Id,
            Version = fence.Definition.Version,
            Phase = FencePhase.Entering,
            Enter = place,
            LastInside = place,
            MinDwell = rules.MinDwell ?? step.Options.FenceMinDwell,
            DwellEventAfter = rules.DwellEventAfter ?? TimeSpan.MaxValue,
        };
        step.Trace?.Add(place.At, "geofences", $"inside: an enter if it stays {visit.MinDwell.TotalSeconds:0.#} s", visit.FenceId);
        if (VisitStep.Advance(step, ref visit, place.At, reading.Key))
        {
            if (visit.Phase == FencePhase.Inside) Speed(step, reading, place, fence, ref visit);
            visits.Add(visit);
        }
    }

    private static void Cross(in FoldStep step, in Reading reading, in Place place, in Place from, Fence fence)
    {
        var inside = fence.MetersInside(from.Latitude, from.Longitude, place.Latitude, place.Longitude);
        if (inside <= 0) return;
        var margin = Math.Max(MarginOf(step, fence, place), Math.Min(from.AccuracyMeters, step.Options.FenceMaxMarginMeters));
        if (inside < margin)
        {
            step.Trace?.Add(place.At, "geofences", $"the way leads {inside:0.#} m through it, within the margin of {margin:0.#} m: no crossing", fence.Definition.Id);
            return;
        }

        step.Trace?.Add(place.At, "geofences", $"the way since the fix before leads {inside:0.#} m through it: crossed", fence.Definition.Id);
        step.Drafts?.Add(FenceDrafts.Cross(fence, from, place, inside, margin, reading.Key));
    }

    private static bool MayCross(in FoldStep step, in Reading reading) =>
        step.Options.FenceCrossings && step.State.Last.IsSet && !reading.Jumped && !reading.IsJitter && reading.MetersFromLast > 0 && reading.SinceLast <= step.Options.FenceMaxCrossingGap;

    private static void Speed(in FoldStep step, in Reading reading, in Place place, Fence fence, ref FenceVisit visit) =>
        SpeedingStep.Take(step, ref visit.Speeding, fence.SpeedLimitMetersPerSecond, place, reading.SpeedMetersPerSecond, "geofence.overspeed", visit.FenceId, reading.Key);

    private static double MarginOf(in FoldStep step, Fence fence, in Place place) => MarginOf(step.Options, fence, place);

    public static double MarginOf(VehicleOptions options, Fence fence, in Place place) =>
        fence.MarginMeters ?? Math.Max(options.FenceMarginMeters, Math.Min(place.AccuracyMeters, options.FenceMaxMarginMeters));

    private static bool IsAsked(in FoldStep step, Fence fence, DateTimeOffset at) => fence.IsValidAt(at) && fence.IsFor(step.Groups) && fence.IsAwakeAt(at);

    /// <summary>
    /// Whether the fence counted at the beginning of a way: one that was drawn, or woke up, on the way may have been passed before. A vehicle that was inside when it
    /// began to count is none that led through it.
    /// </summary>
    private static bool Counted(in FoldStep step, Fence fence, DateTimeOffset at)
    {
        var then = fence.IsValidAt(at) ? fence : step.Rules.Fences.Find(fence.Id, at);
        return then is not null && then.IsAwakeAt(at);
    }

    private static Fence? FindNear(List<Fence> near, in FenceVisit visit)
    {
        foreach (var fence in near)
        {
            if (fence.Version == visit.Version && string.Equals(fence.Id, visit.FenceId, StringComparison.Ordinal)) return fence;
        }

        return null;
    }

    private static bool IsIn(List<FenceVisit> visits, Fence fence)
    {
        foreach (var visit in visits)
        {
            if (string.Equals(visit.FenceId, fence.Id, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    /// <summary>A fence that the vehicle was in when the fix came is neither entered nor crossed at it.</summary>
    private static bool IsVisited(FenceVisit[] visits, int count, Fence fence)
    {
        for (var i = 0; i < count; i++)
        {
            if (string.Equals(visits[i].FenceId, fence.Id, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private static void Store(VehicleState state, List<FenceVisit> visits)
    {
        if (visits.Count != state.Visits.Length) state.Visits = VisitArrays.Exchange(state.Visits, visits.Count);
        visits.CopyTo(state.Visits);
    }
}
