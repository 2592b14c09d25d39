using System.Collections.Immutable;

namespace FleetTracker.LiveMap;

/// <summary>What a vehicle was doing at its newest fix. Offline is not here: it depends on the clock, see <see cref="LiveVehicle.OfflineAt"/>.</summary>
public enum MotionStatus : byte
{
    Unknown = 0,
    Moving = 1,
    Idling = 2,
    Stopped = 3,
}

/// <summary>The newest state of one vehicle, as it travels from silo to API host.</summary>
[GenerateSerializer, Immutable, Alias("LiveVehicle")]
public sealed record LiveVehicle
{
    [Id(0)] public required string Tenant { get; init; }

    [Id(1)] public required string VehicleId { get; init; }

    [Id(2)] public required MotionStatus Motion { get; init; }

    [Id(3)] public required DateTimeOffset FixedAt { get; init; }

    [Id(4)] public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it counts as offline unless something newer arrives.</summary>
    [Id(5)] public required DateTimeOffset OfflineAt { get; init; }

    [Id(6)] public required double Latitude { get; init; }

    [Id(7)] public required double Longitude { get; init; }

    [Id(8)] public double? SpeedMetersPerSecond { get; init; }

    [Id(9)] public double? HeadingDegrees { get; init; }

    [Id(10)] public double? AccuracyMeters { get; init; }
}

/// <summary>All that changed in a lane after <see cref="Since"/> up to <see cref="Number"/>, newest state per vehicle.</summary>
[GenerateSerializer, Immutable, Alias("LaneDelta")]
public sealed class LaneDelta
{
    [Id(0)] public required int Lane { get; init; }

    [Id(1)] public required long Since { get; init; }

    [Id(2)] public required long Number { get; init; }

    [Id(3)] public required ImmutableArray<LiveVehicle> Upserts { get; init; }

    [Id(4)] public ImmutableArray<string> Removals { get; init; } = [];

    /// <summary>When the lane last committed; <c>null</c> before the first commit of this start.</summary>
    [Id(5)] public DateTimeOffset? NewestCommitAt { get; init; }

    /// <summary>Why the lane holds acknowledgements now (low disk, database away), in a sentence for a person; <c>null</c> when it does not.</summary>
    [Id(6)] public string? Holding { get; init; }
}

/// <summary>Every vehicle of the subscribed tenants in a lane at <see cref="Number"/>.</summary>
[GenerateSerializer, Immutable, Alias("LaneSnapshot")]
public sealed class LaneSnapshot
{
    [Id(0)] public required int Lane { get; init; }

    [Id(1)] public required long Number { get; init; }

    [Id(2)] public required ImmutableArray<LiveVehicle> Vehicles { get; init; }

    [Id(3)] public DateTimeOffset? NewestCommitAt { get; init; }

    [Id(4)] public string? Holding { get; init; }
}

/// <summary>An API host's interest. Renewed every few seconds; forgotten a minute after the last renewal.</summary>
[GenerateSerializer, Immutable, Alias("LiveSubscription")]
public sealed class LiveSubscription
{
    /// <summary>The same for the life of the host process.</summary>
    [Id(0)] public required Guid HostId { get; init; }

    [Id(1)] public required ILiveFeedObserver Observer { get; init; }

    [Id(2)] public required ImmutableArray<string> Tenants { get; init; }

    /// <summary>Raised by the host whenever its set of tenants changes; a feed that sees a higher one starts the host's lane afresh.</summary>
    [Id(3)] public required int Revision { get; init; }
}

/// <summary>
/// An API host's ear for live updates. A silo has one call to it under way and conflates meanwhile, so the call must only hand over and
/// return. An empty delta arrives at least every 5 s per lane.
/// </summary>
[Alias("ILiveFeedObserver")]
public interface ILiveFeedObserver : IGrainObserver
{
    [Alias("Changed")]
    Task ChangedAsync(ImmutableArray<LaneDelta> deltas);
}
