using System.Collections.Immutable;
using FleetTracker.Geofences;
using FleetTracker.Sensors;
using FleetTracker.Vehicles;

namespace FleetTracker.Storage;

/// <summary>What somebody wants a fence to be.</summary>
public sealed record GeofenceDraft
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required GeofenceShapeKind ShapeKind { get; init; }

    /// <summary>A GeoJSON geometry as JSON text. The store does not look inside: the same shape written differently is a new version.</summary>
    public required string Geometry { get; init; }

    public double? RadiusMeters { get; init; }

    public GeofenceRules Rules { get; init; } = new();
}

/// <summary>A fence that is not deleted: its current version, which may not have begun yet.</summary>
/// <param name="Revision">Another one after every change.</param>
public sealed record StoredGeofence(Geofence Current, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A page of fences, ordered by (name compared by code point, id).</summary>
public sealed record GeofenceQuery
{
    public required string Tenant { get; init; }

    /// <summary>Words, each of which must be part of the name or the id, without case; <c>null</c> = all.</summary>
    public string? Search { get; init; }

    /// <summary>(name, id) of the last one seen.</summary>
    public (string Name, string Id)? After { get; init; }

    public required int Limit { get; init; }
}

/// <summary>What a tenant or a vehicle overrides.</summary>
/// <param name="Settings">A JSON object; the store does not look inside.</param>
/// <param name="Revision">Another one after every change; 0 = nothing is overridden.</param>
public sealed record StoredSettings(string Settings, long Revision, DateTimeOffset? UpdatedAt)
{
    public static readonly StoredSettings None = new("{}", 0, null);
}

/// <summary>What was last read off a vehicle's instruments.</summary>
/// <param name="Revision">Another one after every change; 0 = nothing was ever said.</param>
public sealed record StoredReadings(CounterReadings Readings, long Revision, DateTimeOffset? UpdatedAt)
{
    public static readonly StoredReadings None = new(new CounterReadings(null, null), 0, null);
}

/// <summary>What somebody says that an instrument shows; <c>null</c> takes back what was said.</summary>
public readonly record struct GivenReading(double? Value);

/// <param name="Odometer">Meters; <c>null</c> = stays.</param>
/// <param name="EngineTime">Seconds; <c>null</c> = stays.</param>
public readonly record struct ReadingsChange(GivenReading? Odometer, GivenReading? EngineTime);

/// <summary>What a tenant's vehicles are folded with, besides the fences, as of <see cref="Revision"/>.</summary>
public sealed record StoredRules
{
    public required long Revision { get; init; }

    /// <summary>Outcomes before it stay as they are; <c>null</c> = no setting was ever changed.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>What the tenant overrides, a JSON object.</summary>
    public string Settings { get; init; } = "{}";

    /// <summary>What vehicles override, by vehicle id.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> VehicleSettings { get; init; }

    /// <summary>In no order.</summary>
    public ImmutableArray<Sensor> Sensors { get; init; } = [];

    /// <summary>Groups of vehicles that are in any, by vehicle id.</summary>
    public required ImmutableArray<KeyValuePair<string, ImmutableArray<string>>> Groups { get; init; }

    /// <summary>What was read off the instruments of vehicles, by vehicle id.</summary>
    public ImmutableArray<KeyValuePair<string, CounterReadings>> Readings { get; init; } = [];
}

/// <summary>A line of the record of who changed what.</summary>
/// <param name="What">Such as <c>geofence.update</c>.</param>
/// <param name="Subject">The id of what was changed.</param>
/// <param name="Before">JSON; <c>null</c> = it was not there.</param>
/// <param name="After">JSON; <c>null</c> = it is gone.</param>
public sealed record AuditEntry(string Id, DateTimeOffset At, string Who, string What, string Subject, string? Before, string? After);

public enum ChangeStatus
{
    /// <summary>Stored, or nothing had to change.</summary>
    Done,

    NotFound,

    /// <summary>Somebody else changed it: the revision is not the expected one.</summary>
    Stale,

    /// <summary>The tenant has as many as it may have.</summary>
    Full,
}

/// <param name="Value">As it is now; <c>null</c> when it is not there.</param>
public readonly record struct Change<T>(ChangeStatus Status, T? Value = default);

/// <summary>
/// Fences with their versions, overridden settings, and who changed them. A change of shape, rules or existence counts from <c>RulesOptions.Lead</c> after
/// the store's own clock at the change, by fix time. An <c>expectedRevision</c> of <c>null</c> means any.
/// </summary>
public interface IRulesStore
{
    /// <summary>
    /// Every tenant and its rules' revision, once every change that had begun is finished: a change that this does not show reads its clock later
    /// than the call.
    /// </summary>
    Task<IReadOnlyList<KeyValuePair<string, long>>> ReadRevisionsAsync(CancellationToken cancellationToken);

    /// <summary>The tenant's revision without waiting for anybody; <c>null</c>: there is no such tenant.</summary>
    Task<long?> ReadRevisionAsync(string tenant, CancellationToken cancellationToken);

    /// <summary>
    /// A consistent picture of what a tenant's vehicles are folded with. <paramref name="version"/> is given every version that ends after
    /// <paramref name="validAfter"/> (or never) of each fence that changed after <paramref name="sinceRevision"/> (0 = of all), one by one.
    /// <c>null</c>: there is no such tenant.
    /// </summary>
    Task<StoredRules?> ReadRulesAsync(
        string tenant, long sinceRevision, DateTimeOffset validAfter, Action<Geofence> version, CancellationToken cancellationToken);

    Task<IReadOnlyList<StoredGeofence>> ListGeofencesAsync(GeofenceQuery query, CancellationToken cancellationToken);

    Task<StoredGeofence?> FindGeofenceAsync(string tenant, string id, CancellationToken cancellationToken);

    /// <summary>All of them or, when that would be too many, none.</summary>
    Task<Change<IReadOnlyList<StoredGeofence>>> CreateGeofencesAsync(
        string tenant, IReadOnlyList<GeofenceDraft> drafts, string who, CancellationToken cancellationToken);

    /// <summary>A new name alone makes no new version.</summary>
    Task<Change<StoredGeofence>> UpdateGeofenceAsync(
        string tenant, GeofenceDraft draft, long? expectedRevision, string who, CancellationToken cancellationToken);

    Task<Change<StoredGeofence>> DeleteGeofenceAsync(string tenant, string id, long? expectedRevision, string who, CancellationToken cancellationToken);

    /// <param name="vehicleId">Empty = the tenant's own.</param>
    Task<StoredSettings> FindSettingsAsync(string tenant, string vehicleId, CancellationToken cancellationToken);

    /// <summary>What every vehicle of the tenant overrides.</summary>
    Task<IReadOnlyList<KeyValuePair<string, string>>> ListVehicleSettingsAsync(string tenant, CancellationToken cancellationToken);

    /// <summary>Replaces all that is overridden, and moves the tenant's settled line when that changes anything.</summary>
    /// <param name="vehicleId">Empty = the tenant's own.</param>
    /// <param name="settings">A JSON object; <c>null</c> = nothing is overridden any more.</param>
    Task<Change<StoredSettings>> PutSettingsAsync(
        string tenant, string vehicleId, string? settings, long? expectedRevision, string who, CancellationToken cancellationToken);

    /// <summary><c>null</c>: there is no such vehicle.</summary>
    Task<StoredReadings?> FindReadingsAsync(string tenant, string vehicleId, CancellationToken cancellationToken);

    /// <summary>Changes what was read off a vehicle's instruments.</summary>
    Task<Change<StoredReadings>> ChangeReadingsAsync(
        string tenant, string vehicleId, ReadingsChange change, long? expectedRevision, string who, CancellationToken cancellationToken);

    /// <summary>The newest first, those before <paramref name="before"/> (<c>null</c> = from the newest), at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(string tenant, (DateTimeOffset At, string Id)? before, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes versions that ended before this, and deleted fences without versions; how many versions.</summary>
    Task<int> DeleteOldVersionsAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken);

    /// <summary>Deletes the record of changes before this.</summary>
    Task<int> DeleteOldAuditAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
