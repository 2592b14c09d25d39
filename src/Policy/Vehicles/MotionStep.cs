using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>
/// Trips and stops. A vehicle is parked at a place until it is seen away from it; it departs at its last fix there, and that is a trip once it has come
/// far enough. A trip ends where a stay begins that is long enough, or at the last fix before it falls silent.
/// </summary>
internal static class MotionStep
{
    public static void Take(in FoldStep step, ref Reading reading)
    {
        if (!reading.IsPlace) return;
        if (reading.Jumped) EndWay(step, "jump", step.State.Last, reading.Key);

        switch (step.State.Motion.Mode)
        {
            case MotionMode.Unknown:
                ParkAt(ref step.State.Motion, reading.Place);
                step.Trace?.Add(reading.Key.FixedAt, "motion", $"first place");
                break;
            case MotionMode.Parked when reading.IsJitter:
                Stand(step, reading);
                break;
            case MotionMode.Parked:
                Depart(step, reading);
                break;
            case MotionMode.Departing when reading.IsJitter:
                Return(step, reading);
                break;
            default:
                GoOn(step, reading);
                break;
        }
    }

    /// <summary>What silence ends: called with the fix time that is reached, before the row at it.</summary>
    public static void Advance(in FoldStep step, DateTimeOffset to)
    {
        ref var motion = ref step.State.Motion;
        if (motion.Mode is MotionMode.Departing or MotionMode.Driving)
        {
            var silent = step.State.Last.At + step.Options.TripSilence;
            if (silent <= to) EndWay(step, "silence", step.State.Last, DeadlineKeys.At(silent));
        }

        if (motion is { Mode: MotionMode.Parked, StopIsTold: false })
        {
            var silent = motion.LastParked.At + step.Options.TripSilence;
            if (silent <= to) TellStop(step, DeadlineKeys.At(silent));
        }
    }

    /// <summary>The next fix time at which <see cref="Advance"/> would do something, if nothing arrives; <c>null</c> = never.</summary>
    public static DateTimeOffset? Deadline(VehicleState state, VehicleOptions options) => state.Motion switch
    {
        { Mode: MotionMode.Departing or MotionMode.Driving } => state.Last.At + options.TripSilence,
        { Mode: MotionMode.Parked, StopIsTold: false } motion => motion.LastParked.At + options.TripSilence,
        _ => null,
    };

    /// <summary>What is going on now, as it was told when it began.</summary>
    public static void WriteOpen(in FoldStep step)
    {
        ref readonly var motion = ref step.State.Motion;
        if (motion is { StopIsTold: true, Mode: MotionMode.Parked or MotionMode.Departing }) step.Drafts?.Add(TripDrafts.OpenStop(motion, default));
        if (motion.Mode == MotionMode.Driving) step.Drafts?.Add(TripDrafts.OpenTrip(motion, default));
    }

    private static void ParkAt(ref MotionState motion, in Place place)
    {
        motion = default;
        motion.Mode = MotionMode.Parked;
        motion.StopStart = motion.Anchor = motion.LastParked = place;
    }

    private static void Stand(in FoldStep step, in Reading reading)
    {
        ref var motion = ref step.State.Motion;
        if (reading.SinceLast < step.Options.TripSilence && !reading.IsMoving(step.Options) && step.State.Signals.Ignition is true) motion.IdleInStop += reading.SinceLast;
        motion.LastParked = reading.Place;
        // A receiver that has just woken up is coarse: the place is where its better fixes are.
        if (reading.Place.AccuracyMeters * 2 < motion.Anchor.AccuracyMeters) motion.Anchor = reading.Place;
        if (!motion.StopIsTold && motion.LastParked.At - motion.StopStart.At >= step.Options.MinStopDuration) TellStop(step, reading.Key);
    }

    private static void Depart(in FoldStep step, in Reading reading)
    {
        ref var motion = ref step.State.Motion;
        // After a silence nobody knows when it left.
        var isKnown = reading.SinceLast < step.Options.TripSilence && !reading.Jumped;
        motion.Mode = MotionMode.Departing;
        motion.TripStart = isKnown ? motion.LastParked : reading.Place;
        motion.TripStartMeters = step.State.Distance.TotalMeters - (isKnown ? reading.WayMeters : 0);
        motion.MaxSpeedMetersPerSecond = 0;
        motion.Idle = motion.IdleInStay = TimeSpan.Zero;
        motion.FixesAway = 0;
        motion.Stay = reading.Place;
        motion.StayMeters = step.State.Distance.TotalMeters;
        step.Trace?.Add(reading.Key.FixedAt, "motion", $"away from its place");
        GoOn(step, reading);
    }

    private static void Return(in FoldStep step, in Reading reading)
    {
        ref var motion = ref step.State.Motion;
        TakeBack(step, motion.TripStartMeters, motion.TripStart.At);
        motion.Mode = MotionMode.Parked;
        step.Trace?.Add(reading.Key.FixedAt, "motion", $"back at its place after {motion.FixesAway} fixes: not a trip");
        Stand(step, reading);
    }

    private static void GoOn(in FoldStep step, in Reading reading)
    {
        ref var motion = ref step.State.Motion;
        motion.FixesAway++;
        if (reading.SpeedMetersPerSecond > motion.MaxSpeedMetersPerSecond) motion.MaxSpeedMetersPerSecond = reading.SpeedMetersPerSecond;

        var stays = PlausibilityStep.Between(motion.Stay, reading.Place) <= NoiseStep.StandRadius(motion.Stay, reading.Place, step.Options);
        if (!stays)
        {
            motion.Idle += motion.IdleInStay;
            motion.IdleInStay = TimeSpan.Zero;
            motion.Stay = reading.Place;
            motion.StayMeters = step.State.Distance.TotalMeters;
        }
        else if (!reading.IsMoving(step.Options) && step.State.Signals.Ignition is not false)
        {
            motion.IdleInStay += reading.SinceLast;
        }

        if (motion.Mode == MotionMode.Departing && IsTripTo(motion, reading.Place, step.Options) && motion.FixesAway >= 2) BeginTrip(step, reading);
        if (stays && reading.Key.FixedAt - motion.Stay.At >= step.Options.MinStopDuration) EndWay(step, "stop", reading.Place, reading.Key);
    }

    private static bool IsTripTo(in MotionState motion, in Place place, VehicleOptions options) =>
        place.At - motion.TripStart.At >= options.MinTripDuration && PlausibilityStep.Between(motion.TripStart, place) >= options.MinTripDistanceMeters;

    private static void BeginTrip(in FoldStep step, in Reading reading)
    {
        ref var motion = ref step.State.Motion;
        CloseStop(step, reading.Key);
        motion.Mode = MotionMode.Driving;
        step.Drafts?.Add(TripDrafts.OpenTrip(motion, reading.Key));
        step.Trace?.Add(reading.Key.FixedAt, "motion", $"on a trip since {motion.TripStart.At:O}");
        SignalStep.TakeTripStart(step, reading);
    }

    /// <summary>The vehicle is parked where its newest stay began, and was there until <paramref name="newest"/>. What it did up to there is a trip, or too little for one.</summary>
    private static void EndWay(in FoldStep step, string reason, in Place newest, PositionKey through)
    {
        ref var motion = ref step.State.Motion;
        if (motion.Mode is not (MotionMode.Departing or MotionMode.Driving)) return;

        if (motion.Mode == MotionMode.Departing && IsTripTo(motion, motion.Stay, step.Options))
        {
            CloseStop(step, through);
            motion.Mode = MotionMode.Driving;
        }

        TakeBack(step, motion.StayMeters, motion.Stay.At);
        if (motion.Mode == MotionMode.Driving)
        {
            step.Drafts?.Add(TripDrafts.Trip(motion, reason, step.Options, through));
            step.Trace?.Add(through.FixedAt, "motion", $"trip ended at {motion.Stay.At:O}: {reason}");
            ParkAfterTrip(step, ref motion, newest, through);
        }
        else if (PlausibilityStep.Between(motion.StopStart, motion.Stay) >= step.Options.MinTripDistanceMeters)
        {
            // It came here without anyone seeing how: another stop, and no trip.
            CloseStop(step, through);
            ParkAfterTrip(step, ref motion, newest, through);
        }
        else
        {
            step.Trace?.Add(through.FixedAt, "motion", $"moved its place by less than a trip");
            motion.Mode = MotionMode.Parked;
            motion.Anchor = motion.Stay;
            motion.LastParked = newest;
        }
    }

    private static void ParkAfterTrip(in FoldStep step, ref MotionState motion, in Place newest, PositionKey through)
    {
        var (stay, idle) = (motion.Stay, motion.IdleInStay);
        ParkAt(ref motion, stay);
        motion.LastParked = newest;
        motion.IdleInStop = idle;
        if (through.FixedAt - stay.At >= step.Options.MinStopDuration) TellStop(step, through);
    }

    private static void TellStop(in FoldStep step, PositionKey through)
    {
        step.State.Motion.StopIsTold = true;
        step.Drafts?.Add(TripDrafts.OpenStop(step.State.Motion, through));
        step.Trace?.Add(through.FixedAt, "motion", $"stopped since {step.State.Motion.StopStart.At:O}");
    }

    private static void CloseStop(in FoldStep step, PositionKey through)
    {
        ref var motion = ref step.State.Motion;
        // Departed at its last fix there, or, after a silence, at the first fix elsewhere.
        if (motion.StopIsTold || motion.TripStart.At - motion.StopStart.At >= step.Options.MinStopDuration)
            step.Drafts?.Add(TripDrafts.Stop(motion, step.Options, through));
        motion.StopIsTold = false;
        motion.IdleInStop = TimeSpan.Zero;
    }

    /// <summary>What was counted since was noise, unless the device counts itself.</summary>
    private static void TakeBack(in FoldStep step, double meters, DateTimeOffset since)
    {
        ref var distance = ref step.State.Distance;
        if (distance.DeviceReadAt != default) return;
        // What somebody read off the instrument meanwhile has no noise in it.
        if (distance.Odometer.Source == CounterSource.Set && distance.Odometer.SetFrom > since) distance.Odometer.Offset += distance.TotalMeters - meters;
        distance.TotalMeters = meters;
    }
}
