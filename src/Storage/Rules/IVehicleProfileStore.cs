using System.Collections.Immutable;

namespace FleetTracker.Storage;

/// <summary>What people know of a vehicle besides its name.</summary>
/// <param name="Revision">Another one after every change; 0 = nothing was ever said.</param>
public sealed record VehicleProfile(long Revision, DateTimeOffset? UpdatedAt)
{
    public static readonly VehicleProfile Empty = new(0, null);

    public string? Plate { get; init; }

    public string? Vin { get; init; }

    /// <summary>Such as <c>van</c>.</summary>
    public string? Kind { get; init; }

    public string? Icon { get; init; }

    /// <summary>Whatever else, by name.</summary>
    public ImmutableSortedDictionary<string, string> Fields { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>Profiles of vehicles.</summary>
public interface IVehicleProfileStore
{
    /// <summary><c>null</c>: there is no such vehicle.</summary>
    Task<VehicleProfile?> FindProfileAsync(string tenant, string vehicleId, CancellationToken cancellationToken);

    /// <param name="profile">Its revision and time are not looked at.</param>
    /// <param name="expectedRevision"><c>null</c> = any.</param>
    Task<Change<VehicleProfile>> PutProfileAsync(
        string tenant, string vehicleId, VehicleProfile profile, long? expectedRevision, string who, CancellationToken cancellationToken);
}
