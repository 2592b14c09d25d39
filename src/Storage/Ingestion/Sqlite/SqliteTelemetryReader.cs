using System.Collections.Immutable;
using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>Reads telemetry on connections of its own, which WAL keeps out of the writer's way. Long reads page by key so that none pins the log for long.</summary>
internal sealed class SqliteTelemetryReader(SqliteDatabase database)
{
    /// <summary>Devices whose ids are remembered for rows of history.</summary>
    public const int RememberedDevices = 100_000;

    private const int VehiclesPerPage = 500;

    private readonly SqliteHistory _history = new(database);

    /// <summary>A page of the lane's vehicles; returns the number after which to go on, or <c>null</c> after the last page.</summary>
    public long? ReadNewest(int lane, long after, List<Fix> page)
    {
        using var connection = database.Open();
        using var vehicles = connection.Command(
            "SELECT number, vehicle_id, tenant FROM lane_vehicles WHERE lane = $lane AND number > $after ORDER BY number LIMIT $limit",
            ("$lane", lane), ("$after", after), ("$limit", VehiclesPerPage));
        using var newest = connection.Command(
            $"{SqliteRows.SelectByKey} WHERE k.vehicle = $vehicle AND p.verdict = 0 ORDER BY k.fixed_at DESC, k.digest DESC LIMIT 1",
            ("$vehicle", 0L));
        using var reader = vehicles.ExecuteReader();
        var read = 0;
        while (reader.Read())
        {
            read++;
            after = reader.GetInt64(0);
            newest.Parameters[0].Value = after;
            using var row = newest.ExecuteReader();
            if (row.Read()) page.Add(SqliteRows.Read(row, reader.GetString(2), reader.GetString(1)));
        }

        return read == VehiclesPerPage ? after : null;
    }

    public List<Fix> ReadPositions(PositionQuery query) => _history.Read(query);

    public List<StoredQuarantine> ReadQuarantine(string tenant, string? deviceId, long? before, int limit)
    {
        using var connection = database.Open();
        using var command = connection.Command(
            $"""
            SELECT sequence, device_id, topic, reason, payload, truncated, received_at, detail FROM quarantine
            WHERE tenant = $tenant AND sequence < $before {(deviceId is null ? "" : "AND device_id = $device")}
            ORDER BY sequence DESC LIMIT $limit
            """,
            ("$tenant", tenant), ("$before", before ?? long.MaxValue), ("$device", deviceId ?? ""), ("$limit", limit));
        using var reader = command.ExecuteReader();
        var messages = new List<StoredQuarantine>();
        while (reader.Read())
        {
            messages.Add(new StoredQuarantine(reader.GetInt64(0), new QuarantinedMessage
            {
                Tenant = tenant,
                DeviceId = reader.GetString(1),
                Topic = reader.GetString(2),
                Reason = reader.GetString(3),
                Payload = ImmutableArray.Create(reader.GetFieldValue<byte[]>(4)),
                Truncated = reader.GetBoolean(5),
                ReceivedAt = Instants.FromUnixMicroseconds(reader.GetInt64(6)),
                Detail = reader.IsDBNull(7) ? null : reader.GetString(7),
            }));
        }

        return messages;
    }

    public long? FindVehicle(string tenant, string vehicleId)
    {
        using var connection = database.Open();
        return connection.FindVehicle(tenant, vehicleId);
    }

    /// <summary>A page of the numbers of all vehicles; returns the one after which to go on, or <c>null</c> after the last page.</summary>
    public long? ReadVehicles(long after, List<long> page)
    {
        using var connection = database.Open();
        using var command = connection.Command("SELECT number FROM lane_vehicles WHERE number > $after ORDER BY number LIMIT $limit", ("$after", after), ("$limit", VehiclesPerPage));
        using var reader = command.ExecuteReader();
        while (reader.Read()) page.Add(reader.GetInt64(0));
        return page.Count == VehiclesPerPage ? page[^1] : null;
    }

    public List<string> ReadQuarantineTenants()
    {
        using var connection = database.Open();
        using var command = connection.Command("SELECT DISTINCT tenant FROM quarantine");
        using var reader = command.ExecuteReader();
        var tenants = new List<string>();
        while (reader.Read()) tenants.Add(reader.GetString(0));
        return tenants;
    }
}
