using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>
/// What a tenant watches about the values that its devices report. A value holds until the next one; what must last is a deadline in fix time. Also rows without a
/// place are listened to.
/// </summary>
internal static class SensorStep
{
    private const int MaxOnStack = 64;

    public static void Take(in FoldStep step, in Reading reading)
    {
        var sensors = step.Sensors;
        if (sensors.Length == 0) return;
        Span<double> raws = sensors.Length <= MaxOnStack ? stackalloc double[MaxOnStack] : new double[sensors.Length];
        SensorReader.Read(reading.Fix, sensors, raws);
        for (var i = 0; i < sensors.Length; i++)
        {
            var value = sensors[i].ValueOf(raws[i]);
            if (!double.IsNaN(value)) Take(step, reading, sensors[i], value);
            else if (!double.IsNaN(raws[i])) step.Trace?.Add(reading.Key.FixedAt, "sensors", $"{sensors[i].Definition.Id}: {raws[i]:0.###} is no value");
        }
    }

    /// <summary>Deadlines that were reached, and sensors that are gone, changed or not for this vehicle any more.</summary>
    public static void Advance(in FoldStep step, DateTimeOffset to)
    {
        var states = step.State.Sensors;
        if (states.Length == 0) return;
        var left = 0;
        for (var i = 0; i < states.Length; i++)
        {
            ref var state = ref states[i];
            if (Find(step.Sensors, state.SensorId) is not { } sensor || sensor.Definition.Version != state.Version)
            {
                Leave(step, ref state);
                continue;
            }

            if (state.Fuel is not null) FuelStep.Advance(step, sensor, ref state, to);
            else SpanStep.Advance(step, ref state, to);
            if (left != i) states[left] = state;
            left++;
        }

        if (left < states.Length) step.State.Sensors = states[..left];
    }

    /// <summary>The next fix time at which <see cref="Advance"/> would do something, if nothing arrives; <c>null</c> = never.</summary>
    public static DateTimeOffset? Deadline(VehicleState state)
    {
        DateTimeOffset? next = null;
        foreach (ref readonly var sensor in state.Sensors.AsSpan())
        {
            if (sensor.Phase == SensorPhase.Quiet || sensor.IsTold) continue;
            var at = (sensor.Fuel?.ProgressKey ?? sensor.StartKey).FixedAt + sensor.MinDuration;
            if (next is null || at < next) next = at;
        }

        return next;
    }

    /// <summary>Whether anything is not as it usually is.</summary>
    public static bool GoesOn(VehicleState state)
    {
        foreach (ref readonly var sensor in state.Sensors.AsSpan())
            if (sensor.Phase != SensorPhase.Quiet) return true;
        return false;
    }

    public static void WriteOpen(in FoldStep step)
    {
        foreach (ref readonly var state in step.State.Sensors.AsSpan())
            if (state.IsTold) step.Drafts?.Add(SensorDrafts.Open(state, default));
    }

    private static void Take(in FoldStep step, in Reading reading, CompiledSensor sensor, double value)
    {
        ref var state = ref StateOf(step, sensor);
        if (sensor.Definition.Version != state.Version)
        {
            Leave(step, ref state);
            state = NewState(sensor);
        }

        if (state.Fuel is not null) FuelStep.Take(step, reading, sensor, ref state, value);
        else SpanStep.Take(step, reading, sensor, ref state, value);
        (state.NewestKey, state.NewestPlace) = (reading.Key, PlaceOf(step, reading));
    }

    /// <summary>The row's place, or the newest before it.</summary>
    internal static Place PlaceOf(in FoldStep step, in Reading reading) => reading.IsPlace ? reading.Place : step.State.Last;

    /// <summary>What went on ended when the change began to count; rows that come later change nothing about that.</summary>
    private static void Leave(in FoldStep step, ref SensorState state)
    {
        // After the head, so that a checkpoint that still knows it comes before.
        var through = DeadlineKeys.At(step.State.Head.FixedAt + TimeSpan.FromMicroseconds(1));
        var ended = step.Rules.SettledAt > state.NewestKey.FixedAt ? step.Rules.SettledAt : state.NewestKey.FixedAt;
        if (state.Fuel is null && state.Phase != SensorPhase.Quiet) SpanStep.End(step, ref state, ended, state.NewestPlace, "sensor", through);
        step.Trace?.Add(step.State.Head.FixedAt, "sensors", $"{state.SensorId}: the sensor was changed, removed, or is not for this vehicle any more");
    }

    private static ref SensorState StateOf(in FoldStep step, CompiledSensor sensor)
    {
        var states = step.State.Sensors;
        for (var i = 0; i < states.Length; i++)
            if (string.Equals(states[i].SensorId, sensor.Definition.Id, StringComparison.Ordinal)) return ref states[i];
        step.State.Sensors = [.. states, NewState(sensor)];
        return ref step.State.Sensors[^1];
    }

    private static SensorState NewState(CompiledSensor sensor) => new()
    {
        SensorId = sensor.Definition.Id,
        Version = sensor.Definition.Version,
        Fuel = sensor.Rules.Kind == SensorKind.Fuel ? new FuelState { Window = new FuelSample[sensor.Smoothing] } : null,
    };

    private static CompiledSensor? Find(CompiledSensor[] sensors, string id)
    {
        foreach (var sensor in sensors)
            if (string.Equals(sensor.Definition.Id, id, StringComparison.Ordinal)) return sensor;
        return null;
    }
}
