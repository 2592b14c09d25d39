using System.Collections.Immutable;
using FleetTracker.LiveMap;
using Orleans.Concurrency;

namespace FleetTracker.Ingestion;

/// <summary>
/// Owner of one lane: the only writer of its rows. Key: the lane. Batches reach it through the lane's stream, not through calls.
/// </summary>
[Alias("ILaneGrain")]
public interface ILaneGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Starts the lane if it is not started. When <paramref name="owner"/> is another silo than the lane's, the lane finishes what it
    /// holds and moves there with its next call.
    /// </summary>
    /// <returns>The lane's start and number.</returns>
    [Alias("EnsureStarted")]
    ValueTask<LaneStart> EnsureStartedAsync(SiloAddress owner);

    /// <summary>
    /// Registers an API host for the live updates of some tenants for a minute. Answered with the lane's vehicles when
    /// <paramref name="knownNumber"/> is not the number that the host's feed stands at, else <c>null</c>.
    /// </summary>
    [AlwaysInterleave, Alias("Subscribe")]
    ValueTask<LaneSnapshot?> SubscribeAsync(LiveSubscription subscription, long? knownNumber);

    /// <summary>Removes vehicles that left the registry, with their rows. Answered after they are gone; the lane goes on with its batches meanwhile.</summary>
    [AlwaysInterleave, Alias("Forget")]
    Task ForgetAsync(string tenant, ImmutableArray<string> vehicleIds);

    /// <summary>Fences or options of a tenant changed: its vehicles at a fence look at the clock soon.</summary>
    [OneWay, AlwaysInterleave, Alias("RulesChanged")]
    Task RulesChangedAsync(string tenant);
}

/// <summary>Identifies one ownership of a lane: a later start has a higher number and shuts the earlier one out.</summary>
[GenerateSerializer, Immutable, Alias("LaneStart")]
public readonly record struct LaneStart([property: Id(0)] int Lane, [property: Id(1)] long Number, [property: Id(2)] SiloAddress Silo);
