using System.Data.Common;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Storage;
using FleetTracker.Tests.Outcomes;
using Microsoft.Extensions.DependencyInjection;

namespace FleetTracker.Tests.Migrations;

/// <summary>Telemetry of the version before outcomes keeps its history and takes commits of this one.</summary>
public abstract class TelemetryMigrationCompliance(StorageFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract string Engine { get; }

    /// <summary>A lane at number 5 with vehicle <c>v</c> of tenant <c>north</c> and a row at <see cref="OutcomeLane.Noon"/>.</summary>
    protected abstract string Data { get; }

    [Fact]
    public async Task Data_of_the_second_version_go_on()
    {
        await using var old = await fixture.AnotherAsync();
        await using var process = old.Compose();
        await MakeVersionTwoAsync(process.GetRequiredService<FleetDatabases>().Telemetry);
        await Assert.ThrowsAsync<OutdatedSchemaException>(() => process.GetRequiredService<IMigrator>().VerifyAsync(Cancellation));

        await process.GetRequiredService<IMigrator>().MigrateAsync(Cancellation);
        await process.GetRequiredService<IMigrator>().VerifyAsync(Cancellation);

        var (store, outcomes) = (process.GetRequiredService<ITelemetryStore>(), process.GetRequiredService<IOutcomeStore>());
        var stored = Assert.Single(await store.ReadPositionsAsync(new PositionQuery { Tenant = "north", VehicleId = "v", Limit = 9 }, Cancellation));
        Assert.Equal(OutcomeLane.Noon, stored.FixedAt);
        var commit = new LaneCommit
        {
            Lane = 0,
            ExpectedNumber = 5,
            Rows = [stored with { FixedAt = OutcomeLane.Noon.AddMinutes(-1) }, stored],
            NewVehicles = [],
            Quarantine = [],
            Outcomes = [Sample.Overspeed],
            Checkpoints = [Sample.Folded],
            LateRows = [1],
        };
        var result = (await store.CommitAsync([commit], Cancellation))[0];
        Assert.True(result.Won);
        Assert.Equal([true, false], result.IsNew);
        Assert.Equal([Sample.Overspeed], await outcomes.ReadOutcomesAfterAsync("north", "v", null, Cancellation));
        Assert.NotNull(await outcomes.ReadCheckpointAsync("north", "v", null, Cancellation));
        await AfterwardsAsync(process.GetRequiredService<FleetDatabases>().Telemetry);
    }

    private protected virtual Task AfterwardsAsync(Database database) => Task.CompletedTask;

    private protected static async Task<object?> ScalarAsync(Database database, string sql)
    {
        await using var connection = await database.OpenForMigrationAsync(Cancellation);
        return await RunAsync(connection, sql);
    }

    private async Task MakeVersionTwoAsync(Database database)
    {
        await using var connection = await database.OpenForMigrationAsync(Cancellation);
        foreach (var version in new[] { 1, 2 })
        {
            using var script = new StreamReader(typeof(ITelemetryStore).Assembly.GetManifestResourceStream($"telemetry-{version}.{Engine}.sql")!);
            await RunAsync(connection, await script.ReadToEndAsync(Cancellation));
        }

        await RunAsync(
            connection,
            $"CREATE TABLE schema_version (concern TEXT PRIMARY KEY, version INTEGER NOT NULL); INSERT INTO schema_version VALUES ('telemetry', 2); {Data}");
    }

    private static async Task<object?> RunAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Scripts that were released and constants.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancellation);
    }

    private static class Sample
    {
        public static readonly Outcome Overspeed = new()
        {
            Id = new Guid("01020304-0506-0708-090a-0b0c0d0e0f10"),
            Tenant = "north",
            VehicleId = "v",
            Type = OutcomeType.Event,
            Kind = "overspeed",
            Subject = "",
            At = new PositionKey(OutcomeLane.Noon, 7),
            EndedAt = OutcomeLane.Noon,
            Through = new PositionKey(OutcomeLane.Noon, 7),
            State = OutcomeState.Closed,
            Revision = 1,
            Evidence = "{}",
            RecordedAt = OutcomeLane.Noon,
        };

        public static readonly Checkpoint Folded = new()
        {
            Tenant = "north", VehicleId = "v", Head = new PositionKey(OutcomeLane.Noon, 7), State = new byte[] { 1 },
        };
    }
}

public sealed class SqliteTelemetryMigrationTests(SqliteFixture fixture) : TelemetryMigrationCompliance(fixture), IClassFixture<SqliteFixture>
{
    protected override string Engine => "sqlite";

    protected override string Data =>
        $"""
        INSERT INTO lanes VALUES (0, 5);
        INSERT INTO lane_vehicles VALUES (1, 'v', 'north', 0);
        INSERT INTO reporting_devices VALUES (1, 'd');
        INSERT INTO positions (vehicle, fixed_at, digest, received_at, device, verdict, latitude, longitude)
        VALUES (1, {OutcomeLane.Noon.ToUnixMicroseconds()}, 7, {OutcomeLane.Noon.ToUnixMicroseconds()}, 1, 0, 60, 25);
        """;
}

public sealed class PostgreSqlTelemetryMigrationTests(PostgreSqlFixture fixture) : TelemetryMigrationCompliance(fixture), IClassFixture<PostgreSqlFixture>
{
    protected override string Engine => "postgresql";

    protected override string Data =>
        """
        INSERT INTO lanes VALUES (0, 5);
        SELECT fleet_ensure_days('{2026-03-01}');
        INSERT INTO lane_vehicles VALUES ('v', 'north', 0);
        INSERT INTO positions (vehicle_id, tenant, device_id, fixed_at, received_at, digest, verdict, latitude, longitude)
        VALUES ('v', 'north', 'd', '2026-03-01T12:00:00Z', '2026-03-01T12:00:00Z', 7, 0, 60, 25);
        """;

    /// <summary>The old signature beside the new one would let a caller of before commit what the new one does not see.</summary>
    private protected override async Task AfterwardsAsync(Database database) =>
        Assert.Equal(1L, await ScalarAsync(database, "SELECT COUNT(*) FROM pg_proc WHERE proname = 'fleet_commit'"));
}
