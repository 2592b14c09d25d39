namespace FleetTracker.Vehicles;

/// <summary>Where a counter's value comes from.</summary>
public enum CounterSource : byte
{
    /// <summary>Counted since the vehicle's first row, beginning with 0.</summary>
    Counted = 0,

    /// <summary>Read from the device.</summary>
    Device = 1,

    /// <summary>Said by somebody, and counted on from there.</summary>
    Set = 2,
}

/// <summary>What a vehicle's instruments would show.</summary>
[GenerateSerializer, Immutable, Alias("VehicleCounters")]
public sealed record VehicleCounters
{
    /// <summary>Fix time of the newest row that is counted.</summary>
    [Id(0)] public required DateTimeOffset At { get; init; }

    [Id(1)] public required double OdometerMeters { get; init; }

    [Id(2)] public required CounterSource OdometerSource { get; init; }

    /// <summary>Time with the ignition on; never from the device.</summary>
    [Id(3)] public required TimeSpan EngineTime { get; init; }

    [Id(4)] public required CounterSource EngineTimeSource { get; init; }
}
