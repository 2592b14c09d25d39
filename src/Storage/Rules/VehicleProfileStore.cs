using System.Collections.Immutable;
using System.Text.Json;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

internal sealed class VehicleProfileStore(FleetDatabases databases, TimeProvider time) : IVehicleProfileStore
{
    private readonly Database _database = databases.Fleet;

    public Task<VehicleProfile?> FindProfileAsync(string tenant, string vehicleId, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => FindAsync(session, tenant, vehicleId), cancellationToken);

    public Task<Change<VehicleProfile>> PutProfileAsync(
        string tenant, string vehicleId, VehicleProfile profile, long? expectedRevision, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => PutAsync(session, tenant, vehicleId, profile, expectedRevision, who), cancellationToken);

    private static async Task<VehicleProfile?> FindAsync(Session session, string tenant, string vehicleId, string forUpdate = "")
    {
        // The vehicle's row is the lock of its profile, which may not be there yet.
        var vehicle = await session.FirstOrDefaultAsync<string>(
            $"SELECT id FROM vehicles WHERE tenant = @Tenant AND id = @Id {forUpdate}", new { Tenant = tenant, Id = vehicleId });
        if (vehicle is null) return null;
        var row = await session.FirstOrDefaultAsync<Row>(
            """
            SELECT plate AS Plate, vin AS Vin, kind AS Kind, icon AS Icon, fields AS Fields, revision AS Revision, updated_at AS UpdatedAt
            FROM vehicle_profiles WHERE tenant = @Tenant AND vehicle_id = @Id
            """,
            new { Tenant = tenant, Id = vehicleId });
        return row is null ? VehicleProfile.Empty : row.ToProfile();
    }

    private async Task<Change<VehicleProfile>> PutAsync(
        Session session, string tenant, string vehicleId, VehicleProfile profile, long? expectedRevision, string who)
    {
        if (await FindAsync(session, tenant, vehicleId, _database.ForUpdate) is not { } before) return new(ChangeStatus.NotFound);
        if (expectedRevision is { } expected && expected != before.Revision) return new(ChangeStatus.Stale, before);

        var now = time.GetUtcNow().ToStored();
        var after = profile with { Revision = before.Revision + 1, UpdatedAt = now };
        await session.ExecuteAsync(
            """
            INSERT INTO vehicle_profiles (vehicle_id, tenant, plate, vin, kind, icon, fields, revision, updated_at)
            VALUES (@VehicleId, @Tenant, @Plate, @Vin, @Kind, @Icon, @Fields, @Revision, @Now)
            ON CONFLICT (vehicle_id) DO UPDATE SET plate = excluded.plate, vin = excluded.vin, kind = excluded.kind, icon = excluded.icon,
              fields = excluded.fields, revision = excluded.revision, updated_at = excluded.updated_at
            """,
            new
            {
                VehicleId = vehicleId, Tenant = tenant, after.Plate, after.Vin, after.Kind, after.Icon, Fields = JsonSerializer.Serialize(after.Fields),
                after.Revision, Now = now.ToUnixMicroseconds(),
            });
        await AuditLog.WriteAsync(
            session, _database, tenant, now, who, "profile.update", [new AuditLine(vehicleId, before.Revision == 0 ? null : Audited(before), Audited(after))]);
        return new(ChangeStatus.Done, after);
    }

    private static string Audited(VehicleProfile profile) =>
        JsonSerializer.Serialize(new { plate = profile.Plate, vin = profile.Vin, kind = profile.Kind, icon = profile.Icon, fields = profile.Fields });

    private sealed class Row
    {
        public string? Plate { get; set; }

        public string? Vin { get; set; }

        public string? Kind { get; set; }

        public string? Icon { get; set; }

        public string Fields { get; set; } = "{}";

        public long Revision { get; set; }

        public long UpdatedAt { get; set; }

        public VehicleProfile ToProfile() => new(Revision, Instants.FromUnixMicroseconds(UpdatedAt))
        {
            Plate = Plate, Vin = Vin, Kind = Kind, Icon = Icon,
            Fields = (JsonSerializer.Deserialize<Dictionary<string, string>>(Fields) ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }
}
