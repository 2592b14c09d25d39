using System.Text.Json;
using Dapper;
using FleetTracker.Ingestion;
using FleetTracker.Sensors;

namespace FleetTracker.Storage;

/// <summary>Sensors, and the steps of a change of them.</summary>
internal sealed partial class RulesStore
{
    public async Task<IReadOnlyList<StoredSensor>> ListSensorsAsync(SensorQuery query, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(session => ListSensorsAsync(session, query), cancellationToken);
        return rows.ConvertAll(row => row.ToStored());
    }

    public Task<StoredSensor?> FindSensorAsync(string tenant, string id, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => FindSensorAsync(session, tenant, id), cancellationToken);

    public Task<Change<StoredSensor>> CreateSensorAsync(string tenant, SensorDraft draft, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => CreateSensorAsync(session, tenant, draft, who), cancellationToken);

    public Task<Change<StoredSensor>> UpdateSensorAsync(string tenant, SensorDraft draft, long? expectedRevision, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => UpdateSensorAsync(session, tenant, draft, expectedRevision, who), cancellationToken);

    public Task<Change<StoredSensor>> DeleteSensorAsync(string tenant, string id, long? expectedRevision, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => DeleteSensorAsync(session, tenant, id, expectedRevision, who), cancellationToken);

    private static Task<List<SensorRow>> ListSensorsAsync(Session session, SensorQuery query)
    {
        var parameters = new DynamicParameters(new { query.Tenant, AfterName = query.After?.Name, AfterId = query.After?.Id, query.Limit });
        var words = (query.Search ?? "").ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList();
        for (var i = 0; i < words.Count; i++) parameters.Add($"Word{i}", SearchText.Containing(words[i]));
        return session.QueryAsync<SensorRow>(
            $"""
            {SensorRow.Select} WHERE tenant = @Tenant
            {string.Join('\n', words.Select((_, i) => $"AND search LIKE @Word{i} ESCAPE '\\'"))}
            {(query.After is null ? "" : "AND (name, id) > (@AfterName, @AfterId)")}
            ORDER BY name, id LIMIT @Limit
            """,
            parameters);
    }

    private static async Task<StoredSensor?> FindSensorAsync(Session session, string tenant, string id)
    {
        var row = await session.FirstOrDefaultAsync<SensorRow>($"{SensorRow.Select} WHERE tenant = @Tenant AND id = @Id", new { Tenant = tenant, Id = id });
        return row?.ToStored();
    }

    private async Task<Change<StoredSensor>> CreateSensorAsync(Session session, string tenant, SensorDraft draft, string who)
    {
        if (await BeginChangeAsync(session, tenant) is not { } now) return new(ChangeStatus.NotFound);
        var count = await session.ScalarAsync<long>("SELECT COUNT(*) FROM sensors WHERE tenant = @Tenant", new { Tenant = tenant });
        if (count >= options.Value.MaxSensorsPerTenant) return new(ChangeStatus.Full);

        var created = new StoredSensor(SensorOf(draft, tenant, 1), await NextRevisionAsync(session, tenant), now.ToStored(), now.ToStored());
        await session.ExecuteAsync(
            """
            INSERT INTO sensors (tenant, id, name, search, unit, version, rules, scope, revision, created_at, updated_at)
            VALUES (@Tenant, @Id, @Name, @Search, @Unit, @Version, @Rules, @Scope, @Revision, @Now, @Now)
            """,
            ParametersOf(created, now));
        await SettleAsync(session, tenant, now);
        await AuditLog.WriteAsync(session, _database, tenant, now, who, "sensor.create", [new AuditLine(draft.Id, null, Audited(created.Current))]);
        return new(ChangeStatus.Done, created);
    }

    private async Task<Change<StoredSensor>> UpdateSensorAsync(Session session, string tenant, SensorDraft draft, long? expectedRevision, string who)
    {
        if (await BeginChangeAsync(session, tenant) is not { } now || await FindSensorAsync(session, tenant, draft.Id) is not { } stored) return new(ChangeStatus.NotFound);
        if (expectedRevision is { } expected && expected != stored.Revision) return new(ChangeStatus.Stale, stored);

        var before = stored.Current;
        var isSameVersion = string.Equals(SensorRow.Write(before.Rules), SensorRow.Write(draft.Rules), StringComparison.Ordinal);
        var isSameScope = string.Equals(SensorRow.Write(before.Scope), SensorRow.Write(draft.Scope), StringComparison.Ordinal);
        if (isSameVersion && isSameScope && string.Equals(before.Name, draft.Name, StringComparison.Ordinal) && string.Equals(before.Unit, draft.Unit, StringComparison.Ordinal))
            return new(ChangeStatus.Done, stored);

        var after = SensorOf(draft, tenant, isSameVersion ? before.Version : before.Version + 1);
        var changed = stored with { Current = after, Revision = await NextRevisionAsync(session, tenant), UpdatedAt = now.ToStored() };
        await session.ExecuteAsync(
            """
            UPDATE sensors SET name = @Name, search = @Search, unit = @Unit, version = @Version, rules = @Rules, scope = @Scope, revision = @Revision, updated_at = @Now
            WHERE tenant = @Tenant AND id = @Id
            """,
            ParametersOf(changed, now));
        if (!isSameVersion || !isSameScope) await SettleAsync(session, tenant, now);
        await AuditLog.WriteAsync(session, _database, tenant, now, who, "sensor.update", [new AuditLine(draft.Id, Audited(before), Audited(after))]);
        return new(ChangeStatus.Done, changed);
    }

    private async Task<Change<StoredSensor>> DeleteSensorAsync(Session session, string tenant, string id, long? expectedRevision, string who)
    {
        if (await BeginChangeAsync(session, tenant) is not { } now || await FindSensorAsync(session, tenant, id) is not { } stored) return new(ChangeStatus.NotFound);
        if (expectedRevision is { } expected && expected != stored.Revision) return new(ChangeStatus.Stale, stored);

        await NextRevisionAsync(session, tenant);
        await session.ExecuteAsync("DELETE FROM sensors WHERE tenant = @Tenant AND id = @Id", new { Tenant = tenant, Id = id });
        await SettleAsync(session, tenant, now);
        await AuditLog.WriteAsync(session, _database, tenant, now, who, "sensor.delete", [new AuditLine(id, Audited(stored.Current), null)]);
        return new(ChangeStatus.Done);
    }

    private static Sensor SensorOf(SensorDraft draft, string tenant, int version) => new()
    {
        Id = draft.Id, Tenant = tenant, Name = draft.Name, Unit = draft.Unit, Version = version, Rules = draft.Rules, Scope = draft.Scope,
    };

    private static object ParametersOf(StoredSensor stored, DateTimeOffset now)
    {
        var sensor = stored.Current;
        return new
        {
            sensor.Tenant, sensor.Id, sensor.Name, Search = SearchText.Of(sensor.Name, sensor.Id, sensor.Rules.Attribute), sensor.Unit, sensor.Version,
            Rules = SensorRow.Write(sensor.Rules), Scope = SensorRow.Write(sensor.Scope), stored.Revision, Now = now.ToUnixMicroseconds(),
        };
    }

    private static string Audited(Sensor sensor) => JsonSerializer.Serialize(new
    {
        name = sensor.Name, unit = sensor.Unit, version = sensor.Version, rules = SensorRow.Write(sensor.Rules), scope = SensorRow.Write(sensor.Scope),
    });
}
