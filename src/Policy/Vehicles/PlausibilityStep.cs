using FleetTracker.Geodesy;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>Decides whether a row is a place where the vehicle can have been, beside the rows before it. Sentinel speeds are no speeds.</summary>
internal static class PlausibilityStep
{
    /// <summary>What a receiver is off by when it does not say, in meters.</summary>
    private const double UnstatedAccuracyMeters = 50;

    public static void Take(in FoldStep step, ref Reading reading)
    {
        var fix = reading.Fix;
        if (fix.Verdict != FixVerdict.Accepted)
        {
            step.Trace?.Add(fix.FixedAt, "plausibility", $"no place: {fix.Verdict}");
            return;
        }

        var place = PlaceOf(fix, step.Options);
        ref readonly var last = ref step.State.Last;
        if (place.AccuracyMeters > step.Options.MaxAccuracyMeters)
        {
            Exclude(step, reading, "inaccurate", place, step.Options.MaxAccuracyMeters);
            return;
        }

        if (last.IsSet)
        {
            reading.SinceLast = place.At - last.At;
            reading.MetersFromLast = Between(last, place);
            if (reading.MetersFromLast > Reach(last, place, step.Options) && !Believes(step, place))
            {
                Exclude(step, reading, "jump", place, step.Options.MaxSpeedMetersPerSecond);
                return;
            }

            reading.Jumped = step.State.Jump.Count > 0 && reading.MetersFromLast > Reach(last, place, step.Options);
        }

        step.State.Jump = default;
        reading.IsPlace = true;
        reading.Place = place;
        if (reading.Jumped) step.Trace?.Add(fix.FixedAt, "plausibility", $"believed after {step.Options.FixesToBelieveAJump} fixes that agree");
    }

    public static double Between(in Place a, in Place b) => LocalDistance.Meters(a.Latitude, a.Longitude, b.Latitude, b.Longitude);

    private static Place PlaceOf(Fix fix, VehicleOptions options) => new()
    {
        Key = PositionKey.Of(fix),
        Latitude = fix.Latitude!.Value,
        Longitude = fix.Longitude!.Value,
        AccuracyMeters = fix.AccuracyMeters is > 0 and var accuracy ? accuracy : 0,
        SpeedMetersPerSecond = fix.SpeedMetersPerSecond is >= 0 and var speed && speed <= options.MaxSpeedMetersPerSecond ? speed : double.NaN,
        HeadingDegrees = fix.HeadingDegrees ?? double.NaN,
    };

    /// <summary>How far the vehicle can have come, with what both receivers may be off by.</summary>
    private static double Reach(in Place from, in Place to, VehicleOptions options)
    {
        var seconds = Math.Max((to.At - from.At).TotalSeconds, 1);
        return (seconds * options.MaxSpeedMetersPerSecond) + Accuracy(from) + Accuracy(to);
    }

    private static double Accuracy(in Place place) => place.AccuracyMeters > 0 ? place.AccuracyMeters : UnstatedAccuracyMeters;

    /// <summary>Whether enough fixes in a row agree with each other against where the vehicle was. Remembers this one.</summary>
    private static bool Believes(in FoldStep step, in Place place)
    {
        ref var jump = ref step.State.Jump;
        var agrees = jump.Count > 0 && Between(jump.Newest, place) <= Reach(jump.Newest, place, step.Options);
        jump.Count = agrees ? jump.Count + 1 : 1;
        jump.Newest = place;
        return jump.Count >= step.Options.FixesToBelieveAJump;
    }

    /// <summary>A row that made a step fail.</summary>
    public static void ExcludeFailed(in FoldStep step, in Reading reading, Exception error)
    {
        var (name, last) = (error.GetType().Name, step.State.Last);
        step.Trace?.Add(reading.Fix.FixedAt, "plausibility", $"left out: it could not be judged ({error.Message})");
        step.Drafts?.Add(new OutcomeDraft(OutcomeType.Excluded, "excluded", "", reading.Key)
        {
            EndedAt = reading.Key.FixedAt,
            Through = reading.Key,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteString("reason", "error");
                json.WriteString("error", name);
                json.Fixes(last);
            }),
        });
    }

    private static void Exclude(in FoldStep step, in Reading reading, string reason, Place place, double threshold)
    {
        var (meters, seconds, last) = (reading.MetersFromLast, reading.SinceLast, step.State.Last);
        step.Trace?.Add(reading.Fix.FixedAt, "plausibility", $"left out: {reason}, {meters:0} m in {seconds.TotalSeconds:0.###} s, accuracy {place.AccuracyMeters:0} m");
        step.Drafts?.Add(new OutcomeDraft(OutcomeType.Excluded, "excluded", "", reading.Key)
        {
            EndedAt = reading.Key.FixedAt,
            Through = reading.Key,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteString("reason", reason);
                json.Fixes(last, place);
                if (reason is "jump")
                {
                    json.Number("distance", meters);
                    json.Seconds("duration", seconds);
                    json.Number("maxSpeed", threshold);
                }
                else
                {
                    json.Number("maxAccuracy", threshold);
                }
            }),
        });
    }
}
