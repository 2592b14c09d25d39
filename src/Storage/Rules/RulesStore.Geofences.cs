using System.Text.Json;
using Dapper;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>The steps of a change of fences.</summary>
internal sealed partial class RulesStore
{
    /// <summary>A longer geometry is not repeated in the audit: its version keeps it.</summary>
    private const int AuditedGeometryCharacters = 16_384;

    private static async Task<StoredGeofence?> FindAsync(Session session, string tenant, string id)
    {
        var row = await session.FirstOrDefaultAsync<GeofenceRow>(
            $"{GeofenceRow.Select} AND v.version = f.version WHERE f.tenant = @Tenant AND f.id = @Id AND f.deleted_at IS NULL", new { Tenant = tenant, Id = id });
        return row?.ToStored();
    }

    private static Task<List<GeofenceRow>> ListAsync(Session session, GeofenceQuery query)
    {
        var parameters = new DynamicParameters(new { query.Tenant, AfterName = query.After?.Name, AfterId = query.After?.Id, query.Limit });
        var words = (query.Search ?? "").ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList();
        for (var i = 0; i < words.Count; i++) parameters.Add($"Word{i}", SearchText.Containing(words[i]));
        return session.QueryAsync<GeofenceRow>(
            $"""
            {GeofenceRow.Select} AND v.version = f.version
            WHERE f.tenant = @Tenant AND f.deleted_at IS NULL
            {string.Join('\n', words.Select((_, i) => $"AND f.search LIKE @Word{i} ESCAPE '\\'"))}
            {(query.After is null ? "" : "AND (f.name, f.id) > (@AfterName, @AfterId)")}
            ORDER BY f.name, f.id LIMIT @Limit
            """,
            parameters);
    }

    private async Task<Change<IReadOnlyList<StoredGeofence>>> CreateAsync(Session session, string tenant, IReadOnlyList<GeofenceDraft> drafts, string who)
    {
        var now = await BeginChangeAsync(session, tenant);
        if (now is null) return new(ChangeStatus.NotFound);
        var count = await session.ScalarAsync<long>("SELECT COUNT(*) FROM geofences WHERE tenant = @Tenant AND deleted_at IS NULL", new { Tenant = tenant });
        if (count + drafts.Count > options.Value.MaxFencesPerTenant) return new(ChangeStatus.Full);

        var revision = await NextRevisionAsync(session, tenant);
        var validFrom = Counting(now.Value);
        var rows = JsonSerializer.Serialize(drafts.Select(draft => new
        {
            id = draft.Id, name = draft.Name, search = SearchText.Of(draft.Name, draft.Id), shape_kind = (int)draft.ShapeKind, geometry = draft.Geometry,
            radius = draft.RadiusMeters, rules = GeofenceRow.Write(draft.Rules),
        }));
        var source = _database.Rows(
            "r", "Rows", "id text", "name text", "search text", "shape_kind smallint", "geometry text", "radius double precision", "rules text");
        var parameters = new { Tenant = tenant, Rows = rows, Revision = revision, Now = now.Value.ToUnixMicroseconds(), ValidFrom = validFrom };
        await session.ExecuteAsync(
            $"""
            INSERT INTO geofences (tenant, id, name, search, version, revision, created_at, updated_at)
            SELECT @Tenant, r.id, r.name, r.search, 1, @Revision, @Now, @Now FROM {source}
            """,
            parameters);
        await session.ExecuteAsync(
            $"""
            INSERT INTO geofence_versions (tenant, fence_id, version, valid_from, shape_kind, geometry, radius, rules)
            SELECT @Tenant, r.id, 1, @ValidFrom, r.shape_kind, r.geometry, r.radius, r.rules FROM {source}
            """,
            parameters);

        List<StoredGeofence> created = [.. drafts.Select(draft => new StoredGeofence(VersionOf(draft, tenant, 1, validFrom), revision, now.Value.ToStored(), now.Value.ToStored()))];
        await AuditLog.WriteAsync(session, _database, tenant, now.Value, who, "geofence.create", created.Select(fence => new AuditLine(fence.Current.Id, null, Audited(fence.Current))));
        return new(ChangeStatus.Done, created);
    }

    private async Task<Change<StoredGeofence>> UpdateAsync(Session session, string tenant, GeofenceDraft draft, long? expectedRevision, string who)
    {
        var begun = await BeginChangeAsync(session, tenant);
        if (begun is not { } now || await FindAsync(session, tenant, draft.Id) is not { } stored) return new(ChangeStatus.NotFound);
        if (expectedRevision is { } expected && expected != stored.Revision) return new(ChangeStatus.Stale, stored);

        var before = stored.Current;
        var isSameVersion = before.ShapeKind == draft.ShapeKind && before.RadiusMeters == draft.RadiusMeters
            && string.Equals(before.Geometry, draft.Geometry, StringComparison.Ordinal)
            && string.Equals(GeofenceRow.Write(before.Rules), GeofenceRow.Write(draft.Rules), StringComparison.Ordinal);
        if (isSameVersion && string.Equals(before.Name, draft.Name, StringComparison.Ordinal)) return new(ChangeStatus.Done, stored);

        var after = before with { Name = draft.Name };
        if (!isSameVersion)
        {
            // A second change within the lead, or one from a host whose clock is behind, still comes after the first.
            var validFrom = Math.Max(Counting(now), before.ValidFrom.ToUnixMicroseconds() + 1);
            after = VersionOf(draft, tenant, before.Version + 1, validFrom);
            await EndVersionAsync(session, before, validFrom);
            await InsertVersionAsync(session, after);
        }

        var revision = await NextRevisionAsync(session, tenant);
        await session.ExecuteAsync(
            """
            UPDATE geofences SET name = @Name, search = @Search, version = @Version, revision = @Revision, updated_at = @Now
            WHERE tenant = @Tenant AND id = @Id
            """,
            new
            {
                Tenant = tenant, draft.Id, draft.Name, Search = SearchText.Of(draft.Name, draft.Id), after.Version, Revision = revision,
                Now = now.ToUnixMicroseconds(),
            });
        await AuditLog.WriteAsync(session, _database, tenant, now, who, "geofence.update", [new AuditLine(draft.Id, Audited(before), Audited(after))]);
        return new(ChangeStatus.Done, stored with { Current = after, Revision = revision, UpdatedAt = now.ToStored() });
    }

    private async Task<Change<StoredGeofence>> DeleteAsync(Session session, string tenant, string id, long? expectedRevision, string who)
    {
        var begun = await BeginChangeAsync(session, tenant);
        if (begun is not { } now || await FindAsync(session, tenant, id) is not { } stored) return new(ChangeStatus.NotFound);
        if (expectedRevision is { } expected && expected != stored.Revision) return new(ChangeStatus.Stale, stored);

        await EndVersionAsync(session, stored.Current, Math.Max(Counting(now), stored.Current.ValidFrom.ToUnixMicroseconds()));
        await session.ExecuteAsync(
            "UPDATE geofences SET revision = @Revision, updated_at = @Now, deleted_at = @Now WHERE tenant = @Tenant AND id = @Id",
            new { Tenant = tenant, Id = id, Revision = await NextRevisionAsync(session, tenant), Now = now.ToUnixMicroseconds() });
        await AuditLog.WriteAsync(session, _database, tenant, now, who, "geofence.delete", [new AuditLine(id, Audited(stored.Current), null)]);
        return new(ChangeStatus.Done);
    }

    private static Task<int> EndVersionAsync(Session session, Geofence version, long validTo) => session.ExecuteAsync(
        "UPDATE geofence_versions SET valid_to = @ValidTo WHERE tenant = @Tenant AND fence_id = @Id AND version = @Version",
        new { version.Tenant, version.Id, version.Version, ValidTo = validTo });

    private static Task<int> InsertVersionAsync(Session session, Geofence version) => session.ExecuteAsync(
        """
        INSERT INTO geofence_versions (tenant, fence_id, version, valid_from, shape_kind, geometry, radius, rules)
        VALUES (@Tenant, @Id, @Version, @ValidFrom, @ShapeKind, @Geometry, @RadiusMeters, @Rules)
        """,
        new
        {
            version.Tenant, version.Id, version.Version, ValidFrom = version.ValidFrom.ToUnixMicroseconds(), ShapeKind = (short)version.ShapeKind,
            version.Geometry, version.RadiusMeters, Rules = GeofenceRow.Write(version.Rules),
        });

    private static Geofence VersionOf(GeofenceDraft draft, string tenant, int version, long validFrom) => new()
    {
        Id = draft.Id, Tenant = tenant, Name = draft.Name, Version = version, ValidFrom = Instants.FromUnixMicroseconds(validFrom),
        ShapeKind = draft.ShapeKind, Geometry = draft.Geometry, RadiusMeters = draft.RadiusMeters, Rules = draft.Rules,
    };

    private static string Audited(Geofence fence) => JsonSerializer.Serialize(new
    {
        name = fence.Name, version = fence.Version, shape = fence.ShapeKind.ToString(), radiusMeters = fence.RadiusMeters,
        geometry = fence.Geometry.Length <= AuditedGeometryCharacters ? fence.Geometry : $"{fence.Geometry.Length} characters", rules = GeofenceRow.Write(fence.Rules),
    });
}
