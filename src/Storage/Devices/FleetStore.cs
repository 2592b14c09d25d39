using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using FleetTracker.Devices;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>
/// The registry in SQL that both engines understand. Every change of a vehicle takes the tenant's row first and gets a revision of its own
/// from it; the row stays locked until the change is committed, so revisions become visible in order and a reader by revision misses none.
/// </summary>
internal sealed partial class FleetStore(FleetDatabases databases) : IFleetStore
{
    /// <summary>Removals remembered per tenant. A reader further behind starts over.</summary>
    internal const int RememberedRemovals = 50_000;

    private readonly Database _database = databases.Fleet;

    public Task<bool> EnsureTenantAsync(string tenant, string name, DateTimeOffset now, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync(
            "INSERT INTO tenants (id, name, created_at) VALUES (@Id, @Name, @CreatedAt) ON CONFLICT (id) DO NOTHING",
            new { Id = tenant, Name = name, CreatedAt = now.ToUnixMicroseconds() }) == 1,
        cancellationToken);

    public async Task<IReadOnlyList<string>> ListTenantsAsync(CancellationToken cancellationToken) =>
        await _database.ReadAsync(session => session.QueryAsync<string>("SELECT id FROM tenants ORDER BY id"), cancellationToken);

    public Task<IReadOnlyList<DeviceRecord?>> FindDevicesAsync(IReadOnlyList<string> deviceIds, CancellationToken cancellationToken) =>
        deviceIds.Count == 0
            ? Task.FromResult<IReadOnlyList<DeviceRecord?>>([])
            : _database.ReadAsync(session => FindDevicesAsync(session, deviceIds), cancellationToken);

    public async Task<IReadOnlyList<DeviceRecord?>> RegisterDevicesAsync(IReadOnlyList<NewDevice> devices, CancellationToken cancellationToken)
    {
        if (devices.Count == 0) return [];
        return await _database.WriteAsync(session => RegisterDevicesAsync(session, devices), cancellationToken);
    }

    public async Task<IReadOnlyList<RegisteredVehicle>> ListVehiclesAsync(VehicleQuery query, CancellationToken cancellationToken) =>
        await _database.ReadAsync(session => ListVehiclesAsync(session, query), cancellationToken);

    public async Task<RegisteredVehicle?> FindVehicleAsync(string tenant, string vehicleId, CancellationToken cancellationToken)
    {
        var found = await _database.ReadAsync(
            session => ReadVehiclesAsync(session, "v.tenant = @Tenant AND v.id = @Id", new { Tenant = tenant, Id = vehicleId }), cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    public async Task<IReadOnlySet<string>> FindUnknownVehiclesAsync(string tenant, IReadOnlyCollection<string> vehicleIds, CancellationToken cancellationToken)
    {
        var unknown = vehicleIds.ToHashSet(StringComparer.Ordinal);
        if (unknown.Count == 0) return unknown;
        unknown.ExceptWith(await _database.ReadAsync(
            session => session.QueryAsync<string>(
                $"SELECT id FROM vehicles WHERE tenant = @Tenant AND {_database.In("id", "Ids")}", new { Tenant = tenant, Ids = _database.List(vehicleIds) }),
            cancellationToken));
        return unknown;
    }

    public Task<VehicleChanges> ReadVehicleChangesAsync(string tenant, long revision, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => ReadVehicleChangesAsync(session, tenant, revision, limit), cancellationToken);

    public async Task<IReadOnlyList<VehicleGroup>> ListGroupsAsync(string tenant, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<GroupRow>(
                $"""
                SELECT g.name AS Name, COUNT(v.vehicle_id) AS Vehicles
                FROM vehicle_groups g LEFT JOIN group_vehicles v ON v.tenant = g.tenant AND v.group_name = g.name
                WHERE g.tenant = @Tenant {(after is null ? "" : "AND g.name > @After")} GROUP BY g.name ORDER BY g.name LIMIT @Limit
                """,
                new { Tenant = tenant, After = after, Limit = limit }),
            cancellationToken);
        return rows.ConvertAll(row => new VehicleGroup(row.Name, checked((int)row.Vehicles)));
    }

    public Task<ImmutableArray<string>> DeleteGroupWithVehiclesAsync(string tenant, string group, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => DeleteGroupAsync(session, tenant, group), cancellationToken);

    public Task StoreDeviceStatusesAsync(IReadOnlyList<DeviceStatus> statuses, CancellationToken cancellationToken) =>
        statuses.Count == 0 ? Task.CompletedTask : _database.WriteAsync(session => StoreStatusesAsync(session, statuses), cancellationToken);

    public Task AddEnrollmentKeyAsync(string tenant, ImmutableArray<byte> secretHash, string label, DateTimeOffset now, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            session => session.ExecuteAsync(
                "INSERT INTO enrollment_keys (secret_hash, tenant, label, created_at) VALUES (@Hash, @Tenant, @Label, @CreatedAt)",
                new { Hash = Bytes(secretHash), Tenant = tenant, Label = label, CreatedAt = now.ToUnixMicroseconds() }),
            cancellationToken);

    public Task<string?> FindEnrollmentKeyAsync(ImmutableArray<byte> secretHash, CancellationToken cancellationToken) => _database.ReadAsync(
        session => session.FirstOrDefaultAsync<string>("SELECT tenant FROM enrollment_keys WHERE secret_hash = @Hash", new { Hash = Bytes(secretHash) }),
        cancellationToken);

    public Task<bool> HasEnrollmentKeysAsync(string tenant, CancellationToken cancellationToken) => _database.ReadAsync(
        async session => await session.FirstOrDefaultAsync<string>(
            "SELECT tenant FROM enrollment_keys WHERE tenant = @Tenant LIMIT 1", new { Tenant = tenant }) is not null,
        cancellationToken);

    public Task<bool> PutGatewayAsync(GatewayCredential gateway, DateTimeOffset now, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync(
            """
            INSERT INTO gateways (name, tenant, secret_hash, topic_filters, group_name, may_enroll, created_at)
            VALUES (@Name, @Tenant, @Hash, @TopicFilters, @Group, @MayEnroll, @CreatedAt)
            ON CONFLICT (name) DO UPDATE SET secret_hash = excluded.secret_hash, topic_filters = excluded.topic_filters,
              group_name = excluded.group_name, may_enroll = excluded.may_enroll
            WHERE gateways.tenant = excluded.tenant
            """,
            new
            {
                gateway.Name,
                gateway.Tenant,
                Hash = Bytes(gateway.SecretHash),
                TopicFilters = JsonSerializer.Serialize(gateway.TopicFilters),
                gateway.Group,
                MayEnroll = (short)(gateway.MayEnroll ? 1 : 0),
                CreatedAt = now.ToUnixMicroseconds(),
            }) == 1,
        cancellationToken);

    public async Task<GatewayCredential?> FindGatewayAsync(string name, CancellationToken cancellationToken)
    {
        var row = await _database.ReadAsync(
            session => session.FirstOrDefaultAsync<GatewayRow>(GatewayRow.Select + " WHERE name = @Name", new { Name = name }), cancellationToken);
        return row?.ToCredential();
    }

    public async Task<IReadOnlyList<GatewayCredential>> ListGatewaysAsync(string tenant, string? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<GatewayRow>(
                $"{GatewayRow.Select} WHERE tenant = @Tenant {(after is null ? "" : "AND name > @After")} ORDER BY name LIMIT @Limit",
                new { Tenant = tenant, After = after, Limit = limit }),
            cancellationToken);
        return rows.ConvertAll(row => row.ToCredential());
    }

    public Task<bool> DeleteGatewayAsync(string tenant, string name, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync("DELETE FROM gateways WHERE tenant = @Tenant AND name = @Name", new { Tenant = tenant, Name = name }) == 1,
        cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => _database.PingAsync(cancellationToken);

    private static byte[] Bytes(ImmutableArray<byte> bytes) => ImmutableCollectionsMarshal.AsArray(bytes) ?? [];

    private sealed class GroupRow
    {
        public string Name { get; set; } = "";

        public long Vehicles { get; set; }
    }

    private sealed class GatewayRow
    {
        public const string Select = """
            SELECT name AS Name, tenant AS Tenant, secret_hash AS SecretHash, topic_filters AS TopicFilters, group_name AS GroupName,
                   may_enroll AS MayEnroll
            FROM gateways
            """;

        public string Name { get; set; } = "";

        public string Tenant { get; set; } = "";

        public byte[] SecretHash { get; set; } = [];

        public string TopicFilters { get; set; } = "[]";

        public string? GroupName { get; set; }

        public long MayEnroll { get; set; }

        public GatewayCredential ToCredential() => new()
        {
            Name = Name,
            Tenant = Tenant,
            SecretHash = ImmutableCollectionsMarshal.AsImmutableArray(SecretHash),
            TopicFilters = JsonSerializer.Deserialize<ImmutableArray<string>>(TopicFilters),
            Group = GroupName,
            MayEnroll = MayEnroll != 0,
        };
    }
}
