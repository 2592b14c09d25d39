using FleetTracker.Sensors;

namespace FleetTracker.Storage;

/// <summary>What somebody wants a sensor to be.</summary>
public sealed record SensorDraft
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Unit { get; init; }

    /// <summary>The store does not check whether they make sense.</summary>
    public required SensorRules Rules { get; init; }

    public SensorScope Scope { get; init; } = SensorScope.Everyone;
}

/// <param name="Revision">Another one after every change.</param>
public sealed record StoredSensor(Sensor Current, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A page of sensors, ordered by (name compared by code point, id).</summary>
public sealed record SensorQuery
{
    public required string Tenant { get; init; }

    /// <summary>Words, each of which must be part of the name, the id or the attribute, without case; <c>null</c> = all.</summary>
    public string? Search { get; init; }

    /// <summary>(name, id) of the last one seen.</summary>
    public (string Name, string Id)? After { get; init; }

    public required int Limit { get; init; }
}

/// <summary>
/// Sensors of tenants. Other rules or another scope move the tenant's settled line: outcomes from before stay. An <c>expectedRevision</c> of <c>null</c> means any.
/// </summary>
public interface ISensorStore
{
    Task<IReadOnlyList<StoredSensor>> ListSensorsAsync(SensorQuery query, CancellationToken cancellationToken);

    Task<StoredSensor?> FindSensorAsync(string tenant, string id, CancellationToken cancellationToken);

    Task<Change<StoredSensor>> CreateSensorAsync(string tenant, SensorDraft draft, string who, CancellationToken cancellationToken);

    /// <summary>A new name, unit or scope alone makes no new version.</summary>
    Task<Change<StoredSensor>> UpdateSensorAsync(string tenant, SensorDraft draft, long? expectedRevision, string who, CancellationToken cancellationToken);

    Task<Change<StoredSensor>> DeleteSensorAsync(string tenant, string id, long? expectedRevision, string who, CancellationToken cancellationToken);
}
