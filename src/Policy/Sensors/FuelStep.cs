using System.Diagnostics;
using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>
/// Fills and drains. The level is the median of the newest values, which takes out most of the slosh. A change is told when the level comes from near its old
/// height to an amount beyond it without dawdling, and stays there. A fill needs a value at which the vehicle may have stood; a drain needs that it stood at most of
/// the values of the median, so what an engine uses on its way is none.
/// </summary>
internal static class FuelStep
{
    /// <summary>A level within this part of the amount is still the old one.</summary>
    private const double NearPart = 0.25;

    /// <summary>A level that comes back below this part of the amount had not changed.</summary>
    private const double FellBackPart = 0.5;

    /// <summary>A further change of at least this part of the amount is progress.</summary>
    private const double ProgressPart = 0.1;

    /// <summary>A receiver at rest wanders this far, in meters, whatever the vehicle's options say.</summary>
    private const double StandMeters = 50;

    public static void Take(in FoldStep step, in Reading reading, CompiledSensor sensor, ref SensorState state, double value)
    {
        var fuel = state.Fuel!;
        var meters = MetersSinceNewest(step, reading, state);
        var isNewWay = IsNewWay(step, reading, state, meters);
        if (isNewWay) (fuel.Count, fuel.High) = (0, default);
        Push(fuel, reading.Key, value, !HasMoved(step, reading, meters));
        fuel.Level = MedianOf(fuel);
        if (state.Phase != SensorPhase.Quiet)
        {
            GoOn(step, reading, sensor, ref state);
            return;
        }

        var isPrompt = fuel.Low.NearKey == state.NewestKey;
        if (sensor.Rules.FillAmount is { } fill && Compare(ref fuel.Low, +1, fill, sensor, fuel.Level, reading.Key, isPrompt, MayFill(fuel, isNewWay)))
            Begin(step, reading, sensor, ref state, SensorPhase.Filling, fuel.Low, fill);
        isPrompt = fuel.High.NearKey == state.NewestKey;
        if (state.Phase == SensorPhase.Quiet && sensor.Rules.DrainAmount is { } drain && Compare(ref fuel.High, -1, drain, sensor, fuel.Level, reading.Key, isPrompt, MostlyStood(fuel)))
            Begin(step, reading, sensor, ref state, SensorPhase.Draining, fuel.High, drain);
    }

    public static void Advance(in FoldStep step, CompiledSensor sensor, ref SensorState state, DateTimeOffset to)
    {
        if (state.Phase == SensorPhase.Quiet) return;
        var deadline = state.Fuel!.ProgressKey.FixedAt + state.MinDuration;
        if (deadline <= to) Conclude(step, sensor, ref state, state.NewestKey, DeadlineKeys.At(deadline));
    }

    /// <summary>Whether the level has gone an amount away from where it was. Moves what it is compared with.</summary>
    /// <param name="direction">+1 up from the lowest, -1 down from the highest.</param>
    /// <param name="isPrompt">The level before this one was near the old one: however long the device slept between, it did not dawdle.</param>
    /// <param name="mayChange">Else the level only sloshes or is used.</param>
    private static bool Compare(
        ref FuelReference reference, int direction, double amount, CompiledSensor sensor, double level, PositionKey key, bool isPrompt, bool mayChange)
    {
        if (!reference.IsSet || !mayChange)
        {
            reference.Set(level, key);
            return false;
        }

        var beyond = direction * (level - reference.Extreme);
        if (beyond <= amount * NearPart)
        {
            if (beyond < 0) reference.Extreme = level;
            (reference.Near, reference.NearKey) = (level, key);
            return false;
        }

        if (!isPrompt && key.FixedAt - reference.NearKey.FixedAt > sensor.MaxDuration)
        {
            reference.Set(level, key);
            return false;
        }

        return direction * (level - reference.Near) >= amount;
    }

    private static void Begin(in FoldStep step, in Reading reading, CompiledSensor sensor, ref SensorState state, SensorPhase phase, in FuelReference from, double amount)
    {
        var fuel = state.Fuel!;
        var first = FirstBeyond(fuel, from.Near, phase);
        state.Phase = phase;
        (state.StartKey, state.StartPlace, state.StartValue, state.Peak) = (fuel.Window[first].Key, SensorStep.PlaceOf(step, reading), from.Near, fuel.Level);
        (state.Limit, state.MinDuration) = (amount, sensor.MinDuration);
        fuel.BeforeKey = first > 0 ? fuel.Window[first - 1].Key : from.NearKey;
        fuel.ProgressKey = reading.Key;
        step.Trace?.Add(reading.Key.FixedAt, "sensors", $"{state.SensorId}: {SensorDrafts.WordOf(phase)} from {from.Near:0.###} to {fuel.Level:0.###}, if it stays");
    }

    private static void GoOn(in FoldStep step, in Reading reading, CompiledSensor sensor, ref SensorState state)
    {
        var fuel = state.Fuel!;
        var direction = DirectionOf(state.Phase);
        if (direction * (fuel.Level - state.StartValue) < state.Limit * FellBackPart)
        {
            step.Trace?.Add(reading.Key.FixedAt, "sensors", $"{state.SensorId}: back to {fuel.Level:0.###}: no {SensorDrafts.WordOf(state.Phase)}");
            Forget(ref state, reading.Key);
            return;
        }

        if (direction * (fuel.Level - state.Peak) >= state.Limit * ProgressPart) (state.Peak, fuel.ProgressKey) = (fuel.Level, reading.Key);
        var lasts = reading.Key.FixedAt - fuel.ProgressKey.FixedAt >= state.MinDuration;
        if (lasts || reading.Key.FixedAt - state.StartKey.FixedAt > sensor.MaxDuration + state.MinDuration) Conclude(step, sensor, ref state, reading.Key, reading.Key);
    }

    private static void Conclude(in FoldStep step, CompiledSensor sensor, ref SensorState state, PositionKey newest, PositionKey through)
    {
        var fuel = state.Fuel!;
        var amount = DirectionOf(state.Phase) * (fuel.Level - state.StartValue);
        if (amount >= state.Limit)
        {
            step.Drafts?.Add(SensorDrafts.Fuel(state, amount, sensor.MaxDuration, through));
            step.Trace?.Add(through.FixedAt, "sensors", $"{state.SensorId}: {SensorDrafts.WordOf(state.Phase)} of {amount:0.###} since {state.StartKey.FixedAt:O}");
        }
        else
        {
            step.Trace?.Add(through.FixedAt, "sensors", $"{state.SensorId}: only {amount:0.###} stayed: no {SensorDrafts.WordOf(state.Phase)}");
        }

        Forget(ref state, newest);
    }

    /// <summary>The level as it is now is what later ones are compared with.</summary>
    private static void Forget(ref SensorState state, PositionKey key)
    {
        var fuel = state.Fuel!;
        fuel.Low.Set(fuel.Level, key);
        fuel.High.Set(fuel.Level, key);
        (fuel.BeforeKey, fuel.ProgressKey) = (default, default);
        state.BeQuiet();
    }

    private static int DirectionOf(SensorPhase phase) => phase switch
    {
        SensorPhase.Filling => +1,
        SensorPhase.Draining => -1,
        _ => throw new UnreachableException(),
    };

    /// <summary>How far the vehicle is from where it was at the value before; 0 when that is unknown, or within what a vehicle that stands seems to move.</summary>
    private static double MetersSinceNewest(in FoldStep step, in Reading reading, in SensorState state)
    {
        var place = SensorStep.PlaceOf(step, reading);
        if (!place.IsSet || !state.NewestPlace.IsSet) return 0;
        var meters = PlausibilityStep.Between(state.NewestPlace, place);
        return meters > Math.Max(StandMeters, step.Options.StandRadiusMeters) ? meters : 0;
    }

    /// <summary>The vehicle came here while nobody saw the tank: what it used on its way is unknown.</summary>
    private static bool IsNewWay(in FoldStep step, in Reading reading, in SensorState state, double meters)
    {
        var since = reading.Key.FixedAt - state.NewestKey.FixedAt;
        return meters > 0 && (since >= step.Options.TripSilence || meters > since.TotalSeconds * step.Options.MaxSpeedMetersPerSecond);
    }

    private static bool HasMoved(in FoldStep step, in Reading reading, double meters) =>
        meters > 0 || (reading.IsPlace ? reading.IsMoving(step.Options) : step.State.Motion.Mode == MotionMode.Driving || step.State.Jump.Count > 0);

    private static bool MayFill(FuelState fuel, bool isNewWay) => isNewWay || fuel.Count < fuel.Window.Length || Stood(fuel) > 0;

    private static bool MostlyStood(FuelState fuel) => Stood(fuel) * 2 > fuel.Count;

    private static int Stood(FuelState fuel)
    {
        var stood = 0;
        foreach (ref readonly var sample in fuel.Window.AsSpan(0, fuel.Count))
            if (sample.Stood) stood++;
        return stood;
    }

    private static void Push(FuelState fuel, PositionKey key, double value, bool stood)
    {
        var window = fuel.Window;
        if (fuel.Count == window.Length) Array.Copy(window, 1, window, 0, --fuel.Count);
        window[fuel.Count++] = new FuelSample { Key = key, Value = value, Stood = stood };
    }

    private static double MedianOf(FuelState fuel)
    {
        Span<double> sorted = stackalloc double[SensorChecks.MaxSmoothing];
        for (var i = 0; i < fuel.Count; i++) sorted[i] = fuel.Window[i].Value;
        sorted = sorted[..fuel.Count];
        sorted.Sort();
        return fuel.Count % 2 == 1 ? sorted[fuel.Count / 2] : (sorted[(fuel.Count / 2) - 1] + sorted[fuel.Count / 2]) / 2;
    }

    /// <summary>The first of the newest values that are all nearer to the new level than to the old one.</summary>
    private static int FirstBeyond(FuelState fuel, double before, SensorPhase phase)
    {
        var (middle, direction) = ((before + fuel.Level) / 2, DirectionOf(phase));
        var first = fuel.Count - 1;
        while (first > 0 && direction * (fuel.Window[first - 1].Value - middle) > 0) first--;
        return first;
    }
}
