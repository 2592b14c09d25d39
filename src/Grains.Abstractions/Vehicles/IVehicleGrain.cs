using System.Collections.Immutable;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Outcomes;
using Orleans.Concurrency;

namespace FleetTracker.Vehicles;

/// <summary>
/// Where one vehicle is now, and what it is doing. Key: <c>tenant/vehicleId</c>. Called by its lane alone, with committed rows; anyone may read.
/// </summary>
[Alias("IVehicleGrain")]
public interface IVehicleGrain : IGrainWithStringKey
{
    /// <summary>
    /// Folds committed rows that are new to history, sorted by (FixedAt, digest). A vehicle that does not know <paramref name="start"/> has forgotten
    /// what it knew and is behind.
    /// </summary>
    [Alias("Fold")]
    ValueTask<VehicleAnswer> FoldAsync(LaneStart start, ImmutableArray<Fix> rows);

    /// <summary>
    /// Makes a vehicle that is behind equal to what is stored. The lane calls it when everything that the vehicle said before is committed.
    /// </summary>
    /// <param name="from">Key of the oldest row that the vehicle was not told of; <c>null</c> when nobody knows.</param>
    [Alias("CatchUp")]
    Task<VehicleAnswer> CatchUpAsync(LaneStart start, PositionKey? from);

    /// <summary>Looks at the clock: what silence ended, and what has lasted long enough.</summary>
    [Alias("Elapse")]
    ValueTask<VehicleAnswer> ElapseAsync(LaneStart start);

    /// <summary>The newest state, or <c>null</c> when the vehicle has not been folded since its lane started.</summary>
    [AlwaysInterleave, Alias("GetLive")]
    ValueTask<LiveVehicle?> GetLiveAsync();

    /// <summary>Odometer and engine time as of the newest row, or <c>null</c> when there is none. Read from storage when the vehicle is not in memory.</summary>
    [AlwaysInterleave, Alias("GetCounters")]
    Task<VehicleCounters?> GetCountersAsync();
}

/// <summary>What a vehicle gives its lane.</summary>
[GenerateSerializer, Immutable, Alias("VehicleAnswer")]
public sealed class VehicleAnswer
{
    /// <summary>A row is older than the vehicle remembers, or it remembers nothing: nothing was folded, it has to catch up.</summary>
    [Id(0)] public bool IsBehind { get; init; }

    /// <summary>The newest state when it may have changed, else <c>null</c>.</summary>
    [Id(1)] public LiveVehicle? Live { get; init; }

    /// <summary>For the lane's next commit, in this order.</summary>
    [Id(2)] public ImmutableArray<Outcome> Outcomes { get; init; } = [];

    /// <summary>The same, oldest first.</summary>
    [Id(3)] public ImmutableArray<VehicleSnapshot> Snapshots { get; init; } = [];

    /// <summary>When it wants to look at the clock; <c>null</c> = never.</summary>
    [Id(4)] public DateTimeOffset? DueAt { get; init; }

    /// <summary>It is in, entering or leaving a fence, or something goes on at one of its sensors, so a change of those concerns it.</summary>
    [Id(5)] public bool MindsRules { get; init; }

    /// <summary>Of the thresholds that this was found with: with others the vehicle may have something else to say, and at another time.</summary>
    [Id(6)] public int OptionsStamp { get; init; }
}

/// <summary>The fold of all rows up to and including <paramref name="Head"/>, serialized.</summary>
[GenerateSerializer, Immutable, Alias("VehicleSnapshot")]
public readonly record struct VehicleSnapshot([property: Id(0)] PositionKey Head, [property: Id(1)] ReadOnlyMemory<byte> State);

/// <summary>Grain keys of vehicles.</summary>
public static class VehicleKeys
{
    public static string For(string tenant, string vehicleId) => string.Concat(tenant, "/", vehicleId);

    /// <summary>The tenant in a grain key; ids of vehicles have no slash.</summary>
    public static string TenantOf(string key) => key[..key.LastIndexOf('/')];

    /// <summary>The vehicle's id in a grain key; ids have no slash.</summary>
    public static ReadOnlySpan<char> VehicleIdOf(ReadOnlySpan<char> key) => key[(key.LastIndexOf('/') + 1)..];
}
