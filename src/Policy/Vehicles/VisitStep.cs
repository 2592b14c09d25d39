using FleetTracker.Geofences;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>What time does to a visit: it has been long enough, it is over, or what went on inside has fallen silent.</summary>
internal static class VisitStep
{
    /// <summary>False when the visit is over. What is reached within a row has that row's key, <paramref name="floor"/>.</summary>
    public static bool Advance(in FoldStep step, ref FenceVisit visit, DateTimeOffset to, PositionKey floor)
    {
        if (SilentAt(visit, step.State.Last, step.Options) is { } silent && silent <= to)
        {
            if (!AdvanceTo(step, ref visit, silent, floor)) return false;
            SpeedingStep.End(step, ref visit.Speeding, "geofence.overspeed", visit.FenceId, Through(silent, floor));
        }

        return AdvanceTo(step, ref visit, to, floor);
    }

    /// <summary>The next fix time at which <see cref="Advance"/> would do something, if nothing arrives; <c>null</c> = never.</summary>
    public static DateTimeOffset? Deadline(in FenceVisit visit, in Place last, FenceSnapshot fences, VehicleOptions options)
    {
        DateTimeOffset? next = null;
        Consider(ref next, visit.Phase switch
        {
            FencePhase.Entering => visit.Enter.At + visit.MinDwell,
            FencePhase.Leaving => visit.Exit.At + visit.MinDwell,
            _ => DwellDeadline(visit),
        });
        Consider(ref next, SilentAt(visit, last, options));
        if (fences.Find(visit.FenceId, visit.LastInside.At) is not { } fence) return next;
        Consider(ref next, fence.Definition.ValidTo);
        Consider(ref next, fence.AwakeUntil(visit.LastInside.At));
        return next;

        static void Consider(ref DateTimeOffset? next, DateTimeOffset? at)
        {
            if (at is { } deadline && (next is null || deadline < next)) next = deadline;
        }
    }

    /// <summary>Silence ends what was too fast: nobody knows how fast the vehicle was since.</summary>
    private static DateTimeOffset? SilentAt(in FenceVisit visit, in Place last, VehicleOptions options) =>
        visit.Speeding.Start.IsSet ? last.At + options.TripSilence : null;

    private static bool AdvanceTo(in FoldStep step, ref FenceVisit visit, DateTimeOffset to, PositionKey floor)
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
        if (fences.Find(visit.FenceId, visit.LastInside.At, ref visit.Slot) is not { } fence || fence.Version != visit.Version) return ChangedAt(step, visit, to);

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
            over = ChangedAt(step, visit, to);
            reason = "not for this vehicle";
        }

        return over;
    }

    /// <summary>What has no versions in fix time changed at the settled line, however often and late it is looked at.</summary>
    private static DateTimeOffset ChangedAt(in FoldStep step, in FenceVisit visit, DateTimeOffset to)
    {
        var changed = step.Rules.SettledAt > visit.LastInside.At ? step.Rules.SettledAt : visit.LastInside.At;
        return changed < to ? changed : to;
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
}
