using System.Globalization;

namespace FleetTracker.Sensors;

/// <param name="Field">Such as <c>calibration[3]</c>.</param>
/// <param name="Message">What is wrong, with the value.</param>
public readonly record struct SensorProblem(string Field, string Message);

/// <summary>What makes no sense in a sensor, whoever wrote it.</summary>
public static class SensorChecks
{
    public const int MaxCalibrationPoints = 100;
    public const int MaxSmoothing = 15;

    public static readonly TimeSpan MaxMinDuration = TimeSpan.FromDays(7);
    public static readonly TimeSpan LeastFuelMinDuration = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan MostFuelMinDuration = TimeSpan.FromHours(1);
    public static readonly TimeSpan LeastMaxDuration = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan MostMaxDuration = TimeSpan.FromDays(1);

    public static IReadOnlyList<SensorProblem> Check(SensorRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var problems = new List<SensorProblem>();
        if (string.IsNullOrWhiteSpace(rules.Attribute)) problems.Add(new("attribute", "is missing"));
        CheckCalibration(rules, problems);
        if (rules.ValidMin > rules.ValidMax) problems.Add(new("validMin", Say($"must not be more than validMax, which is {rules.ValidMax}, was {rules.ValidMin}")));
        if (rules.Hysteresis < 0) problems.Add(new("hysteresis", Say($"must not be negative, was {rules.Hysteresis}")));
        CheckOthers(rules, problems);
        switch (rules.Kind)
        {
            case SensorKind.Gauge: CheckGauge(rules, problems); break;
            case SensorKind.Fuel: CheckFuel(rules, problems); break;
            default: CheckSpan(rules.MinDuration, TimeSpan.Zero, MaxMinDuration, "minDuration", problems); break;
        }

        return problems;
    }

    private static void CheckCalibration(SensorRules rules, List<SensorProblem> problems)
    {
        var points = rules.Calibration;
        if (points.IsDefaultOrEmpty) return;
        if (points.Length is 1 or > MaxCalibrationPoints) problems.Add(new("calibration", $"must have no point or 2 to {MaxCalibrationPoints}, has {points.Length}"));
        for (var i = 1; i < points.Length; i++)
        {
            if (!(points[i].Raw > points[i - 1].Raw))
                problems.Add(new($"calibration[{i}]", Say($"must have a greater raw value than the point before, which has {points[i - 1].Raw}, was {points[i].Raw}")));
        }
    }

    private static void CheckGauge(SensorRules rules, List<SensorProblem> problems)
    {
        CheckSpan(rules.MinDuration, TimeSpan.Zero, MaxMinDuration, "minDuration", problems);
        if (rules.Low is not { } low || rules.High is not { } high) return;
        if (low >= high) problems.Add(new("low", Say($"must be less than high, which is {high}, was {low}")));
        else if (rules.Hysteresis > high - low) problems.Add(new("hysteresis", Say($"must not be more than lies between low and high, which is {high - low}, was {rules.Hysteresis}")));
    }

    private static void CheckFuel(SensorRules rules, List<SensorProblem> problems)
    {
        CheckSpan(rules.MinDuration, LeastFuelMinDuration, MostFuelMinDuration, "minDuration", problems);
        CheckSpan(rules.MaxDuration, LeastMaxDuration, MostMaxDuration, "maxDuration", problems);
        if (rules.FillAmount is { } fill && !(fill > 0)) problems.Add(new("fillAmount", Say($"must be more than 0, was {fill}")));
        if (rules.DrainAmount is { } drain && !(drain > 0)) problems.Add(new("drainAmount", Say($"must be more than 0, was {drain}")));
        if (rules.Smoothing is { } smoothing && (smoothing is < 1 or > MaxSmoothing || smoothing % 2 == 0))
            problems.Add(new("smoothing", Say($"must be an odd number from 1 to {MaxSmoothing}, was {smoothing}")));
    }

    /// <summary>What belongs to another kind would be ignored in silence.</summary>
    private static void CheckOthers(SensorRules rules, List<SensorProblem> problems)
    {
        Check(rules.Low, "low", SensorKind.Gauge);
        Check(rules.High, "high", SensorKind.Gauge);
        Check(rules.Hysteresis, "hysteresis", SensorKind.Gauge, SensorKind.Switch);
        Check(rules.Threshold, "threshold", SensorKind.Switch);
        Check(rules.Inverted ? 1 : null, "inverted", SensorKind.Switch);
        Check(rules.FillAmount, "fillAmount", SensorKind.Fuel);
        Check(rules.DrainAmount, "drainAmount", SensorKind.Fuel);
        Check(rules.Smoothing, "smoothing", SensorKind.Fuel);
        Check(rules.MaxDuration?.TotalSeconds, "maxDuration", SensorKind.Fuel);

        void Check(double? value, string field, params ReadOnlySpan<SensorKind> kinds)
        {
            if (value is { } given && !kinds.Contains(rules.Kind)) problems.Add(new(field, Say($"is not for this kind of sensor, was {given}")));
        }
    }

    private static void CheckSpan(TimeSpan? span, TimeSpan least, TimeSpan most, string field, List<SensorProblem> problems)
    {
        if (span < least || span > most) problems.Add(new(field, Say($"must be {least.TotalSeconds} to {most.TotalSeconds} s, was {span.Value.TotalSeconds}")));
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
