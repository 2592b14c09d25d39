using System.Collections.Immutable;
using FleetTracker.Devices;

namespace FleetTracker.Storage;

/// <summary>A first contact to register.</summary>
public sealed record NewDevice
{
    public required string DeviceId { get; init; }

    public required string Tenant { get; init; }

    /// <summary>Id of the vehicle made for it when the device is new.</summary>
    public required string VehicleId { get; init; }

    public required string VehicleName { get; init; }

    /// <summary>Vehicle group; made when it does not exist.</summary>
    public string? Group { get; init; }

    /// <summary>Whose credential brought it: <c>gateway:{name}</c>, or a word for another way.</summary>
    public required string RegisteredBy { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }
}

/// <summary>A vehicle as the registry knows it.</summary>
public sealed record RegisteredVehicle
{
    public required string Tenant { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The device in it now, or <c>null</c>.</summary>
    public string? DeviceId { get; init; }

    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>What the device last said of its connection; <c>null</c> when it never did.</summary>
    public bool? DeviceOnline { get; init; }

    public DateTimeOffset? DeviceStatusAt { get; init; }

    /// <summary>The tenant's registry revision that last touched it.</summary>
    public required long Revision { get; init; }
}

/// <summary>A page of vehicles, ordered by (name compared by code point, id).</summary>
public sealed record VehicleQuery
{
    public required string Tenant { get; init; }

    /// <summary>Words, each of which must be part of the name, the id, the device id or a group, without case; <c>null</c> = all.</summary>
    public string? Search { get; init; }

    public string? Group { get; init; }

    /// <summary>(name, id) of the last one seen.</summary>
    public (string Name, string Id)? After { get; init; }

    public required int Limit { get; init; }
}

/// <summary>What changed in a tenant's vehicles: current values and ids that are gone.</summary>
public sealed record VehicleChanges(long Revision, ImmutableArray<RegisteredVehicle> Upserts, ImmutableArray<string> Removals)
{
    /// <summary>
    /// The reader is so far behind that removals it has not seen are forgotten: drop everything known of the tenant, this is the first page
    /// of all current vehicles.
    /// </summary>
    public bool StartsOver { get; init; }
}

/// <summary>An MQTT gateway's credential. The secret is a SHA-256 of a generated high-entropy password.</summary>
public sealed record GatewayCredential
{
    public required string Name { get; init; }

    public required string Tenant { get; init; }

    public required ImmutableArray<byte> SecretHash { get; init; }

    /// <summary>MQTT topic filters; empty = every topic of the tenant's devices.</summary>
    public ImmutableArray<string> TopicFilters { get; init; } = [];

    /// <summary>Vehicle group for what it registers.</summary>
    public string? Group { get; init; }

    public bool MayEnroll { get; init; } = true;
}

/// <summary>Tenants, devices, vehicles, pairings, groups and MQTT credentials. Every query is bounded by a tenant where one is given.</summary>
public interface IFleetStore
{
    /// <summary>Creates the tenant when it is missing; true when it was created.</summary>
    Task<bool> EnsureTenantAsync(string tenant, string name, DateTimeOffset now, CancellationToken cancellationToken);

    Task<IReadOnlyList<string>> ListTenantsAsync(CancellationToken cancellationToken);

    /// <summary>One answer per id, in order; <c>null</c> for an unknown one.</summary>
    Task<IReadOnlyList<DeviceRecord?>> FindDevicesAsync(IReadOnlyList<string> deviceIds, CancellationToken cancellationToken);

    /// <summary>Registers what is new, each with a vehicle of its own paired without limit into the past, as one transaction. Returns the records as
    /// stored, in order: an id that another tenant had first comes back with that tenant, and <c>null</c> one that is not known and that a gateway
    /// brought which was deleted meanwhile.</summary>
    Task<IReadOnlyList<DeviceRecord?>> RegisterDevicesAsync(IReadOnlyList<NewDevice> devices, CancellationToken cancellationToken);

    Task<IReadOnlyList<RegisteredVehicle>> ListVehiclesAsync(VehicleQuery query, CancellationToken cancellationToken);

    Task<RegisteredVehicle?> FindVehicleAsync(string tenant, string vehicleId, CancellationToken cancellationToken);

    /// <summary>Those of the ids that are no vehicles of the tenant.</summary>
    Task<IReadOnlySet<string>> FindUnknownVehiclesAsync(string tenant, IReadOnlyCollection<string> vehicleIds, CancellationToken cancellationToken);

    /// <summary>Changes after <paramref name="revision"/> (0 = all current vehicles), at most <paramref name="limit"/>, in revision order. The answer's
    /// revision is the cursor for the next call.</summary>
    Task<VehicleChanges> ReadVehicleChangesAsync(string tenant, long revision, int limit, CancellationToken cancellationToken);

    /// <summary>Groups in the order of their names, compared by code point, after <paramref name="after"/>, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<VehicleGroup>> ListGroupsAsync(string tenant, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes the group, its vehicles and their devices; the ids of the vehicles come back so that their rows can follow. Empty when
    /// there is no such group.</summary>
    Task<ImmutableArray<string>> DeleteGroupWithVehiclesAsync(string tenant, string group, CancellationToken cancellationToken);

    /// <summary>Newest word per device wins; unknown devices are ignored.</summary>
    Task StoreDeviceStatusesAsync(IReadOnlyList<DeviceStatus> statuses, CancellationToken cancellationToken);

    Task AddEnrollmentKeyAsync(string tenant, ImmutableArray<byte> secretHash, string label, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The tenant whose enrollment key has this SHA-256, or <c>null</c>.</summary>
    Task<string?> FindEnrollmentKeyAsync(ImmutableArray<byte> secretHash, CancellationToken cancellationToken);

    Task<bool> HasEnrollmentKeysAsync(string tenant, CancellationToken cancellationToken);

    /// <summary>Adds or replaces; a name is unique in the installation. False when another tenant has it.</summary>
    Task<bool> PutGatewayAsync(GatewayCredential gateway, DateTimeOffset now, CancellationToken cancellationToken);

    Task<GatewayCredential?> FindGatewayAsync(string name, CancellationToken cancellationToken);

    /// <summary>The same of gateways.</summary>
    Task<IReadOnlyList<GatewayCredential>> ListGatewaysAsync(string tenant, string? after, int limit, CancellationToken cancellationToken);

    Task<bool> DeleteGatewayAsync(string tenant, string name, CancellationToken cancellationToken);

    Task PingAsync(CancellationToken cancellationToken);
}

/// <summary>A group and how many vehicles are in it.</summary>
public sealed record VehicleGroup(string Name, int Vehicles);
