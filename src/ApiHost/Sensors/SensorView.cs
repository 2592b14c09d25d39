using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FleetTracker.Storage;

namespace FleetTracker.Sensors;

/// <summary>What somebody wants a sensor to be. What belongs to another kind must be missing or <c>null</c>.</summary>
public record NewSensor
{
    /// <summary>1–200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>A member of a fix's attributes, such as <c>battery</c> or <c>can.fuel</c>; <c>ignition</c> and <c>odometer</c> (m) are the fix's own.</summary>
    public required string Attribute { get; init; }

    /// <summary><c>gauge</c>, <c>fuel</c> or <c>switch</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of the calibrated value, 1–20 characters; <c>null</c> = none.</summary>
    public string? Unit { get; init; }

    /// <summary>Pairs <c>[raw, value]</c> with growing raw values: none, or 2 to 100. Straight between them, level beyond.</summary>
    public ImmutableArray<ImmutableArray<double>> Calibration { get; init; } = [];

    /// <summary>Raw values below are no values.</summary>
    public double? ValidMin { get; init; }

    /// <summary>Raw values above are no values.</summary>
    public double? ValidMax { get; init; }

    /// <summary>Seconds that it must be low, high or on to be told (0 to 604,800, default 0); of fuel, that a changed level must stay (10 to 3,600, default 120).</summary>
    public double? MinDuration { get; init; }

    /// <summary>Gauge: below it is <c>sensor.low</c>.</summary>
    public double? Low { get; init; }

    /// <summary>Gauge: above it is <c>sensor.high</c>.</summary>
    public double? High { get; init; }

    /// <summary>Gauge and switch: how far back beyond its limit a value must come for that to end. Default: 0.</summary>
    public double? Hysteresis { get; init; }

    /// <summary>Switch: above it is <c>sensor.on</c>; what is true is 1. Default: 0.5.</summary>
    public double? Threshold { get; init; }

    /// <summary>Switch: it is on at or below the threshold. Default: false.</summary>
    public bool? Inverted { get; init; }

    /// <summary>Fuel: so many units more are a <c>fuel.fill</c>.</summary>
    public double? FillAmount { get; init; }

    /// <summary>Fuel: so many units less while the vehicle stands are a <c>fuel.drain</c>.</summary>
    public double? DrainAmount { get; init; }

    /// <summary>Fuel: the level is the median of so many values: odd, 1 to 15. Default: 5.</summary>
    public int? Smoothing { get; init; }

    /// <summary>Fuel: a change that takes more seconds is use or drift (60 to 86,400). Default: 1,800.</summary>
    public double? MaxDuration { get; init; }

    /// <summary>Vehicles that have it. With <c>groups</c> empty too: all.</summary>
    public ImmutableArray<string> VehicleIds { get; init; } = [];

    /// <summary>Groups whose vehicles have it.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];
}

/// <summary>A sensor.</summary>
public sealed record SensorView : NewSensor
{
    [JsonPropertyOrder(-1)] public required string Id { get; init; }

    /// <summary>Counts from 1; a change of anything but name, unit and vehicles is a new one.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    internal static SensorView Of(StoredSensor stored)
    {
        var (sensor, rules) = (stored.Current, stored.Current.Rules);
        return new SensorView
        {
            Id = sensor.Id,
            Name = sensor.Name,
            Attribute = rules.Attribute,
            Kind = SensorWords.WordOf(rules.Kind),
            Unit = sensor.Unit,
            Calibration = rules.Calibration.IsDefaultOrEmpty ? [] : [.. rules.Calibration.Select(point => ImmutableArray.Create(point.Raw, point.Value))],
            ValidMin = rules.ValidMin,
            ValidMax = rules.ValidMax,
            MinDuration = rules.MinDuration?.TotalSeconds,
            Low = rules.Low,
            High = rules.High,
            Hysteresis = rules.Hysteresis,
            Threshold = rules.Threshold,
            Inverted = rules.Kind == SensorKind.Switch ? rules.Inverted : null,
            FillAmount = rules.FillAmount,
            DrainAmount = rules.DrainAmount,
            Smoothing = rules.Smoothing,
            MaxDuration = rules.MaxDuration?.TotalSeconds,
            VehicleIds = sensor.Scope.VehicleIds,
            Groups = sensor.Scope.Groups,
            Version = sensor.Version,
            UpdatedAt = stored.UpdatedAt,
        };
    }
}

/// <summary>A sensor of a vehicle and the newest value it had.</summary>
/// <param name="FixedAt">When it had the value; <c>null</c> = not among the vehicle's newest fixes.</param>
/// <param name="Raw">What the device reported.</param>
/// <param name="Value">In the sensor's unit.</param>
public sealed record VehicleSensorView(string Id, string Name, string Attribute, string Kind, string? Unit, DateTimeOffset? FixedAt, double? Raw, double? Value);

public sealed record VehicleSensors(IReadOnlyList<VehicleSensorView> Items);

/// <summary>A value that counts, calibrated as the sensor is now.</summary>
/// <param name="Raw">What the device reported; what is true is 1.</param>
/// <param name="Value">In the sensor's unit.</param>
public sealed record SensorSampleView(DateTimeOffset FixedAt, double Raw, double Value);

/// <summary>What a sensor said in equal spans of time; spans without a value are left out.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="BucketSeconds">Length of a span.</param>
public sealed record SensorChartView(string SensorId, string? Unit, DateTimeOffset From, DateTimeOffset To, double BucketSeconds, IReadOnlyList<SensorBucketView> Items);

/// <param name="At">Where the span begins.</param>
/// <param name="Average">Of its values, each counted once.</param>
/// <param name="Last">The newest of its values.</param>
public sealed record SensorBucketView(DateTimeOffset At, int Count, double Min, double Max, double Average, double Last);
