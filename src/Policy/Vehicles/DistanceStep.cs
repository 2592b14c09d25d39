using FleetTracker.Geodesy;

namespace FleetTracker.Vehicles;

/// <summary>
/// Odometer and engine hours. The device's own odometer counts while it is sane; otherwise the way between fixes, in pieces that are longer than
/// the noise of a receiver.
/// </summary>
internal static class DistanceStep
{
    /// <summary>Without a speed that says otherwise, a piece of way shorter than this may be noise, in meters.</summary>
    private const double NoiseMeters = 10;

    /// <summary>A device's odometer may count this much more than its vehicle can have driven, in meters: it is read at another moment.</summary>
    private const double OdometerSlackMeters = 1_000;

    /// <summary>A device's odometer that stands still over a way as long as this is not one, in meters.</summary>
    private const double DeadOdometerMeters = 1_000;

    public static void Take(in FoldStep step, ref Reading reading)
    {
        var engineOn = EngineOn(step, reading);
        step.State.Distance.EngineOn += engineOn;
        var byDevice = reading.IsPlace ? ByDevice(step, reading) : null;
        if (reading.IsPlace)
        {
            reading.WayMeters = byDevice ?? ByPlaces(step, reading);
            step.State.Distance.TotalMeters += reading.WayMeters;
            reading.SpeedMetersPerSecond = Speed(step, reading);
        }

        CounterStep.Take(step, reading, byDevice is not null, engineOn);
    }

    private static TimeSpan EngineOn(in FoldStep step, in Reading reading)
    {
        ref readonly var signals = ref step.State.Signals;
        if (signals.Ignition is not true) return TimeSpan.Zero;
        var on = reading.Key.FixedAt - signals.IgnitionAt;
        return on > TimeSpan.Zero && on < step.Options.TripSilence ? on : TimeSpan.Zero;
    }

    private static double? ByDevice(in FoldStep step, in Reading reading)
    {
        if (reading.Fix.OdometerMeters is not { } meters || !(meters >= 0)) return null;
        ref var distance = ref step.State.Distance;
        var (before, readAt) = (distance.DeviceMeters, distance.DeviceReadAt);
        (distance.DeviceMeters, distance.DeviceReadAt) = (meters, reading.Key.FixedAt);
        if (readAt == default) return null;

        var way = meters - before;
        distance.DeviceStillMeters = way > 0 ? 0 : distance.DeviceStillMeters + (reading.IsJitter ? 0 : reading.MetersFromLast);
        if (distance.DeviceStillMeters > DeadOdometerMeters) return null;
        var possible = ((reading.Key.FixedAt - readAt).TotalSeconds * step.Options.MaxSpeedMetersPerSecond) + OdometerSlackMeters;
        if (way >= 0 && way <= possible)
        {
            MoveOn(ref distance, reading.Place);
            return way;
        }

        step.Trace?.Add(reading.Key.FixedAt, "distance", $"the device's odometer went from {before:0} to {meters:0} m: not believed");
        return null;
    }

    private static double ByPlaces(in FoldStep step, in Reading reading)
    {
        ref var distance = ref step.State.Distance;
        ref readonly var place = ref reading.Place;
        if (!step.State.Last.IsSet || reading.Jumped)
        {
            MoveOn(ref distance, place);
            return 0;
        }

        if (reading.IsJitter) return 0;
        var way = LocalDistance.Meters(distance.FromLatitude, distance.FromLongitude, place.Latitude, place.Longitude);
        var isWay = place.SpeedMetersPerSecond >= step.Options.MovingSpeedMetersPerSecond || way >= Math.Max(NoiseMeters, place.AccuracyMeters);
        if (!isWay) return 0;
        MoveOn(ref distance, place);
        return way;
    }

    private static void MoveOn(ref DistanceState distance, in Place place)
    {
        distance.FromLatitude = place.Latitude;
        distance.FromLongitude = place.Longitude;
    }

    private static double Speed(in FoldStep step, in Reading reading)
    {
        if (!double.IsNaN(reading.Place.SpeedMetersPerSecond)) return reading.Place.SpeedMetersPerSecond;
        if (reading.SinceLast <= TimeSpan.Zero || reading.SinceLast >= step.Options.TripSilence || reading.Jumped) return double.NaN;
        return Math.Min(reading.WayMeters / reading.SinceLast.TotalSeconds, step.Options.MaxSpeedMetersPerSecond);
    }
}
