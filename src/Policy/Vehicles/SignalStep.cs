using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>What the device itself says: ignition, battery, alarms. Also rows without a place are listened to.</summary>
internal static class SignalStep
{
    /// <summary>A battery is well again so far above what is low, in percent.</summary>
    private const double BatteryHysteresisPercent = 10;

    /// <summary>The same alarm again within this is the same alarm.</summary>
    private static readonly TimeSpan AlarmGoesOn = TimeSpan.FromMinutes(2);

    public static void Take(in FoldStep step, in Reading reading)
    {
        TakeIgnition(step, reading);
        if (reading.Fix.Attributes is not { } attributes) return;
        var words = DeviceWords.Read(attributes, step.State.Signals.Alarm);
        TakeBattery(step, reading, words);
        TakeAlarm(step, reading, words);
    }

    /// <summary>A trip that begins with the ignition off is not the driver's.</summary>
    public static void TakeTripStart(in FoldStep step, in Reading reading)
    {
        if (reading.Fix.Ignition is not true && step.State.Signals.Ignition is false) TellTow(step, reading, step.State.Motion.TripStart, reading.Place);
    }

    private static void TakeIgnition(in FoldStep step, in Reading reading)
    {
        ref var signals = ref step.State.Signals;
        // Many trackers say it only when it changes: what was said holds until then.
        if ((reading.Fix.Ignition ?? signals.Ignition) is not { } ignition) return;
        var changed = signals.Ignition is { } before && before != ignition;
        (signals.Ignition, signals.IgnitionAt) = (ignition, reading.Key.FixedAt);
        if (changed) Moment(step, reading, ignition ? "ignition.on" : "ignition.off", default, null);
    }

    private static void TakeBattery(in FoldStep step, in Reading reading, in DeviceWords words)
    {
        if (words.BatteryPercent is not { } percent) return;
        ref var signals = ref step.State.Signals;
        var low = step.Options.LowBatteryPercent;
        if (signals.BatteryIsLow && percent > low + BatteryHysteresisPercent) signals.BatteryIsLow = false;
        if (signals.BatteryIsLow || percent > low) return;
        signals.BatteryIsLow = true;
        TellBattery(step, reading, percent, low);
    }

    private static void TakeAlarm(in FoldStep step, in Reading reading, in DeviceWords words)
    {
        if (words.Alarm is not { } alarm) return;
        ref var signals = ref step.State.Signals;
        // A device that repeats its alarm with every fix, or with every other, raises one.
        var isSame = string.Equals(signals.Alarm, alarm, StringComparison.Ordinal) && reading.Key.FixedAt - signals.AlarmAt <= AlarmGoesOn;
        (signals.Alarm, signals.AlarmAt) = (alarm, reading.Key.FixedAt);
        if (!isSame) TellAlarm(step, reading, alarm);
    }

    private static string KindOf(string alarm) => alarm.ToUpperInvariant() switch
    {
        "SOS" or "PANIC" => "sos",
        "POWERCUT" or "POWER_CUT" or "POWEROFF" => "power.cut",
        "LOWBATTERY" or "LOW_BATTERY" => "battery.low",
        "TOW" or "TOWING" => "tow",
        "HARDBRAKING" => "harsh.braking",
        "HARDACCELERATION" => "harsh.acceleration",
        "HARDCORNERING" => "harsh.cornering",
        _ => "alarm",
    };

    // What a lambda captures is allocated where its method begins, so those that tell are apart from those that every row runs through.

    private static void TellTow(in FoldStep step, in Reading reading, Place start, Place place) =>
        Moment(step, reading, "tow", start, json => json.Number("distance", PlausibilityStep.Between(start, place)));

    private static void TellBattery(in FoldStep step, in Reading reading, double percent, double low) =>
        Moment(step, reading, "battery.low", default, json =>
        {
            json.Number("battery", percent);
            json.WriteStartObject("thresholds");
            json.Number("lowBattery", low);
            json.WriteEndObject();
        });

    private static void TellAlarm(in FoldStep step, in Reading reading, string alarm) =>
        Moment(step, reading, KindOf(alarm), default, json => json.WriteString("alarm", alarm), alarm);

    private static void Moment(in FoldStep step, Reading reading, string kind, Place since, Action<System.Text.Json.Utf8JsonWriter>? members, string alarm = "")
    {
        step.Trace?.Add(reading.Key.FixedAt, "signals", $"{kind}");
        if (step.Drafts is null) return;
        var place = reading.IsPlace ? reading.Place : step.State.Last;
        // What the policy finds by itself has no subject: a device that says the same of the same row says something else.
        var subject = kind is "sos" or "power.cut" ? "" : alarm;
        step.Drafts.Add(new OutcomeDraft(OutcomeType.Event, kind, subject, reading.Key)
        {
            EndedAt = reading.Key.FixedAt,
            Through = reading.Key,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                members?.Invoke(json);
                json.Fixes(since, place);
            }),
        });
    }
}
