using System.Diagnostics;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>Events of sensors as they are written. Their subject is the sensor.</summary>
internal static class SensorDrafts
{
    public static string WordOf(SensorPhase phase) => phase switch
    {
        SensorPhase.Low => "low",
        SensorPhase.High => "high",
        SensorPhase.On => "on",
        SensorPhase.Filling => "fill",
        SensorPhase.Draining => "drain",
        _ => throw new UnreachableException(),
    };

    public static OutcomeDraft Open(in SensorState state, PositionKey through)
    {
        var now = state;
        return new OutcomeDraft(OutcomeType.Event, KindOf(now.Phase), now.SensorId, now.StartKey)
        {
            Through = through,
            State = OutcomeState.Open,
            Evidence = Evidence.Of(json =>
            {
                json.WriteNumber("version", now.Version);
                json.Number("value", now.StartValue);
                json.Fixes(now.StartPlace);
                json.WriteStartObject("thresholds");
                json.Number("limit", now.Limit);
                json.Seconds("minDuration", now.MinDuration);
                json.WriteEndObject();
            }),
        };
    }

    public static OutcomeDraft Closed(in SensorState state, DateTimeOffset endedAt, in Place end, string reason, PositionKey through)
    {
        var (now, place) = (state, end);
        return new OutcomeDraft(OutcomeType.Event, KindOf(now.Phase), now.SensorId, now.StartKey)
        {
            EndedAt = endedAt,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteNumber("version", now.Version);
                json.Number("value", now.StartValue);
                json.Number("peak", now.Peak);
                json.Seconds("duration", endedAt - now.StartKey.FixedAt);
                json.WriteString("endReason", reason);
                json.Fixes(now.StartPlace, place.Key == now.StartPlace.Key ? default : place);
                json.WriteStartObject("thresholds");
                json.Number("limit", now.Limit);
                json.Seconds("minDuration", now.MinDuration);
                json.WriteEndObject();
            }),
        };
    }

    /// <summary>A fill or drain; ends when the level last changed.</summary>
    public static OutcomeDraft Fuel(in SensorState state, double amount, TimeSpan maxDuration, PositionKey through)
    {
        var now = state;
        var (fuel, after) = (now.Fuel!, now.Fuel!.Level);
        var (before, ended) = (fuel.BeforeKey.FixedAt, fuel.ProgressKey.FixedAt);
        return new OutcomeDraft(OutcomeType.Event, KindOf(now.Phase), now.SensorId, now.StartKey)
        {
            EndedAt = ended,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteNumber("version", now.Version);
                json.Number("amount", amount);
                json.Number("before", now.StartValue);
                json.Number("after", after);
                json.WriteString("beforeAt", before.UtcDateTime);
                json.WriteString("afterAt", ended.UtcDateTime);
                json.Fixes(now.StartPlace);
                json.WriteStartObject("thresholds");
                json.Number("amount", now.Limit);
                json.Seconds("minDuration", now.MinDuration);
                json.Seconds("maxDuration", maxDuration);
                json.WriteEndObject();
            }),
        };
    }

    private static string KindOf(SensorPhase phase) => phase switch
    {
        SensorPhase.Low => "sensor.low",
        SensorPhase.High => "sensor.high",
        SensorPhase.On => "sensor.on",
        SensorPhase.Filling => "fuel.fill",
        SensorPhase.Draining => "fuel.drain",
        _ => throw new UnreachableException(),
    };
}
