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

    /// <summary>Longer arrays of visits are not kept: few vehicles are in so many fences at once.</summary>
    private const int MaxSpareLength = 8;

    private const int MaxSpares = 4;

    [ThreadStatic]
    private static Stack<FenceVisit[]>[]? _spares;

    public static void Take(in FoldStep step, in Reading reading)
    {
        if (!reading.IsPlace) return;
        var fences = step.Rules.Fences;
        if (fences.Count == 0 && step.State.Visits.Length == 0) return;

        var place = PlaceFor(step, reading);
        var from = step.State.Last.IsSet ? step.State.Last : place;
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
            else if (MayCross(step, reading)) Cross(step, reading, place, from, fence);
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
            if (AdvanceVisit(step, ref now, to, floor)) left.Add(now);
        }

        Store(step.State, left);
    }

    /// <summary>The next fix time at which <see cref="Advance"/> would do something, if nothing arrives; <c>null</c> = never.</summary>
    public static DateTimeOffset? Deadline(VehicleState state, FenceSnapshot fences)
    {
        DateTimeOffset? next = null;
        foreach (ref readonly var visit in state.Visits.AsSpan())
        {
            Consider(ref next, visit.Phase switch
            {
                FencePhase.Entering => visit.Enter.At + visit.MinDwell,
                FencePhase.Leaving => visit.Exit.At + visit.MinDwell,
                _ => DwellDeadline(visit),
            });
            if (fences.Find(visit.FenceId, visit.LastInside.At) is not { } fence) continue;
            Consider(ref next, fence.Definition.ValidTo);
            Consider(ref next, fence.AwakeUntil(visit.LastInside.At));
        }

        return next;

        static void Consider(ref DateTimeOffset? next, DateTimeOffset? at)
        {
            if (at is { } deadline && (next is null || deadline < next)) next = deadline;
        }
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
                return AdvanceVisit(step, ref visit, place.At, reading.Key);
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
        if (AdvanceVisit(step, ref visit, place.At, reading.Key))
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
        step.Options.FenceCrossings && !reading.Jumped && !reading.IsJitter && reading.MetersFromLast > 0 && reading.SinceLast <= step.Options.FenceMaxCrossingGap;

    private static void Speed(in FoldStep step, in Reading reading, in Place place, Fence fence, ref FenceVisit visit) =>
        SpeedingStep.Take(step, ref visit.Speeding, fence.SpeedLimitMetersPerSecond, place, "geofence.overspeed", visit.FenceId, reading.Key);

    /// <summary>False when the visit is over. What is reached within a row has that row's key, <paramref name="floor"/>.</summary>
    private static bool AdvanceVisit(in FoldStep step, ref FenceVisit visit, DateTimeOffset to, PositionKey floor)
    {
        var overAt = OverAt(step, ref visit, to, out var reason);
        var until = overAt ?? to;
        if (visit.Phase == FencePhase.Entering && visit.Enter.At + visit.MinDwell <= until) Entered(step, ref visit, floor);
        if (visit.Phase != FencePhase.Entering) Dwelt(step, ref visit, until, floor);
        if (visit.Phase == FencePhase.Leaving && visit.Exit.At + visit.MinDwell <= until)
        {
            End(step, ref visit, visit.Exit, "left", Through(visit.Exit.At + visit.MinDwell, floor));
            return false;
        }

        if (overAt is not { } over) return true;
        if (visit.Phase == FencePhase.Entering) step.Trace?.Add(over, "geofences", $"{reason} before it had entered", visit.FenceId);
        else End(step, ref visit, visit.LastInside, reason, Through(over, floor));
        return false;
    }

    private static void Entered(in FoldStep step, ref FenceVisit visit, PositionKey floor)
    {
        var through = Through(visit.Enter.At + visit.MinDwell, floor);
        visit.Phase = FencePhase.Inside;
        step.Drafts?.Add(FenceDrafts.Enter(visit, through));
        step.Drafts?.Add(FenceDrafts.OpenVisit(visit, through));
        step.Trace?.Add(through.FixedAt, "geofences", $"entered at {visit.Enter.At:O}", visit.FenceId);
    }

    private static void Dwelt(in FoldStep step, ref FenceVisit visit, DateTimeOffset until, PositionKey floor)
    {
        if (visit.Phase == FencePhase.Leaving && visit.Exit.At < until) until = visit.Exit.At;
        if (DwellDeadline(visit) is not { } dwell || dwell > until) return;
        visit.DwellIsTold = true;
        step.Drafts?.Add(FenceDrafts.Dwell(visit, Through(dwell, floor)));
        step.Trace?.Add(dwell, "geofences", $"inside for {visit.DwellEventAfter.TotalSeconds:0.#} s", visit.FenceId);
    }

    /// <summary>When the fence became another one, fell asleep, or was not for this vehicle any more; <c>null</c> when nothing of that came until <paramref name="to"/>.</summary>
    private static DateTimeOffset? OverAt(in FoldStep step, ref FenceVisit visit, DateTimeOffset to, out string reason)
    {
        reason = "geofence deleted";
        var fences = step.Rules.Fences;
        if (fences.Find(visit.FenceId, visit.LastInside.At, ref visit.Slot) is not { } fence || fence.Version != visit.Version) return to;

        DateTimeOffset? over = null;
        if (!fence.IsValidAt(to) && fence.Definition.ValidTo is { } validTo && validTo <= to)
        {
            over = validTo;
            if (fences.Find(visit.FenceId, validTo) is not null) reason = "geofence changed";
        }

        if (fence.AwakeUntil(visit.LastInside.At) is { } asleep && asleep <= (over ?? to))
        {
            over = asleep;
            reason = "schedule";
        }

        if (over is null && !fence.IsFor(step.Groups))
        {
            over = to;
            reason = "not for this vehicle";
        }

        return over;
    }

    private static void End(in FoldStep step, ref FenceVisit visit, in Place exit, string reason, PositionKey through)
    {
        SpeedingStep.End(step, ref visit.Speeding, "geofence.overspeed", visit.FenceId, through);
        step.Drafts?.Add(FenceDrafts.Exit(visit, exit, reason, through));
        step.Drafts?.Add(FenceDrafts.Visit(visit, exit, reason, through));
        step.Trace?.Add(through.FixedAt, "geofences", $"exited at {exit.At:O}: {reason}", visit.FenceId);
    }

    private static DateTimeOffset? DwellDeadline(in FenceVisit visit) =>
        visit.DwellIsTold || visit.DwellEventAfter == TimeSpan.MaxValue ? null : visit.Enter.At + visit.DwellEventAfter;

    private static PositionKey Through(DateTimeOffset deadline, PositionKey floor)
    {
        var key = DeadlineKeys.At(deadline);
        return key > floor ? key : floor;
    }

    private static double MarginOf(in FoldStep step, Fence fence, in Place place) => MarginOf(step.Options, fence, place);

    public static double MarginOf(VehicleOptions options, Fence fence, in Place place) =>
        fence.MarginMeters ?? Math.Max(options.FenceMarginMeters, Math.Min(place.AccuracyMeters, options.FenceMaxMarginMeters));

    private static bool IsAsked(in FoldStep step, Fence fence, DateTimeOffset at) => fence.IsValidAt(at) && fence.IsFor(step.Groups) && fence.IsAwakeAt(at);

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
        if (visits.Count != state.Visits.Length) state.Visits = Exchange(state.Visits, visits.Count);
        visits.CopyTo(state.Visits);
    }

    /// <summary>An array belongs to one state, so what is given up here serves the next state that needs its length: visits that come and go allocate nothing.</summary>
    private static FenceVisit[] Exchange(FenceVisit[] old, int length)
    {
        var spares = _spares ??= [.. Enumerable.Range(0, MaxSpareLength + 1).Select(_ => new Stack<FenceVisit[]>(MaxSpares))];
        if (old.Length is > 0 and <= MaxSpareLength && spares[old.Length].Count < MaxSpares) spares[old.Length].Push(old);
        if (length == 0) return [];
        return length <= MaxSpareLength && spares[length].TryPop(out var spare) ? spare : new FenceVisit[length];
    }
}
