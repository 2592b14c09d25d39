using System.Collections.Immutable;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using Orleans.Concurrency;

namespace FleetTracker.Vehicles;

/// <summary>
/// Where one vehicle is now. Key: <c>tenant/vehicleId</c>. Called by its lane alone, with committed rows; anyone may read.
/// </summary>
[Alias("IVehicleGrain")]
public interface IVehicleGrain : IGrainWithStringKey
{
    /// <summary>
    /// Folds committed rows. <paramref name="rows"/> are new to history, sorted by (FixedAt, digest). <paramref name="newest"/> is the
    /// newest valid row before them; it is given with the first call after a lane's start and is what the vehicle starts from.
    /// </summary>
    [Alias("Fold")]
    ValueTask<FoldResult> FoldAsync(LaneStart start, Fix? newest, ImmutableArray<Fix> rows);

    /// <summary>The newest state, or <c>null</c> when the vehicle has not reported since its lane started.</summary>
    [AlwaysInterleave, Alias("GetLive")]
    ValueTask<LiveVehicle?> GetLiveAsync();
}

/// <summary>What a fold made of its rows.</summary>
/// <param name="Live">The newest state when it changed, else <c>null</c>.</param>
/// <param name="NeedsState">The vehicle does not know this start: call again with the newest row.</param>
[GenerateSerializer, Immutable, Alias("FoldResult")]
public readonly record struct FoldResult([property: Id(0)] LiveVehicle? Live, [property: Id(1)] bool NeedsState);

/// <summary>Grain keys of vehicles.</summary>
public static class VehicleKeys
{
    public static string For(string tenant, string vehicleId) => string.Concat(tenant, "/", vehicleId);

    /// <summary>The vehicle's id in a grain key; ids have no slash.</summary>
    public static ReadOnlySpan<char> VehicleIdOf(ReadOnlySpan<char> key) => key[(key.LastIndexOf('/') + 1)..];
}
