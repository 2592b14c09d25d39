using System.Collections.Immutable;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Storage;

/// <summary>
/// Fences, sensors and settings in SQL that both engines understand. A change takes a lock that readers of revisions wait for, and only then reads the
/// clock: so what such a reader does not see counts from a lead after it asked, however long the change takes to commit.
/// </summary>
internal sealed partial class RulesStore(FleetDatabases databases, IOptions<RulesOptions> options, TimeProvider time) : IRulesStore, ISensorStore
{
    private readonly Database _database = databases.Fleet;

    public Task<IReadOnlyList<KeyValuePair<string, long>>> ReadRevisionsAsync(CancellationToken cancellationToken) => _database.WriteAsync<IReadOnlyList<KeyValuePair<string, long>>>(
        async session =>
        {
            // SQLite's transaction is the lock: it is begun for writing.
            if (_database is PostgreSqlDatabase) await session.ExecuteAsync("SELECT pg_advisory_xact_lock_shared(hashtext('fleettracker.rules'))");
            var rows = await session.QueryAsync<RevisionRow>("SELECT id AS Tenant, rules_revision AS Revision FROM tenants");
            return rows.ConvertAll(row => KeyValuePair.Create(row.Tenant, row.Revision));
        },
        cancellationToken);

    public Task<long?> ReadRevisionAsync(string tenant, CancellationToken cancellationToken) => _database.ReadAsync(
        session => session.ScalarAsync<long?>("SELECT rules_revision FROM tenants WHERE id = @Tenant", new { Tenant = tenant }), cancellationToken);

    public Task<StoredRules?> ReadRulesAsync(
        string tenant, long sinceRevision, DateTimeOffset validAfter, Action<Geofence> version, CancellationToken cancellationToken) =>
        _database.ReadSnapshotAsync(session => ReadRulesAsync(session, tenant, sinceRevision, validAfter, version, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<StoredGeofence>> ListGeofencesAsync(GeofenceQuery query, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(session => ListAsync(session, query), cancellationToken);
        return rows.ConvertAll(row => row.ToStored());
    }

    public Task<StoredGeofence?> FindGeofenceAsync(string tenant, string id, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => FindAsync(session, tenant, id), cancellationToken);

    public Task<Change<IReadOnlyList<StoredGeofence>>> CreateGeofencesAsync(
        string tenant, IReadOnlyList<GeofenceDraft> drafts, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => CreateAsync(session, tenant, drafts, who), cancellationToken);

    public Task<Change<StoredGeofence>> UpdateGeofenceAsync(
        string tenant, GeofenceDraft draft, long? expectedRevision, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => UpdateAsync(session, tenant, draft, expectedRevision, who), cancellationToken);

    public Task<Change<StoredGeofence>> DeleteGeofenceAsync(string tenant, string id, long? expectedRevision, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => DeleteAsync(session, tenant, id, expectedRevision, who), cancellationToken);

    public Task<StoredSettings> FindSettingsAsync(string tenant, string vehicleId, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => FindSettingsAsync(session, tenant, vehicleId), cancellationToken);

    public async Task<IReadOnlyList<KeyValuePair<string, string>>> ListVehicleSettingsAsync(string tenant, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(session => ListSettingsAsync(session, tenant), cancellationToken);
        return [.. rows.Where(row => row.VehicleId.Length > 0).Select(row => KeyValuePair.Create(row.VehicleId, row.Settings))];
    }

    public Task<Change<StoredSettings>> PutSettingsAsync(
        string tenant, string vehicleId, string? settings, long? expectedRevision, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => PutSettingsAsync(session, tenant, vehicleId, settings, expectedRevision, who), cancellationToken);

    public Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(string tenant, (DateTimeOffset At, string Id)? before, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => AuditLog.ReadAsync(session, tenant, before, limit), cancellationToken);

    public Task<int> DeleteOldVersionsAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            var deleted = await session.ExecuteAsync(
                "DELETE FROM geofence_versions WHERE valid_to IS NOT NULL AND valid_to < @Before", new { Before = endedBefore.ToUnixMicroseconds() });
            await session.ExecuteAsync(
                """
                DELETE FROM geofences WHERE deleted_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM geofence_versions v WHERE v.tenant = geofences.tenant AND v.fence_id = geofences.id)
                """);
            return deleted;
        },
        cancellationToken);

    public Task<int> DeleteOldAuditAsync(DateTimeOffset before, CancellationToken cancellationToken) => _database.WriteAsync(
        session => session.ExecuteAsync("DELETE FROM audit WHERE at < @Before", new { Before = before.ToUnixMicroseconds() }), cancellationToken);

    private static async Task<StoredRules?> ReadRulesAsync(
        Session session, string tenant, long sinceRevision, DateTimeOffset validAfter, Action<Geofence> version, CancellationToken cancellationToken)
    {
        var found = await session.FirstOrDefaultAsync<RevisionRow>(
            "SELECT id AS Tenant, rules_revision AS Revision, settled_at AS SettledAt FROM tenants WHERE id = @Tenant", new { Tenant = tenant });
        if (found is null) return null;

        var settings = await ListSettingsAsync(session, tenant);
        var memberships = await session.QueryAsync<MembershipRow>(
            "SELECT vehicle_id AS VehicleId, group_name AS GroupName FROM group_vehicles WHERE tenant = @Tenant ORDER BY vehicle_id, group_name", new { Tenant = tenant });
        var readings = await ListReadingsAsync(session, tenant);
        var versions = session.StreamAsync<GeofenceRow>(
            $"{GeofenceRow.Select} WHERE f.tenant = @Tenant AND f.revision > @Since AND (v.valid_to IS NULL OR v.valid_to > @ValidAfter)",
            new { Tenant = tenant, Since = sinceRevision, ValidAfter = validAfter.ToUnixMicroseconds() });
        await foreach (var row in versions.WithCancellation(cancellationToken)) version(row.ToVersion());

        var sensors = await session.QueryAsync<SensorRow>($"{SensorRow.Select} WHERE tenant = @Tenant", new { Tenant = tenant });
        return new StoredRules
        {
            Revision = found.Revision,
            SettledAt = found.SettledAt is { } settled ? Instants.FromUnixMicroseconds(settled) : null,
            Settings = settings.Find(row => row.VehicleId.Length == 0)?.Settings ?? "{}",
            VehicleSettings = [.. settings.Where(row => row.VehicleId.Length > 0).Select(row => KeyValuePair.Create(row.VehicleId, row.Settings))],
            Sensors = [.. sensors.Select(row => row.ToSensor())],
            Groups =
            [
                .. memberships.GroupBy(row => row.VehicleId, row => row.GroupName, StringComparer.Ordinal)
                    .Select(vehicle => KeyValuePair.Create(vehicle.Key, vehicle.ToImmutableArray())),
            ],
            Readings = [.. readings.Select(row => KeyValuePair.Create(row.VehicleId, row.ToReadings()))],
        };
    }

    private sealed class RevisionRow
    {
        public string Tenant { get; set; } = "";

        public long Revision { get; set; }

        public long? SettledAt { get; set; }
    }

    private sealed class MembershipRow
    {
        public string VehicleId { get; set; } = "";

        public string GroupName { get; set; } = "";
    }
}
