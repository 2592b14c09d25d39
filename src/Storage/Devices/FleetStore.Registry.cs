using System.Collections.Immutable;
using System.Text.Json;
using FleetTracker.Devices;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>The steps of the registry's transactions.</summary>
internal sealed partial class FleetStore
{
    private async Task<IReadOnlyList<DeviceRecord?>> FindDevicesAsync(Session session, IReadOnlyList<string> deviceIds)
    {
        var rows = await session.QueryAsync<PairingRow>(
            $"""
            SELECT d.id AS DeviceId, d.tenant AS Tenant, p.vehicle_id AS VehicleId, p.from_at AS FromAt, p.to_at AS ToAt
            FROM devices d LEFT JOIN pairings p ON p.device_id = d.id
            WHERE {_database.In("d.id", "Ids")}
            """,
            new { Ids = _database.List(deviceIds.Distinct(StringComparer.Ordinal)) });

        var records = rows.GroupBy(row => row.DeviceId, StringComparer.Ordinal).ToDictionary(
            device => device.Key,
            device => new DeviceRecord
            {
                DeviceId = device.Key,
                Tenant = device.First().Tenant,
                Pairings =
                [
                    .. device.Where(row => row.VehicleId is not null).OrderBy(row => row.FromAt ?? long.MinValue)
                        .Select(row => new Pairing(row.VehicleId!, Instant(row.FromAt), Instant(row.ToAt))),
                ],
            },
            StringComparer.Ordinal);
        return [.. deviceIds.Select(id => records.GetValueOrDefault(id))];
    }

    private const string GatewayPrefix = "gateway:";

    private async Task<IReadOnlyList<DeviceRecord?>> RegisterDevicesAsync(Session session, IReadOnlyList<NewDevice> devices)
    {
        // Sorted, so that two transactions that meet the same ids wait for each other instead of deadlocking.
        var wanted = devices.DistinctBy(device => device.DeviceId, StringComparer.Ordinal).OrderBy(device => device.DeviceId, StringComparer.Ordinal).ToList();
        await LockTenantsAsync(session, wanted.Select(device => device.Tenant));
        await RemoveThoseOfGoneGatewaysAsync(session, wanted);

        var inserted = await session.QueryAsync<string>(
            $"""
            INSERT INTO devices (id, tenant, registered_by, registered_at)
            SELECT r.id, r.tenant, r.registered_by, r.registered_at
            FROM {_database.Rows("r", "Rows", "id text", "tenant text", "registered_by text", "registered_at bigint")}
            WHERE true ON CONFLICT (id) DO NOTHING RETURNING id
            """,
            new
            {
                Rows = JsonSerializer.Serialize(wanted.Select(device => new
                {
                    id = device.DeviceId, tenant = device.Tenant, registered_by = device.RegisteredBy, registered_at = device.RegisteredAt.ToUnixMicroseconds(),
                })),
            });

        if (inserted.Count > 0)
        {
            var fresh = inserted.ToHashSet(StringComparer.Ordinal);
            foreach (var ofTenant in wanted.Where(device => fresh.Contains(device.DeviceId)).GroupBy(device => device.Tenant, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
                await AddVehiclesAsync(session, ofTenant.Key, [.. ofTenant]);
        }

        return await FindDevicesAsync(session, [.. devices.Select(device => device.DeviceId)]);
    }

    // A gateway's connection outlives its credential. What it brings must not make again what was deleted with it.
    private async Task RemoveThoseOfGoneGatewaysAsync(Session session, List<NewDevice> devices)
    {
        var names = devices.Select(GatewayOf).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return;

        var rows = await session.QueryAsync<GatewayRow>($"{GatewayRow.Select} WHERE {_database.In("name", "Names")}", new { Names = _database.List(names) });
        var tenants = rows.ToDictionary(row => row.Name, row => row.Tenant, StringComparer.Ordinal);
        devices.RemoveAll(device => GatewayOf(device) is { } name && !string.Equals(tenants.GetValueOrDefault(name), device.Tenant, StringComparison.Ordinal));
    }

    private static string? GatewayOf(NewDevice device) =>
        device.RegisteredBy.StartsWith(GatewayPrefix, StringComparison.Ordinal) ? device.RegisteredBy[GatewayPrefix.Length..] : null;

    private async Task AddVehiclesAsync(Session session, string tenant, List<NewDevice> devices)
    {
        var revision = await NextRevisionsAsync(session, tenant, devices.Count);
        var rows = JsonSerializer.Serialize(devices.Select((device, index) => new
        {
            id = device.VehicleId,
            device_id = device.DeviceId,
            name = device.VehicleName,
            search = SearchText.Of(device.VehicleName, device.VehicleId, device.DeviceId),
            revision = revision + index,
            created_at = device.RegisteredAt.ToUnixMicroseconds(),
            group_name = device.Group,
        }));
        var source = _database.Rows(
            "r", "Rows", "id text", "device_id text", "name text", "search text", "revision bigint", "created_at bigint", "group_name text");
        var parameters = new { Tenant = tenant, Rows = rows };

        await session.ExecuteAsync($"DELETE FROM vehicle_removals WHERE tenant = @Tenant AND vehicle_id IN (SELECT r.id FROM {source})", parameters);
        await session.ExecuteAsync(
            $"""
            INSERT INTO vehicles (id, tenant, name, search, revision, created_at)
            SELECT r.id, @Tenant, r.name, r.search, r.revision, r.created_at FROM {source}
            """,
            parameters);
        await session.ExecuteAsync($"INSERT INTO pairings (device_id, vehicle_id) SELECT r.device_id, r.id FROM {source}", parameters);
        if (devices.TrueForAll(device => device.Group is null)) return;

        await session.ExecuteAsync(
            $"""
            INSERT INTO vehicle_groups (tenant, name) SELECT DISTINCT @Tenant, r.group_name FROM {source}
            WHERE r.group_name IS NOT NULL ON CONFLICT DO NOTHING
            """,
            parameters);
        await session.ExecuteAsync(
            $"INSERT INTO group_vehicles (tenant, group_name, vehicle_id) SELECT @Tenant, r.group_name, r.id FROM {source} WHERE r.group_name IS NOT NULL",
            parameters);

        // Fences are for groups. The settled line stays: no outcome of a new vehicle was told with other groups.
        await ChangeRulesAsync(session, tenant);
    }

    private async Task<ImmutableArray<string>> DeleteGroupAsync(Session session, string tenant, string group)
    {
        await LockTenantsAsync(session, [tenant]);
        var ids = await session.QueryAsync<string>(
            "SELECT vehicle_id FROM group_vehicles WHERE tenant = @Tenant AND group_name = @Group ORDER BY vehicle_id",
            new { Tenant = tenant, Group = group });
        if (ids.Count > 0)
        {
            var vehicles = new { Tenant = tenant, Ids = _database.List(ids) };

            // A device that has moved on to a vehicle outside the group stays, without its past in the group.
            await session.ExecuteAsync(
                $"DELETE FROM devices WHERE tenant = @Tenant AND id IN (SELECT device_id FROM pairings WHERE to_at IS NULL AND {_database.In("vehicle_id", "Ids")})",
                vehicles);
            await session.ExecuteAsync($"DELETE FROM vehicles WHERE tenant = @Tenant AND {_database.In("id", "Ids")}", vehicles);
            await session.ExecuteAsync($"DELETE FROM policy_settings WHERE tenant = @Tenant AND {_database.In("vehicle_id", "Ids")}", vehicles);
            await ChangeRulesAsync(session, tenant);

            var revision = await NextRevisionsAsync(session, tenant, ids.Count);
            await session.ExecuteAsync(
                $"""
                INSERT INTO vehicle_removals (tenant, vehicle_id, revision)
                SELECT @Tenant, r.id, r.revision FROM {_database.Rows("r", "Rows", "id text", "revision bigint")}
                WHERE true ON CONFLICT (tenant, vehicle_id) DO UPDATE SET revision = excluded.revision
                """,
                new { Tenant = tenant, Rows = JsonSerializer.Serialize(ids.Select((id, index) => new { id, revision = revision + index })) });
            await ForgetRemovalsAsync(session, tenant);
        }

        await session.ExecuteAsync("DELETE FROM vehicle_groups WHERE tenant = @Tenant AND name = @Group", new { Tenant = tenant, Group = group });
        return [.. ids];
    }

    private static async Task ForgetRemovalsAsync(Session session, string tenant)
    {
        var newestForgotten = await session.ScalarAsync<long?>(
            "SELECT revision FROM vehicle_removals WHERE tenant = @Tenant ORDER BY revision DESC LIMIT 1 OFFSET @Kept",
            new { Tenant = tenant, Kept = RememberedRemovals });
        if (newestForgotten is null) return;
        var parameters = new { Tenant = tenant, Revision = newestForgotten };
        await session.ExecuteAsync("DELETE FROM vehicle_removals WHERE tenant = @Tenant AND revision <= @Revision", parameters);
        await session.ExecuteAsync("UPDATE tenants SET forgotten = @Revision WHERE id = @Tenant", parameters);
    }

    private async Task StoreStatusesAsync(Session session, IReadOnlyList<DeviceStatus> statuses)
    {
        var newest = statuses.GroupBy(status => (status.Tenant, status.DeviceId)).Select(of => of.MaxBy(status => status.At)!)
            .ToDictionary(status => (status.Tenant, status.DeviceId));
        await LockTenantsAsync(session, newest.Keys.Select(key => key.Tenant));

        var stored = await session.QueryAsync<StatusRow>(
            $"""
            SELECT d.tenant AS Tenant, d.id AS DeviceId, d.online AS Online, d.status_at AS StatusAt, p.vehicle_id AS VehicleId
            FROM devices d LEFT JOIN pairings p ON p.device_id = d.id AND p.to_at IS NULL
            WHERE {_database.In("d.id", "Ids")}
            """,
            new { Ids = _database.List(newest.Keys.Select(key => key.DeviceId).Distinct(StringComparer.Ordinal)) });
        var changed = stored.FindAll(row =>
            newest.TryGetValue((row.Tenant, row.DeviceId), out var status) && (row.StatusAt is null || row.StatusAt <= status.At.ToUnixMicroseconds()));
        if (changed.Count == 0) return;

        await session.ExecuteAsync(
            $"""
            UPDATE devices SET online = r.online, status_at = r.status_at
            FROM {_database.Rows("r", "Rows", "id text", "online smallint", "status_at bigint")} WHERE devices.id = r.id
            """,
            new
            {
                Rows = JsonSerializer.Serialize(changed.Select(row => newest[(row.Tenant, row.DeviceId)])
                    .Select(status => new { id = status.DeviceId, online = status.Online ? 1 : 0, status_at = status.At.ToUnixMicroseconds() })),
            });

        // Only a device that came or went is news to readers by revision; a renewed word is not.
        var turned = changed.Where(row => row.VehicleId is not null && row.Online != (newest[(row.Tenant, row.DeviceId)].Online ? 1 : 0));
        foreach (var ofTenant in turned.GroupBy(row => row.Tenant, row => row.VehicleId!, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            await TouchVehiclesAsync(session, ofTenant.Key, [.. ofTenant]);
    }

    private async Task TouchVehiclesAsync(Session session, string tenant, List<string> vehicleIds)
    {
        var revision = await NextRevisionsAsync(session, tenant, vehicleIds.Count);
        await session.ExecuteAsync(
            $"UPDATE vehicles SET revision = r.revision FROM {_database.Rows("r", "Rows", "id text", "revision bigint")} WHERE vehicles.id = r.id",
            new { Rows = JsonSerializer.Serialize(vehicleIds.Select((id, index) => new { id, revision = revision + index })) });
    }

    private async Task<VehicleChanges> ReadVehicleChangesAsync(Session session, string tenant, long revision, int limit)
    {
        var forgotten = await session.ScalarAsync<long?>("SELECT forgotten FROM tenants WHERE id = @Tenant", new { Tenant = tenant }) ?? 0;
        var startsOver = revision > 0 && revision < forgotten;
        if (startsOver) revision = 0;

        var changes = await session.QueryAsync<ChangeRow>(
            $"""
            SELECT revision AS Revision, id AS Id, 0 AS Removed FROM vehicles WHERE tenant = @Tenant AND revision > @Revision
            {(revision == 0 ? "" : "UNION ALL SELECT revision, vehicle_id, 1 FROM vehicle_removals WHERE tenant = @Tenant AND revision > @Revision")}
            ORDER BY 1 LIMIT @Limit
            """,
            new { Tenant = tenant, Revision = revision, Limit = limit });
        if (changes.Count == 0) return new VehicleChanges(revision, [], []) { StartsOver = startsOver };

        // A vehicle that changes or goes between the two reads is read again with its later revision.
        var upserts = await ReadVehiclesAsync(
            session,
            $"v.tenant = @Tenant AND {_database.In("v.id", "Ids")} ORDER BY v.revision",
            new { Tenant = tenant, Ids = _database.List(changes.Where(change => change.Removed == 0).Select(change => change.Id)) });
        return new VehicleChanges(changes[^1].Revision, [.. upserts], [.. changes.Where(change => change.Removed != 0).Select(change => change.Id)])
        {
            StartsOver = startsOver,
        };
    }

    private async Task<List<RegisteredVehicle>> ReadVehiclesAsync(Session session, string condition, object parameters)
    {
        var rows = await session.QueryAsync<VehicleRow>(
            $"""
            SELECT v.tenant AS Tenant, v.id AS Id, v.name AS Name, v.revision AS Revision, d.id AS DeviceId, d.online AS Online, d.status_at AS StatusAt
            FROM vehicles v
            LEFT JOIN pairings p ON p.vehicle_id = v.id AND p.to_at IS NULL
            LEFT JOIN devices d ON d.id = p.device_id
            WHERE {condition}
            """,
            parameters);
        if (rows.Count == 0) return [];

        var memberships = await session.QueryAsync<MembershipRow>(
            $"SELECT vehicle_id AS VehicleId, group_name AS GroupName FROM group_vehicles WHERE {_database.In("vehicle_id", "Ids")} ORDER BY group_name",
            new { Ids = _database.List(rows.Select(row => row.Id)) });
        var groups = memberships.ToLookup(row => row.VehicleId, row => row.GroupName, StringComparer.Ordinal);
        return rows.ConvertAll(row => new RegisteredVehicle
        {
            Tenant = row.Tenant,
            Id = row.Id,
            Name = row.Name,
            DeviceId = row.DeviceId,
            Groups = [.. groups[row.Id]],
            DeviceOnline = row.Online is { } online ? online != 0 : null,
            DeviceStatusAt = Instant(row.StatusAt),
            Revision = row.Revision,
        });
    }

    /// <summary>In order of id, before anything else, so that transactions over several tenants do not deadlock.</summary>
    private Task<List<string>> LockTenantsAsync(Session session, IEnumerable<string> tenants) => session.QueryAsync<string>(
        $"SELECT id FROM tenants WHERE {_database.In("id", "Ids")} ORDER BY id {_database.ForUpdate}",
        new { Ids = _database.List(tenants.Distinct(StringComparer.Ordinal)) });

    /// <summary>The first of <paramref name="count"/> consecutive revisions that belong to this transaction.</summary>
    private static async Task<long> NextRevisionsAsync(Session session, string tenant, int count)
    {
        var last = await session.ScalarAsync<long?>(
            "UPDATE tenants SET revision = revision + @Count WHERE id = @Tenant RETURNING revision", new { Tenant = tenant, Count = count });
        return (last ?? throw new InvalidOperationException($"there is no tenant '{tenant}'")) - count + 1;
    }

    private static Task<int> ChangeRulesAsync(Session session, string tenant) =>
        session.ExecuteAsync("UPDATE tenants SET rules_revision = rules_revision + 1 WHERE id = @Tenant", new { Tenant = tenant });

    private static DateTimeOffset? Instant(long? microseconds) => microseconds is { } value ? Instants.FromUnixMicroseconds(value) : null;

    private sealed class PairingRow
    {
        public string DeviceId { get; set; } = "";

        public string Tenant { get; set; } = "";

        public string? VehicleId { get; set; }

        public long? FromAt { get; set; }

        public long? ToAt { get; set; }
    }

    private sealed class StatusRow
    {
        public string Tenant { get; set; } = "";

        public string DeviceId { get; set; } = "";

        public long? Online { get; set; }

        public long? StatusAt { get; set; }

        public string? VehicleId { get; set; }
    }

    private sealed class ChangeRow
    {
        public long Revision { get; set; }

        public string Id { get; set; } = "";

        public long Removed { get; set; }
    }

    private sealed class VehicleRow
    {
        public string Tenant { get; set; } = "";

        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public long Revision { get; set; }

        public string? DeviceId { get; set; }

        public long? Online { get; set; }

        public long? StatusAt { get; set; }
    }

    private sealed class MembershipRow
    {
        public string VehicleId { get; set; } = "";

        public string GroupName { get; set; } = "";
    }
}
