using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

internal enum SensorPhase : byte
{
    /// <summary>Neither low nor high, off, or a level that does not change.</summary>
    Quiet = 0,
    Low = 1,
    High = 2,
    On = 3,
    Filling = 4,
    Draining = 5,
}

/// <summary>What is remembered of one watched sensor that has had a value.</summary>
[GenerateSerializer, Alias("SensorState")]
internal record struct SensorState
{
    [Id(0)] internal string SensorId;

    /// <summary>The version with which this was folded: another one begins anew.</summary>
    [Id(1)] internal int Version;

    /// <summary>Of the newest value that counts, which holds until the next.</summary>
    [Id(2)] internal PositionKey NewestKey;

    /// <summary>Where the vehicle was then; its <see cref="Place.IsSet"/> is false before the first place.</summary>
    [Id(3)] internal Place NewestPlace;

    [Id(4)] internal SensorPhase Phase;

    /// <summary>The row at which the phase began.</summary>
    [Id(5)] internal PositionKey StartKey;

    [Id(6)] internal Place StartPlace;

    /// <summary>The value there; of fuel the level before.</summary>
    [Id(7)] internal double StartValue;

    /// <summary>The value farthest from its limit; of fuel the level farthest from that before.</summary>
    [Id(8)] internal double Peak;

    /// <summary>What it is beyond; of fuel the amount that a change must have.</summary>
    [Id(9)] internal double Limit;

    /// <summary>How long it must last, as the sensor said when it began.</summary>
    [Id(10)] internal TimeSpan MinDuration;

    [Id(11)] internal bool IsTold;

    /// <summary>Of fuel alone.</summary>
    [Id(12)] internal FuelState? Fuel;

    public readonly SensorState Copy() => Fuel is null ? this : this with { Fuel = Fuel.Clone() };

    public void BeQuiet()
    {
        (Phase, StartKey, StartPlace, IsTold) = (SensorPhase.Quiet, default, default, false);
        StartValue = Peak = Limit = 0;
        MinDuration = TimeSpan.Zero;
    }
}

/// <summary>The newest values of a tank, and the levels that a change is measured from.</summary>
[GenerateSerializer, Alias("FuelState")]
internal sealed class FuelState
{
    /// <summary>The newest values, oldest first; so many of them are set.</summary>
    [Id(0)] internal FuelSample[] Window = [];

    [Id(1)] internal int Count;

    /// <summary>Median of the window.</summary>
    [Id(2)] internal double Level;

    [Id(3)] internal FuelReference Low;

    [Id(4)] internal FuelReference High;

    /// <summary>The newest value at the old level, while the level changes.</summary>
    [Id(5)] internal PositionKey BeforeKey;

    /// <summary>When the level last went on changing.</summary>
    [Id(6)] internal PositionKey ProgressKey;

    public FuelState Clone()
    {
        var clone = (FuelState)MemberwiseClone();
        clone.Window = [.. Window];
        return clone;
    }
}

[GenerateSerializer, Alias("FuelSample")]
internal record struct FuelSample
{
    [Id(0)] internal PositionKey Key;

    [Id(1)] internal double Value;

    /// <summary>The vehicle stood, as far as anyone knows.</summary>
    [Id(2)] internal bool Stood;
}

/// <summary>A level that later ones are compared with.</summary>
[GenerateSerializer, Alias("FuelReference")]
internal record struct FuelReference
{
    /// <summary>The lowest, or highest, level since it was set.</summary>
    [Id(0)] internal double Extreme;

    /// <summary>The newest level near it, and its row; not set: nothing to compare with.</summary>
    [Id(1)] internal double Near;

    [Id(2)] internal PositionKey NearKey;

    public readonly bool IsSet => NearKey.FixedAt != default;

    public void Set(double level, PositionKey key) => (Extreme, Near, NearKey) = (level, level, key);
}
