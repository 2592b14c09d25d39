using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>
/// Too low, too high, or on: from the first value that is so, when it lasts, to the first one that is not, with the hysteresis. A value holds until the next, so a door
/// that was open at the last word of a sleeping tracker is open.
/// </summary>
internal static class SpanStep
{
    public static void Take(in FoldStep step, in Reading reading, CompiledSensor sensor, ref SensorState state, double value)
    {
        var phase = PhaseOf(sensor.Rules, state, value);
        if (phase != state.Phase)
        {
            if (state.Phase != SensorPhase.Quiet) End(step, ref state, reading.Key.FixedAt, SensorStep.PlaceOf(step, reading), "value", reading.Key);
            if (phase != SensorPhase.Quiet) Begin(step, reading, sensor, ref state, phase, value);
        }
        else if (phase != SensorPhase.Quiet)
        {
            state.Peak = IsDown(sensor.Rules, phase) ? Math.Min(state.Peak, value) : Math.Max(state.Peak, value);
        }

        if (phase != SensorPhase.Quiet && !state.IsTold && reading.Key.FixedAt - state.StartKey.FixedAt >= state.MinDuration) Tell(step, ref state, reading.Key);
    }

    public static void Advance(in FoldStep step, ref SensorState state, DateTimeOffset to)
    {
        if (state.Phase == SensorPhase.Quiet || state.IsTold) return;
        var deadline = state.StartKey.FixedAt + state.MinDuration;
        if (deadline <= to) Tell(step, ref state, DeadlineKeys.At(deadline));
    }

    public static void End(in FoldStep step, ref SensorState state, DateTimeOffset endedAt, in Place place, string reason, PositionKey through)
    {
        if (state.IsTold) step.Drafts?.Add(SensorDrafts.Closed(state, endedAt, place, reason, through));
        else step.Trace?.Add(through.FixedAt, "sensors", $"{state.SensorId}: {SensorDrafts.WordOf(state.Phase)} for less than {state.MinDuration.TotalSeconds:0.#} s");
        if (state.IsTold) step.Trace?.Add(through.FixedAt, "sensors", $"{state.SensorId}: {SensorDrafts.WordOf(state.Phase)} ended at {endedAt:O}");
        state.BeQuiet();
    }

    private static void Begin(in FoldStep step, in Reading reading, CompiledSensor sensor, ref SensorState state, SensorPhase phase, double value)
    {
        state.Phase = phase;
        (state.StartKey, state.StartPlace, state.StartValue, state.Peak) = (reading.Key, SensorStep.PlaceOf(step, reading), value, value);
        state.Limit = phase switch
        {
            SensorPhase.Low => sensor.Rules.Low!.Value,
            SensorPhase.High => sensor.Rules.High!.Value,
            _ => ThresholdOf(sensor.Rules),
        };
        state.MinDuration = sensor.MinDuration;
        step.Trace?.Add(reading.Key.FixedAt, "sensors", $"{state.SensorId}: {SensorDrafts.WordOf(phase)} at {value:0.###}, limit {state.Limit:0.###}");
    }

    private static void Tell(in FoldStep step, ref SensorState state, PositionKey through)
    {
        state.IsTold = true;
        step.Drafts?.Add(SensorDrafts.Open(state, through));
        step.Trace?.Add(through.FixedAt, "sensors", $"{state.SensorId}: {SensorDrafts.WordOf(state.Phase)} since {state.StartKey.FixedAt:O} lasts");
    }

    private static SensorPhase PhaseOf(SensorRules rules, in SensorState state, double value)
    {
        var hysteresis = rules.Hysteresis ?? 0;
        if (rules.Kind == SensorKind.Switch) return IsOn(rules, state, value, hysteresis) ? SensorPhase.On : SensorPhase.Quiet;
        if (value > rules.High || (state.Phase == SensorPhase.High && value > rules.High - hysteresis)) return SensorPhase.High;
        if (value < rules.Low || (state.Phase == SensorPhase.Low && value < rules.Low + hysteresis)) return SensorPhase.Low;
        return SensorPhase.Quiet;
    }

    private static bool IsOn(SensorRules rules, in SensorState state, double value, double hysteresis)
    {
        // The first value has nothing before it to stay with.
        var isFirst = state.NewestKey.FixedAt == default;
        var wasAbove = !isFirst && (state.Phase == SensorPhase.On) != rules.Inverted;
        var threshold = ThresholdOf(rules);
        return (value > (wasAbove ? threshold - hysteresis : threshold)) != rules.Inverted;
    }

    private static double ThresholdOf(SensorRules rules) => rules.Threshold ?? SensorRules.DefaultThreshold;

    private static bool IsDown(SensorRules rules, SensorPhase phase) => phase == SensorPhase.Low || (phase == SensorPhase.On && rules.Inverted);
}
