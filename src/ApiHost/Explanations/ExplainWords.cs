using System.Diagnostics;
using System.Globalization;
using FleetTracker.Vehicles;

namespace FleetTracker.Explanations;

/// <summary>Words of the wire format, and how times and lengths are said in a sentence.</summary>
internal static class ExplainWords
{
    public static string Word(this MotionView motion) => motion switch
    {
        MotionView.Unknown => "unknown",
        MotionView.Parked => "parked",
        MotionView.Departing => "departing",
        MotionView.Driving => "driving",
        _ => throw new UnreachableException(),
    };

    public static string Word(this FencePhaseView phase) => phase switch
    {
        FencePhaseView.Outside => "outside",
        FencePhaseView.Entering => "entering",
        FencePhaseView.Inside => "inside",
        FencePhaseView.Leaving => "leaving",
        _ => throw new UnreachableException(),
    };

    public static string Meters(double meters) => meters switch
    {
        > 0 and < 1 => "less than 1 m",
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{meters:0.#} m"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{meters:0} m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{meters / 1000:0} km"),
    };

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s"),
        { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.#} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.#} days"),
    };
}

/// <summary>Times near another one, in UTC: the date is said only where it is another.</summary>
internal readonly struct Clock(DateTimeOffset near)
{
    private readonly DateOnly _day = DateOnly.FromDateTime(near.UtcDateTime);

    public string Say(DateTimeOffset at) =>
        at.UtcDateTime.ToString(DateOnly.FromDateTime(at.UtcDateTime) == _day ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
