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
    /// Folds committed rows and answers with the newest state when it changed, else <c>null</c>. <paramref name="rows"/> are new to history
    /// and valid, sorted by (FixedAt, digest). <paramref name="newest"/> is the newest valid row before them, <c>null</c> when there is none;
    /// a vehicle that does not know <paramref name="start"/> starts from it.
    /// </summary>
    [Alias("Fold")]
    ValueTask<LiveVehicle?> FoldAsync(LaneStart start, Fix? newest, ImmutableArray<Fix> rows);

    /// <summary>The newest state, or <c>null</c> when the vehicle has not reported since its lane started.</summary>
    [AlwaysInterleave, Alias("GetLive")]
    ValueTask<LiveVehicle?> GetLiveAsync();
}

/// <summary>Grain keys of vehicles.</summary>
public static class VehicleKeys
{
    public static string For(string tenant, string vehicleId) => string.Concat(tenant, "/", vehicleId);

    /// <summary>The vehicle's id in a grain key; ids have no slash.</summary>
    public static ReadOnlySpan<char> VehicleIdOf(ReadOnlySpan<char> key) => key[(key.LastIndexOf('/') + 1)..];
}
