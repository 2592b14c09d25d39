using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>What every change of rules does, and the steps of a change of settings.</summary>
internal sealed partial class RulesStore
{
    /// <summary>
    /// The clock, read after the locks: no reader of revisions that asks later misses the change. <c>null</c>: there is no such tenant.
    /// </summary>
    private async Task<DateTimeOffset?> BeginChangeAsync(Session session, string tenant)
    {
        if (_database is PostgreSqlDatabase)
        {
            // A process that is paused in the middle would keep every silo from knowing what is true, so the server ends it.
            await session.ExecuteAsync("SET LOCAL idle_in_transaction_session_timeout = 2000");
            await session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('fleettracker.rules'))");
        }

        var found = await session.FirstOrDefaultAsync<string>($"SELECT id FROM tenants WHERE id = @Tenant {_database.ForUpdate}", new { Tenant = tenant });
        return found is null ? null : time.GetUtcNow();
    }

    /// <summary>From when a change made now counts: the lead, up to the next whole microsecond.</summary>
    private long Counting(DateTimeOffset now) =>
        (now + options.Value.Lead + TimeSpan.FromMicroseconds(1) - TimeSpan.FromTicks(1)).ToUnixMicroseconds();

    private static Task<long> NextRevisionAsync(Session session, string tenant) => session.ScalarAsync<long>(
        "UPDATE tenants SET rules_revision = rules_revision + 1 WHERE id = @Tenant RETURNING rules_revision", new { Tenant = tenant });

    private static async Task<StoredSettings> FindSettingsAsync(Session session, string tenant, string vehicleId)
    {
        var row = await session.FirstOrDefaultAsync<SettingsRow>(
            $"{SettingsRow.Select} AND vehicle_id = @VehicleId", new { Tenant = tenant, VehicleId = vehicleId });
        return row is null ? StoredSettings.None : new StoredSettings(row.Settings, row.Revision, Instants.FromUnixMicroseconds(row.UpdatedAt));
    }

    private static Task<List<SettingsRow>> ListSettingsAsync(Session session, string tenant) =>
        session.QueryAsync<SettingsRow>($"{SettingsRow.Select} ORDER BY vehicle_id", new { Tenant = tenant });

    private async Task<Change<StoredSettings>> PutSettingsAsync(
        Session session, string tenant, string vehicleId, string? settings, long? expectedRevision, string who)
    {
        if (await BeginChangeAsync(session, tenant) is not { } now || !await ExistsAsync(session, tenant, vehicleId)) return new(ChangeStatus.NotFound);
        var before = await FindSettingsAsync(session, tenant, vehicleId);
        if (expectedRevision is { } expected && expected != before.Revision) return new(ChangeStatus.Stale, before);
        var had = before.Revision == 0 ? null : before.Settings;
        if (string.Equals(had, settings, StringComparison.Ordinal)) return new(ChangeStatus.Done, before);

        var revision = await NextRevisionAsync(session, tenant);
        var parameters = new { Tenant = tenant, VehicleId = vehicleId, Settings = settings, Revision = revision, Now = now.ToUnixMicroseconds() };
        await session.ExecuteAsync(
            settings is null
                ? "DELETE FROM policy_settings WHERE tenant = @Tenant AND vehicle_id = @VehicleId"
                : """
                  INSERT INTO policy_settings (tenant, vehicle_id, settings, revision, updated_at) VALUES (@Tenant, @VehicleId, @Settings, @Revision, @Now)
                  ON CONFLICT (tenant, vehicle_id) DO UPDATE SET settings = excluded.settings, revision = excluded.revision, updated_at = excluded.updated_at
                  """,
            parameters);
        await SettleAsync(session, tenant, now);
        await AuditLog.WriteAsync(session, _database, tenant, now, who, "settings.update", [new AuditLine(vehicleId, had, settings)]);
        return new(ChangeStatus.Done, settings is null ? StoredSettings.None : new StoredSettings(settings, revision, now.ToStored()));
    }

    /// <summary>Outcomes before this were told with other thresholds, and stay. The line never moves back.</summary>
    private Task<int> SettleAsync(Session session, string tenant, DateTimeOffset now) => session.ExecuteAsync(
        "UPDATE tenants SET settled_at = @At WHERE id = @Tenant AND (settled_at IS NULL OR settled_at < @At)", new { Tenant = tenant, At = Counting(now) });

    private static async Task<bool> ExistsAsync(Session session, string tenant, string vehicleId) =>
        vehicleId.Length == 0 || await session.FirstOrDefaultAsync<string>(
            "SELECT id FROM vehicles WHERE tenant = @Tenant AND id = @Id", new { Tenant = tenant, Id = vehicleId }) is not null;

    private sealed class SettingsRow
    {
        public const string Select = """
            SELECT vehicle_id AS VehicleId, settings AS Settings, revision AS Revision, updated_at AS UpdatedAt FROM policy_settings WHERE tenant = @Tenant
            """;

        public string VehicleId { get; set; } = "";

        public string Settings { get; set; } = "{}";

        public long Revision { get; set; }

        public long UpdatedAt { get; set; }
    }
}
