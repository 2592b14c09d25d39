namespace FleetTracker.Vehicles;

/// <summary>Tells the jitter of a receiver that stands from a vehicle that moves.</summary>
internal static class NoiseStep
{
    public static void Take(in FoldStep step, ref Reading reading)
    {
        if (!reading.IsPlace) return;
        ref readonly var motion = ref step.State.Motion;
        if (motion.Mode is not (MotionMode.Parked or MotionMode.Departing) || reading.Jumped) return;

        var meters = PlausibilityStep.Between(motion.Anchor, reading.Place);
        reading.IsJitter = meters <= StandRadius(motion.Anchor, reading.Place, step.Options);
        if (reading.IsJitter) step.Trace?.Add(reading.Key.FixedAt, "noise", $"still at its place: {meters:0} m away");
    }

    /// <summary>How far apart two fixes of a vehicle that stands may be.</summary>
    public static double StandRadius(in Place stand, in Place place, VehicleOptions options) =>
        options.StandRadiusMeters <= 0 ? 0 : Math.Max(options.StandRadiusMeters, Math.Max(stand.AccuracyMeters, place.AccuracyMeters));
}
