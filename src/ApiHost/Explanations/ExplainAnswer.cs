using System.Globalization;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Explanations;

/// <summary>Everything that a sentence is made of.</summary>
internal sealed record ExplainCase
{
    public required string VehicleId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required TenantRules Rules { get; init; }

    public required VehicleStateView State { get; init; }

    public required FoldedWindow Window { get; init; }

    /// <summary>Since when the motion goes on, as far back as is known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Time of the first plausible fix after <see cref="At"/>; <c>null</c> = none is stored.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>Rows between the newest plausible fix and the next one, which say nothing of the place.</summary>
    public IReadOnlyList<Fix> Unplaced { get; init; } = [];

    /// <summary>All versions of the fence that was asked for; empty = no fence was.</summary>
    public IReadOnlyList<Fence> Versions { get; init; } = [];

    /// <summary>The one of that time.</summary>
    public Fence? Fence { get; init; }

    public FenceStanding? Standing { get; init; }
}

/// <summary>Says in one sentence why, so that a dispatcher understands. Pure.</summary>
internal static class ExplainAnswer
{
    public static string Of(ExplainCase asked)
    {
        var clock = new Clock(asked.At);
        var at = asked.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        if (asked.Versions.Count > 0 && asked.Fence is null) return WithoutVersion(asked, at, clock);
        if (asked.Fence is { } fence)
        {
            if (!fence.IsFor(asked.Rules.GroupsOf(asked.VehicleId))) return NotForVehicle(asked, fence);
            if (!fence.IsAwakeAt(asked.At)) return $"At {at} UTC the geofence '{fence.Definition.Name}' was asleep by its schedule: nothing was asked of it.";
        }

        if (asked.State.Last is not { } last) return Nowhere(asked, at, clock);
        var about = asked.Fence is null ? Motion(asked, clock) : Standing(asked, last, clock);
        if (IsGap(asked, last)) return Gap(asked, last, about, clock);
        return $"At {at} UTC the vehicle was {about}.{Unplaced(asked)}";
    }

    /// <summary>Between fixes so far apart nobody knows the way.</summary>
    private static bool IsGap(ExplainCase asked, VehicleStateView.PlaceView last)
    {
        var patience = asked.Rules.OptionsOf(asked.VehicleId).FenceMaxCrossingGap;
        return asked.NextAt is { } next ? next - last.FixedAt > patience && last.FixedAt != asked.At : asked.At - last.FixedAt > patience;
    }

    private static string WithoutVersion(ExplainCase asked, string at, Clock clock)
    {
        var first = asked.Versions[0].Definition;
        var last = asked.Versions[^1].Definition;
        if (last.ValidTo <= asked.At) return $"At {at} UTC there was no geofence '{last.Name}' any more: it was deleted at {clock.Say(last.ValidTo.Value)}.";
        return first.Version == 1
            ? $"At {at} UTC there was no geofence '{first.Name}' yet: it counts from {clock.Say(first.ValidFrom)} on."
            : $"What the geofence '{first.Name}' was at {at} UTC is not kept any more: it was changed at {clock.Say(first.ValidFrom)}.";
    }

    private static string NotForVehicle(ExplainCase asked, Fence fence)
    {
        var groups = asked.Rules.GroupsOf(asked.VehicleId);
        var own = groups.IsDefaultOrEmpty ? "is in no group" : $"is in {string.Join(", ", groups.Select(group => $"'{group}'"))}";
        return $"The geofence '{fence.Definition.Name}' is not for this vehicle's groups: it is for {string.Join(", ", fence.Definition.Rules.Groups.Select(group => $"'{group}'"))}, and the vehicle {own}.";
    }

    private static string Nowhere(ExplainCase asked, string at, Clock clock) => asked.NextAt is { } next
        ? $"No fix from before {at} UTC is known: nobody knows where the vehicle was before {clock.Say(next)}.{Unplaced(asked)}"
        : $"No fix of this vehicle around {at} UTC is known: nobody knows where it was.{Unplaced(asked)}";

    private static string Gap(ExplainCase asked, VehicleStateView.PlaceView last, string about, Clock clock)
    {
        var until = asked.NextAt is { } next ? $"between {clock.Say(last.FixedAt)} and {clock.Say(next)} UTC" : $"since {clock.Say(last.FixedAt)} UTC";
        return $"No fix {until}: nobody knows where the vehicle was; by the last one before it was {about}.{Unplaced(asked)}";
    }

    private static string Unplaced(ExplainCase asked)
    {
        if (asked.Unplaced.Count == 0) return "";
        var reasons = asked.Unplaced.GroupBy(row => ReasonOf(asked, row), StringComparer.Ordinal)
            .OrderByDescending(reason => reason.Count()).ThenBy(reason => reason.Key, StringComparer.Ordinal)
            .Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Count()} {reason.Key}"));
        return $" Reports around then that say nothing of the place: {string.Join(", ", reasons)}.";
    }

    private static string ReasonOf(ExplainCase asked, Fix row) => row.Verdict switch
    {
        FixVerdict.NoPosition => "without a position",
        FixVerdict.NullIsland => "at latitude 0, longitude 0",
        FixVerdict.BeyondWindow => "received too late to count",
        _ => asked.Window.WhyExcluded(row) switch
        {
            "inaccurate" => "too inaccurate",
            "jump" => "too far away to have come there",
            var other => other ?? "",
        },
    };

    private static string Motion(ExplainCase asked, Clock clock)
    {
        var since = asked.Since is { } known ? $" since {clock.Say(known)}" : "";
        var where = asked.State.Visits.Where(visit => visit.Phase is FencePhaseView.Inside or FencePhaseView.Leaving)
            .Select(visit => $"'{asked.Rules.Fences.Find(visit.FenceId, asked.At)?.Definition.Name ?? visit.FenceId}'").ToList();
        var inside = where.Count == 0 ? "" : $", in {string.Join(", ", where)}";
        return asked.State.Motion switch
        {
            MotionView.Parked => $"parked{since}{inside}",
            MotionView.Departing => $"away from where it was parked{since}, not yet far or long enough for a trip{inside}",
            MotionView.Driving => $"on a trip{since}{inside}",
            _ => $"somewhere{inside}",
        };
    }

    private static string Standing(ExplainCase asked, VehicleStateView.PlaceView last, Clock clock)
    {
        var (fence, standing) = (asked.Fence!, asked.Standing!);
        var name = $"'{fence.Definition.Name}'";
        var since = (standing.Since ?? last.FixedAt) is var known && clock.Say(known) is var said ? said : "";
        var meters = ExplainWords.Meters(standing.MetersOutside);
        var isOut = standing.MetersOutside > 0;
        return standing.Phase switch
        {
            FencePhaseView.Inside when isOut => $"{meters} outside of {name}, within the margin of {ExplainWords.Meters(standing.MarginMeters)}: it counts as inside, as since {since}",
            FencePhaseView.Inside => $"inside of {name} since {since}",
            FencePhaseView.Entering when isOut => $"{meters} outside of {name}, within the margin of {ExplainWords.Meters(standing.MarginMeters)}, and had been inside since {since}, less than the {ExplainWords.Span(standing.MinDwell)} that count{After(asked, fence, clock, "has not entered")}",
            FencePhaseView.Entering => $"inside of {name} since {since}, less than the {ExplainWords.Span(standing.MinDwell)} that count{After(asked, fence, clock, "has not entered")}",
            FencePhaseView.Leaving => $"{meters} outside of {name} since {since}, less than the {ExplainWords.Span(standing.MinDwell)} that count: it was still in it{After(asked, fence, clock, "has not left")}",
            _ when !isOut && last.FixedAt < fence.Definition.ValidFrom => $"inside of {name} by its place, and has sent no fix since the geofence counts ({clock.Say(fence.Definition.ValidFrom)}): the next one decides",
            _ when !isOut => $"inside of {name} by its place, which does not count as a visit: see the trace",
            _ => $"{meters} outside of {name}{Crossed(asked, fence, clock)}",
        };
    }

    /// <summary>What became of a stay or an absence that was too short to count at the time.</summary>
    private static string After(ExplainCase asked, Fence fence, Clock clock, string never)
    {
        var line = asked.Window.Trace.Lines.FirstOrDefault(line => line.At > asked.At && line.FenceId is not null && line.Text.EndsWith(never, StringComparison.Ordinal));
        var kind = never.EndsWith("left", StringComparison.Ordinal) ? "geofence.exit" : "geofence.enter";
        var told = asked.Window.EventsOf(fence).LastOrDefault(happened => string.Equals(happened.Kind, kind, StringComparison.Ordinal) && happened.At.FixedAt <= asked.At && happened.Through.FixedAt > asked.At);
        if (told is not null) return $"; later it was long enough, which makes an {kind["geofence.".Length..]} at {clock.Say(told.At.FixedAt)}";
        return line is null ? "" : $"; at {clock.Say(line.At)} that was over, so it {never}";
    }

    private static string Crossed(ExplainCase asked, Fence fence, Clock clock)
    {
        var crossing = asked.Window.EventsOf(fence).FirstOrDefault(happened =>
            string.Equals(happened.Kind, "geofence.cross", StringComparison.Ordinal) && happened.At.FixedAt >= asked.At && happened.At.FixedAt == (asked.NextAt ?? happened.At.FixedAt));
        return crossing is null ? "" : $", and the way to its next fix at {clock.Say(crossing.At.FixedAt)} leads through it: it crossed it";
    }
}
