using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>Too fast, anywhere or in a fence: from the first fix above the limit, when it lasts. Ends at the last fix above it.</summary>
internal static class SpeedingStep
{
    /// <summary>What went too fast still does when it is slower than the limit by less than this, in m/s: a speed that is held wavers.</summary>
    private const double HysteresisMetersPerSecond = 0.5;

    /// <param name="speed">Of the device, else by the way since the fix before; <see cref="double.NaN"/> says nothing.</param>
    public static void Take(in FoldStep step, ref SpeedingState speeding, double? limit, in Place place, double speed, string kind, string subject, PositionKey through)
    {
        var isTooFast = speed > limit;
        var goesOn = speeding.Start.IsSet && limit == speeding.LimitMetersPerSecond && place.At - speeding.Newest.At < step.Options.TripSilence
            && !(speed <= limit - HysteresisMetersPerSecond);
        if (speeding.Start.IsSet && !goesOn) End(step, ref speeding, kind, subject, through);
        if (!isTooFast) return;

        if (!speeding.Start.IsSet) speeding = new SpeedingState { Start = place, PeakMetersPerSecond = speed, LimitMetersPerSecond = limit!.Value };
        speeding.Newest = place;
        speeding.PeakMetersPerSecond = Math.Max(speeding.PeakMetersPerSecond, speed);
        if (speeding.IsTold || place.At - speeding.Start.At < step.Options.OverspeedMinDuration) return;

        speeding.IsTold = true;
        step.Drafts?.Add(Open(speeding, kind, subject, through));
        step.Trace?.Add(place.At, "speed", $"above {speeding.LimitMetersPerSecond:0.#} m/s since {speeding.Start.At:O}", subject.Length == 0 ? null : subject);
    }

    public static void End(in FoldStep step, ref SpeedingState speeding, string kind, string subject, PositionKey through)
    {
        if (speeding.IsTold) step.Drafts?.Add(Closed(speeding, step.Options, kind, subject, through));
        else if (speeding.Start.IsSet) step.Trace?.Add(through.FixedAt, "speed", $"above the limit for less than {step.Options.OverspeedMinDuration.TotalSeconds:0.#} s", subject.Length == 0 ? null : subject);
        speeding = default;
    }

    public static OutcomeDraft Open(in SpeedingState speeding, string kind, string subject, PositionKey through)
    {
        var now = speeding;
        return new OutcomeDraft(OutcomeType.Event, kind, subject, now.Start.Key)
        {
            Through = through,
            State = OutcomeState.Open,
            Evidence = Evidence.Of(json =>
            {
                json.Number("limit", now.LimitMetersPerSecond);
                json.Fixes(now.Start);
            }),
        };
    }

    private static OutcomeDraft Closed(in SpeedingState speeding, VehicleOptions options, string kind, string subject, PositionKey through)
    {
        var now = speeding;
        return new OutcomeDraft(OutcomeType.Event, kind, subject, now.Start.Key)
        {
            EndedAt = now.Newest.At,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.Number("limit", now.LimitMetersPerSecond);
                json.Number("peak", now.PeakMetersPerSecond);
                json.Seconds("duration", now.Newest.At - now.Start.At);
                json.Fixes(now.Start, now.Newest);
                json.WriteStartObject("thresholds");
                json.Seconds("minDuration", options.OverspeedMinDuration);
                json.WriteEndObject();
            }),
        };
    }
}
