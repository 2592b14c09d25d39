using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>How the vehicle is driven: too fast, harshly, or standing with the engine on.</summary>
internal static class DrivingStep
{
    /// <summary>Slower than this a heading says little, in m/s.</summary>
    private const double MinCorneringSpeed = 3;

    /// <summary>Between fixes closer than this the last digit of a speed is an acceleration, in s.</summary>
    private const double MinHarshSeconds = 0.5;

    public static void Take(in FoldStep step, in Reading reading)
    {
        if (!reading.IsPlace) return;
        SpeedingStep.Take(step, ref step.State.Driving.Speeding, step.Options.SpeedLimitMetersPerSecond, reading.Place, reading.SpeedMetersPerSecond, "overspeed", "", reading.Key);
        TakeHarsh(step, reading);
        TakeIdling(step, reading);
    }

    /// <summary>Silence ends what lasted: nobody knows how the vehicle was driven since.</summary>
    public static void Advance(in FoldStep step, DateTimeOffset to)
    {
        if (Deadline(step.State, step.Options) is not { } silent || silent > to) return;
        ref var driving = ref step.State.Driving;
        var through = DeadlineKeys.At(silent);
        SpeedingStep.End(step, ref driving.Speeding, "overspeed", "", through);
        if (driving.IdlingIsTold) step.Drafts?.Add(Idling(driving.IdlingSince, step.State.Last, through, step.Options));
        driving.IdlingSince = default;
        driving.IdlingIsTold = false;
    }

    public static DateTimeOffset? Deadline(VehicleState state, VehicleOptions options) =>
        state.Driving.Speeding.Start.IsSet || state.Driving.IdlingSince.IsSet ? state.Last.At + options.TripSilence : null;

    public static void WriteOpen(in FoldStep step)
    {
        ref readonly var driving = ref step.State.Driving;
        if (driving.Speeding.IsTold) step.Drafts?.Add(SpeedingStep.Open(driving.Speeding, "overspeed", "", default));
        if (driving.IdlingIsTold) step.Drafts?.Add(Idling(driving.IdlingSince, null, default, step.Options));
    }

    private static void TakeHarsh(in FoldStep step, in Reading reading)
    {
        ref readonly var last = ref step.State.Last;
        ref var driving = ref step.State.Driving;
        var seconds = reading.SinceLast.TotalSeconds;
        if (!last.IsSet || seconds < MinHarshSeconds || reading.SinceLast > step.Options.HarshMaxGap || reading.Jumped) return;

        var change = (reading.Place.SpeedMetersPerSecond - last.SpeedMetersPerSecond) / seconds;
        if (-change >= step.Options.HarshBrakingMetersPerSecondSquared) Harsh(step, reading, ref driving.BrakingAt, "harsh.braking", change, step.Options.HarshBrakingMetersPerSecondSquared.Value);
        if (change >= step.Options.HarshAccelerationMetersPerSecondSquared) Harsh(step, reading, ref driving.AcceleratingAt, "harsh.acceleration", change, step.Options.HarshAccelerationMetersPerSecondSquared.Value);

        var speed = Math.Min(reading.Place.SpeedMetersPerSecond, last.SpeedMetersPerSecond);
        if (!(speed >= MinCorneringSpeed)) return;
        var turn = Math.Abs(Math.IEEERemainder(reading.Place.HeadingDegrees - last.HeadingDegrees, 360)) * (Math.PI / 180) / seconds;
        if (turn * speed >= step.Options.HarshCorneringMetersPerSecondSquared) Harsh(step, reading, ref driving.CorneringAt, "harsh.cornering", turn * speed, step.Options.HarshCorneringMetersPerSecondSquared.Value);
    }

    private static void Harsh(in FoldStep step, in Reading reading, ref DateTimeOffset newest, string kind, double acceleration, double threshold)
    {
        var goesOn = newest != default && reading.Key.FixedAt - newest <= step.Options.HarshMaxGap;
        newest = reading.Key.FixedAt;
        if (goesOn) return;
        step.Trace?.Add(newest, "driving", $"{kind}: {acceleration:0.##} m/s²");
        var (last, place) = (step.State.Last, reading.Place);
        step.Drafts?.Add(new OutcomeDraft(OutcomeType.Event, kind, "", reading.Key)
        {
            EndedAt = reading.Key.FixedAt,
            Through = reading.Key,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.Number("acceleration", acceleration);
                json.Fixes(last, place);
                json.WriteStartObject("thresholds");
                json.Number("acceleration", threshold);
                json.WriteEndObject();
            }),
        });
    }

    private static void TakeIdling(in FoldStep step, in Reading reading)
    {
        ref var driving = ref step.State.Driving;
        // Many trackers say it only when it changes.
        var idles = (reading.Fix.Ignition ?? step.State.Signals.Ignition) is true && !reading.IsMoving(step.Options);
        var goesOn = driving.IdlingSince.IsSet && idles && reading.SinceLast < step.Options.TripSilence && !reading.Jumped;
        if (driving.IdlingSince.IsSet && !goesOn)
        {
            if (driving.IdlingIsTold) step.Drafts?.Add(Idling(driving.IdlingSince, reading.SinceLast < step.Options.TripSilence ? reading.Place : step.State.Last, reading.Key, step.Options));
            driving.IdlingSince = default;
            driving.IdlingIsTold = false;
        }

        if (!idles) return;
        if (!driving.IdlingSince.IsSet) driving.IdlingSince = reading.Place;
        if (driving.IdlingIsTold || step.Options.IdlingAfter is not { } after || reading.Place.At - driving.IdlingSince.At < after) return;
        driving.IdlingIsTold = true;
        step.Drafts?.Add(Idling(driving.IdlingSince, null, reading.Key, step.Options));
        step.Trace?.Add(reading.Key.FixedAt, "driving", $"idling since {driving.IdlingSince.At:O}");
    }

    private static OutcomeDraft Idling(Place since, Place? end, PositionKey through, VehicleOptions options) => new(OutcomeType.Event, "idling", "", since.Key)
    {
        EndedAt = end?.At,
        Through = through,
        State = end is null ? OutcomeState.Open : OutcomeState.Closed,
        Evidence = Evidence.Of(json =>
        {
            if (end is { } place)
            {
                json.Seconds("duration", place.At - since.At);
                json.Fixes(since, place);
                json.WriteStartObject("thresholds");
                json.Seconds("idlingAfter", options.IdlingAfter ?? TimeSpan.Zero);
                json.WriteEndObject();
            }
            else
            {
                json.Fixes(since);
            }
        }),
    };
}
