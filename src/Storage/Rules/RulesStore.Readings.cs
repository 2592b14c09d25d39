using System.Text.Json;
using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Storage;

/// <summary>What was read off the instruments of vehicles. No outcome depends on it, so the settled line stays where it is.</summary>
internal sealed partial class RulesStore
{
    public Task<StoredReadings?> FindReadingsAsync(string tenant, string vehicleId, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => FindReadingsAsync(session, tenant, vehicleId), cancellationToken);

    public Task<Change<StoredReadings>> ChangeReadingsAsync(
        string tenant, string vehicleId, ReadingsChange change, long? expectedRevision, string who, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => ChangeReadingsAsync(session, tenant, vehicleId, change, expectedRevision, who), cancellationToken);

    private static async Task<StoredReadings?> FindReadingsAsync(Session session, string tenant, string vehicleId)
    {
        if (!await ExistsAsync(session, tenant, vehicleId)) return null;
        var row = await session.FirstOrDefaultAsync<ReadingsRow>($"{ReadingsRow.Select} AND vehicle_id = @VehicleId", new { Tenant = tenant, VehicleId = vehicleId });
        return row is null ? StoredReadings.None : row.ToStored();
    }

    private static Task<List<ReadingsRow>> ListReadingsAsync(Session session, string tenant) =>
        session.QueryAsync<ReadingsRow>(ReadingsRow.Select, new { Tenant = tenant });

    private async Task<Change<StoredReadings>> ChangeReadingsAsync(
        Session session, string tenant, string vehicleId, ReadingsChange change, long? expectedRevision, string who)
    {
        if (await BeginChangeAsync(session, tenant) is not { } now || await FindReadingsAsync(session, tenant, vehicleId) is not { } before) return new(ChangeStatus.NotFound);
        if (expectedRevision is { } expected && expected != before.Revision) return new(ChangeStatus.Stale, before);

        var from = Instants.FromUnixMicroseconds(Counting(now));
        var after = new StoredReadings(
            new CounterReadings(
                change.Odometer is { } odometer ? new CounterReading(odometer.Value, from) : before.Readings.Odometer,
                change.EngineTime is { } engine ? new CounterReading(engine.Value, from) : before.Readings.EngineTime),
            await NextRevisionAsync(session, tenant),
            now.ToStored());
        await session.ExecuteAsync(
            """
            INSERT INTO counter_readings (vehicle_id, tenant, odometer, odometer_from, engine_time, engine_time_from, revision, updated_at)
            VALUES (@VehicleId, @Tenant, @Odometer, @OdometerFrom, @EngineTime, @EngineTimeFrom, @Revision, @Now)
            ON CONFLICT (vehicle_id) DO UPDATE SET odometer = excluded.odometer, odometer_from = excluded.odometer_from, engine_time = excluded.engine_time,
              engine_time_from = excluded.engine_time_from, revision = excluded.revision, updated_at = excluded.updated_at
            """,
            new
            {
                VehicleId = vehicleId, Tenant = tenant, Odometer = after.Readings.Odometer?.Value, OdometerFrom = after.Readings.Odometer?.From.ToUnixMicroseconds(),
                EngineTime = after.Readings.EngineTime?.Value, EngineTimeFrom = after.Readings.EngineTime?.From.ToUnixMicroseconds(), after.Revision,
                Now = now.ToUnixMicroseconds(),
            });
        await AuditLog.WriteAsync(
            session, _database, tenant, now, who, "counters.update", [new AuditLine(vehicleId, before.Revision == 0 ? null : Audited(before.Readings), Audited(after.Readings))]);
        return new(ChangeStatus.Done, after);
    }

    private static string Audited(CounterReadings readings) => JsonSerializer.Serialize(new { odometer = readings.Odometer?.Value, engineTime = readings.EngineTime?.Value });

    private sealed class ReadingsRow
    {
        public const string Select = """
            SELECT vehicle_id AS VehicleId, odometer AS Odometer, odometer_from AS OdometerFrom, engine_time AS EngineTime, engine_time_from AS EngineTimeFrom,
              revision AS Revision, updated_at AS UpdatedAt
            FROM counter_readings WHERE tenant = @Tenant
            """;

        public string VehicleId { get; set; } = "";

        public double? Odometer { get; set; }

        public long? OdometerFrom { get; set; }

        public double? EngineTime { get; set; }

        public long? EngineTimeFrom { get; set; }

        public long Revision { get; set; }

        public long UpdatedAt { get; set; }

        public CounterReadings ToReadings() => new(
            OdometerFrom is { } odometer ? new CounterReading(Odometer, Instants.FromUnixMicroseconds(odometer)) : null,
            EngineTimeFrom is { } engine ? new CounterReading(EngineTime, Instants.FromUnixMicroseconds(engine)) : null);

        public StoredReadings ToStored() => new(ToReadings(), Revision, Instants.FromUnixMicroseconds(UpdatedAt));
    }
}
