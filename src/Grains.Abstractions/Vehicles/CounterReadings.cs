namespace FleetTracker.Vehicles;

/// <summary>What somebody read off one of a vehicle's instruments.</summary>
/// <param name="Value">Meters or seconds; <c>null</c> = what was said before does not count any more.</param>
/// <param name="From">Fix time at which it is so.</param>
public readonly record struct CounterReading(double? Value, DateTimeOffset From);

/// <summary>The newest reading of each instrument; <c>null</c> = nobody ever said.</summary>
public sealed record CounterReadings(CounterReading? Odometer, CounterReading? EngineTime);
