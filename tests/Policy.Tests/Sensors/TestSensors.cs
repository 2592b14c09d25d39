using System.Collections.Frozen;
using System.Collections.Immutable;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>Sensors and rules as tests need them.</summary>
internal static class TestSensors
{
    public static Sensor Of(string id, SensorRules rules, int version = 1, SensorScope? scope = null) =>
        new() { Id = id, Tenant = "default", Name = id, Rules = rules, Version = version, Scope = scope ?? SensorScope.Everyone };

    public static SensorRules Gauge(double? low = null, double? high = null, double? hysteresis = null, int? minSeconds = null) =>
        new() { Attribute = "temp", Kind = SensorKind.Gauge, Low = low, High = high, Hysteresis = hysteresis, MinDuration = Seconds(minSeconds) };

    public static SensorRules Switch(double? threshold = null, bool inverted = false, double? hysteresis = null, int? minSeconds = null) =>
        new() { Attribute = "door", Kind = SensorKind.Switch, Threshold = threshold, Inverted = inverted, Hysteresis = hysteresis, MinDuration = Seconds(minSeconds) };

    public static SensorRules Fuel(double? fill = 20, double? drain = 15, int? smoothing = null, int? minSeconds = null, TimeSpan? max = null) =>
        new() { Attribute = "fuel", Kind = SensorKind.Fuel, FillAmount = fill, DrainAmount = drain, Smoothing = smoothing, MinDuration = Seconds(minSeconds), MaxDuration = max };

    public static TenantRules Rules(params Sensor[] sensors) => With(TenantRules.None, sensors);

    public static TenantRules With(TenantRules rules, params Sensor[] sensors) =>
        rules with { Sensors = SensorSet.Build(sensors, rules.Groups, (sensor, error) => Assert.Fail($"{sensor.Id}: {error.Message}")) };

    public static TenantRules Rules(SensorRules rules) => Rules(Of("s1", rules));

    public static TenantRules InGroups(this TenantRules rules, params string[] groups) =>
        rules with { Groups = FrozenDictionary.ToFrozenDictionary([KeyValuePair.Create("v1", groups.ToImmutableArray())]) };

    /// <summary>One more row where the vehicle is, with a value.</summary>
    public static Trace Say(this Trace trace, string attribute, double value, double after = 10, double speed = 0) =>
        trace.Fix(trace.East + (speed * after), trace.North, speed, after).Change(fix => fix with { Attributes = FormattableString.Invariant($"{{\"{attribute}\":{value}}}") });

    private static TimeSpan? Seconds(int? seconds) => seconds is { } given ? TimeSpan.FromSeconds(given) : null;
}
