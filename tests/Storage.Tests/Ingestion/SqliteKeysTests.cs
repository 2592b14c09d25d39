using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace FleetTracker.Tests.Ingestion;

/// <summary>SQLite writes the keys of rows behind the rows: nobody must be able to tell.</summary>
public sealed class SqliteKeysTests : IDisposable
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);

    private readonly string _folder = Directory.CreateTempSubdirectory("fleettracker-keys-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<int, int> Courses => new([1, 7, 40, 3_000], [1, 2, 3, 4, 5]);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>
    /// Commits of in-order, late and doubled rows, by two processes that own different lanes and are sometimes started again, give what a set
    /// of keys would: what is new is new once, and history has every row once, in order.
    /// </summary>
    [Theory]
    [MemberData(nameof(Courses))]
    public async Task Rows_are_new_once_and_history_has_each_once(int enough, int seed)
    {
        var random = new Random(seed);
        var stored = Enumerable.Range(0, 2).Select(_ => new SortedSet<(string Vehicle, DateTimeOffset At, long Digest)>()).ToArray();
        var processes = new[] { Compose(enough), Compose(enough) };
        await processes[0].GetRequiredService<IMigrator>().MigrateAsync(Cancellation);
        await StoreOf(processes[0]).EnsureLaneCountAsync(2, Cancellation);
        var numbers = new[] { await StoreOf(processes[0]).StartLaneAsync(0, Cancellation), await StoreOf(processes[1]).StartLaneAsync(1, Cancellation) };

        for (var i = 0; i < 60; i++)
        {
            var lane = random.Next(2);
            var rows = Enumerable.Range(0, random.Next(1, 30)).Select(_ => RandomFix(random, lane, i))
                .DistinctBy(fix => (fix.VehicleId, fix.FixedAt, fix.Digest))
                .OrderBy(fix => fix.VehicleId, StringComparer.Ordinal).ThenBy(fix => fix.FixedAt).ThenBy(fix => fix.Digest).ToList();
            var result = (await StoreOf(processes[lane]).CommitAsync(
                [new LaneCommit { Lane = lane, ExpectedNumber = numbers[lane]++, Rows = rows, NewVehicles = [], Quarantine = [] }], Cancellation))[0];

            Assert.True(result.Won);
            Assert.Equal(rows.Select(fix => stored[lane].Add((fix.VehicleId, fix.FixedAt, fix.Digest))), result.IsNew);
            if (random.Next(8) == 0)
            {
                await processes[lane].DisposeAsync();
                processes[lane] = Compose(enough);
            }
        }

        foreach (var reader in processes)
        {
            for (var lane = 0; lane < 2; lane++)
                Assert.Equal(stored[lane].OrderBy(key => key.Vehicle, StringComparer.Ordinal), await HistoryAsync(StoreOf(reader), lane));
        }

        foreach (var process in processes) await process.DisposeAsync();
    }

    [Fact]
    public async Task A_file_of_the_first_version_keeps_its_history()
    {
        var path = Path.Combine(_folder, "telemetry.db");
        await using (var connection = new SqliteConnection($"Data Source={path}"))
        {
            await connection.OpenAsync(Cancellation);
            using var script = new StreamReader(typeof(ITelemetryStore).Assembly.GetManifestResourceStream("telemetry-1.sqlite.sql")!);
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The script that was released and constants.
            command.CommandText = await script.ReadToEndAsync(Cancellation) + """
                CREATE TABLE schema_version (concern TEXT PRIMARY KEY, version INTEGER NOT NULL);
                INSERT INTO schema_version VALUES ('telemetry', 1);
                INSERT INTO lanes VALUES (0, 5);
                INSERT INTO lane_vehicles VALUES (1, '0-1', 'north', 0);
                INSERT INTO reporting_devices VALUES (1, 'd');
                INSERT INTO positions (vehicle, fixed_at, digest, received_at, device, verdict, latitude, longitude)
                VALUES (1, 2000000, 7, 2000000, 1, 0, 60, 25), (1, 1000000, 7, 3000000, 1, 0, 60, 25);
                """;
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        await using var process = Compose(enough: 40);
        await process.GetRequiredService<IMigrator>().MigrateAsync(Cancellation);
        var store = StoreOf(process);
        DateTimeOffset[] times = [DateTimeOffset.UnixEpoch.AddSeconds(1), DateTimeOffset.UnixEpoch.AddSeconds(2), DateTimeOffset.UnixEpoch.AddSeconds(3)];
        var result = (await store.CommitAsync(
            [new LaneCommit { Lane = 0, ExpectedNumber = 5, Rows = [.. times.Select(at => FixAt("0-1", at, 7))], NewVehicles = [], Quarantine = [] }], Cancellation))[0];
        Assert.Equal([false, false, true], result.IsNew);
        Assert.Equal(times, (await HistoryAsync(store, 0)).Select(key => key.At));
    }

    [Fact]
    public async Task Rows_that_come_after_a_deletion_are_found_after_a_restart()
    {
        // The newest row goes, and with it the largest row number: the next one must not get a number that counts as indexed.
        await using (var process = Compose(enough: 1))
        {
            var (store, number) = await StartAsync(process);
            await CommitAsync(store, number, FixAt("0-0", Noon, 1), FixAt("0-1", Noon, 1));
            await store.DeleteVehiclesAsync("north", ["0-1"], Cancellation);
        }

        await using (var process = Compose(enough: 40)) await CommitAsync(StoreOf(process), 2, FixAt("0-2", Noon, 1));
        await using var again = Compose(enough: 40);
        Assert.Equal([("0-0", Noon, 1L), ("0-2", Noon, 1L)], await HistoryAsync(StoreOf(again), 0));
        Assert.Equal([false], (await CommitAsync(StoreOf(again), 3, FixAt("0-2", Noon, 1))).IsNew);
    }

    /// <summary>A tracker goes on while its vehicle is deleted: no row may be left without a vehicle, where the next vehicle could find it.</summary>
    [Fact]
    public async Task A_deletion_beside_commits_leaves_no_row_without_its_vehicle()
    {
        await using var process = Compose(enough: 7);
        var (store, number) = await StartAsync(process);
        for (var round = 0; round < 150; round++)
        {
            var vehicle = $"0-{round}";
            await CommitAsync(store, number++, FixAt(vehicle, Noon, 1));
            var deletion = Task.Run(() => store.DeleteVehiclesAsync("north", [vehicle], Cancellation), Cancellation);
            for (var i = 1; i <= 4 || !deletion.IsCompleted; i++) await CommitAsync(store, number++, FixAt(vehicle, Noon.AddSeconds(i), 1));
            await deletion;
        }

        Assert.Equal(0L, await ScalarAsync("SELECT COUNT(*) FROM positions WHERE vehicle NOT IN (SELECT number FROM lane_vehicles)"));
    }

    [Fact]
    public async Task The_number_of_a_deleted_vehicle_is_not_given_again()
    {
        await using var process = Compose(enough: 7);
        var (store, number) = await StartAsync(process);
        await CommitAsync(store, number, FixAt("0-1", Noon, 1));
        await store.DeleteVehiclesAsync("north", ["0-1"], Cancellation);
        await CommitAsync(store, number + 1, FixAt("0-2", Noon, 1));

        Assert.Equal(2L, await ScalarAsync("SELECT number FROM lane_vehicles"));
    }

    [Fact]
    public async Task Written_pages_are_counted_from_one_look_to_the_next()
    {
        await using var process = Compose(enough: 7);
        await process.GetRequiredService<IMigrator>().MigrateAsync(Cancellation);
        using var writer = new SqliteTelemetryWriter(((SqliteDatabase)process.GetRequiredService<FleetDatabases>().Telemetry).Open(), new StorageOptions());
        writer.InTransaction(() => writer.Execute("INSERT INTO lanes VALUES (7, 7)"));
        Assert.InRange(writer.TakePagesWritten(), 1, 100);
        Assert.Equal(0, writer.TakePagesWritten());
    }

    /// <summary>An empty file with one lane, and that lane's number.</summary>
    private static async Task<(ITelemetryStore Store, long Number)> StartAsync(ServiceProvider process)
    {
        await process.GetRequiredService<IMigrator>().MigrateAsync(Cancellation);
        var store = StoreOf(process);
        await store.EnsureLaneCountAsync(1, Cancellation);
        return (store, await store.StartLaneAsync(0, Cancellation));
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "telemetry.db")}");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this test.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Cancellation);
    }

    private static async Task<LaneCommitResult> CommitAsync(ITelemetryStore store, long number, params Fix[] rows)
    {
        var result = (await store.CommitAsync([new LaneCommit { Lane = 0, ExpectedNumber = number, Rows = rows, NewVehicles = [], Quarantine = [] }], Cancellation))[0];
        Assert.True(result.Won);
        return result;
    }

    private static async Task<List<(string Vehicle, DateTimeOffset At, long Digest)>> HistoryAsync(ITelemetryStore store, int lane)
    {
        var keys = new List<(string, DateTimeOffset, long)>();
        for (var vehicle = 0; vehicle < 5; vehicle++)
        {
            var query = new PositionQuery { Tenant = "north", VehicleId = $"{lane}-{vehicle}", Limit = 16 };
            IReadOnlyList<Fix> page;
            do
            {
                page = await store.ReadPositionsAsync(query, Cancellation);
                keys.AddRange(page.Select(fix => (fix.VehicleId, fix.FixedAt, fix.Digest)));
                if (page.Count > 0) query = query with { After = new PositionKey(page[^1].FixedAt, page[^1].Digest) };
            }
            while (page.Count == query.Limit);
        }

        return keys;
    }

    private static Fix RandomFix(Random random, int lane, int time) =>
        FixAt($"{lane}-{random.Next(5)}", Noon.AddSeconds(random.Next(4) == 0 ? random.Next(60) : time), random.Next(3));

    private static Fix FixAt(string vehicle, DateTimeOffset at, long digest) => new()
    {
        Tenant = "north",
        VehicleId = vehicle,
        DeviceId = "d",
        FixedAt = at,
        ReceivedAt = at,
        Digest = digest,
        Verdict = FixVerdict.Accepted,
        Latitude = 60,
        Longitude = 25,
    };

    private static ITelemetryStore StoreOf(ServiceProvider process) => process.GetRequiredService<ITelemetryStore>();

    private ServiceProvider Compose(int enough) => new ServiceCollection()
        .AddFleetStorage(options =>
        {
            options.DataDirectory = _folder;
            options.SqliteUnindexedRows = enough;
        })
        .BuildServiceProvider();
}
