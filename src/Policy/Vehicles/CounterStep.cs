namespace FleetTracker.Vehicles;

/// <summary>
/// Where the counters of <see cref="DistanceStep"/> stand on the vehicle's instruments. What somebody says holds from its time on and is counted on
/// by the rows; without that an odometer follows the device's, but never back: a device that was exchanged or forgot does not undo what was driven.
/// </summary>
internal static class CounterStep
{
    public static void Take(in FoldStep step, in Reading reading, bool deviceIsBelieved, TimeSpan engineOn)
    {
        ref var distance = ref step.State.Distance;
        var readings = step.Rules.ReadingsOf(reading.Fix.VehicleId);
        if (readings is not null)
        {
            var passed = Passed.Of(step.State, reading);
            if (IsMet(readings.Odometer, distance.Odometer, passed.To))
                Set(ref distance.Odometer, readings.Odometer!.Value, distance.TotalMeters, reading.WayMeters, passed, DeviceOffset(distance));
            if (IsMet(readings.EngineTime, distance.Engine, passed.To))
                Set(ref distance.Engine, readings.EngineTime!.Value, distance.EngineOn.TotalSeconds, engineOn.TotalSeconds, passed, null);
        }

        if (!deviceIsBelieved || distance.Odometer.Source == CounterSource.Set || distance.DeviceMeters < distance.TotalMeters + distance.Odometer.Offset) return;
        (distance.Odometer.Offset, distance.Odometer.Source) = (distance.DeviceMeters - distance.TotalMeters, CounterSource.Device);
    }

    /// <summary>What the instruments show when nothing arrived after the state's newest row.</summary>
    public static VehicleCounters Read(VehicleState state, CounterReadings? readings, DateTimeOffset now)
    {
        var distance = state.Distance;
        var passed = new Passed(now, now);
        if (IsMet(readings?.Odometer, distance.Odometer, now)) Set(ref distance.Odometer, readings!.Odometer!.Value, distance.TotalMeters, 0, passed, DeviceOffset(distance));
        if (IsMet(readings?.EngineTime, distance.Engine, now)) Set(ref distance.Engine, readings!.EngineTime!.Value, distance.EngineOn.TotalSeconds, 0, passed, null);
        return new VehicleCounters
        {
            At = state.Head.FixedAt,
            OdometerMeters = Math.Max(0, distance.TotalMeters + distance.Odometer.Offset),
            OdometerSource = distance.Odometer.Source,
            EngineTime = TimeSpan.FromSeconds(Math.Max(0, distance.EngineOn.TotalSeconds + distance.Engine.Offset)),
            EngineTimeSource = distance.Engine.Source,
        };
    }

    private static bool IsMet(CounterReading? reading, in CounterState counter, DateTimeOffset at) =>
        reading is { } given && given.From > counter.SetFrom && given.From <= at;

    private static void Set(ref CounterState counter, CounterReading reading, double counted, double added, Passed passed, double? deviceOffset)
    {
        counter.SetFrom = reading.From;
        if (reading.Value is { } value)
        {
            // Of what the row adds, only what came after the reading goes on top of it.
            (counter.Offset, counter.Source) = (value - counted + (added * passed.ShareAfter(reading.From)), CounterSource.Set);
            return;
        }

        (counter.Offset, counter.Source) = deviceOffset is { } offset ? (offset, CounterSource.Device) : (0, CounterSource.Counted);
    }

    private static double? DeviceOffset(in DistanceState distance) => distance.DeviceReadAt == default ? null : distance.DeviceMeters - distance.TotalMeters;

    /// <summary>The time from the row before up to this one.</summary>
    private readonly record struct Passed(DateTimeOffset From, DateTimeOffset To)
    {
        public static Passed Of(VehicleState state, in Reading reading) => new(state.HasRows ? state.Head.FixedAt : reading.Key.FixedAt, reading.Key.FixedAt);

        public double ShareAfter(DateTimeOffset at) => at <= From || To <= From ? 1 : (To - at) / (To - From);
    }
}
