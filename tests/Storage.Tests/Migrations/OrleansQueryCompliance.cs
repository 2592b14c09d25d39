using System.Data;
using System.Data.Common;
using System.Globalization;
using FleetTracker.Storage;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Tests.Migrations;

/// <summary>The queries that Orleans' ADO.NET providers read by key, called as those call them: parameters by name, each typed.</summary>
public abstract class OrleansQueryCompliance(StorageFixture fixture)
{
    private static readonly DateTime Noon = DateTime.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);

    private readonly string _id = Guid.NewGuid().ToString("N");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_key_that_a_provider_asks_for_is_there()
    {
        string[] keys =
        [
            "CleanupDefunctSiloEntriesKey", "CleanupDefunctSiloEntryKey", "ClearStorageKey", "DeleteMembershipTableEntriesKey", "DeleteReminderRowKey",
            "DeleteReminderRowsKey", "DeleteStorageKey", "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey", "MembershipReadAllKey",
            "MembershipReadRowKey", "ReadFromStorageKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "ReadReminderRowKey", "ReadReminderRowsKey",
            "UpdateIAmAlivetimeKey", "UpdateMembershipKey", "UpsertReminderRowKey", "WriteToStorageKey",
        ];
        var stored = (await QueriesAsync()).Keys.Order(StringComparer.Ordinal);
        Assert.Equal(keys, stored);
    }

    [Fact]
    public async Task A_member_joins_only_with_the_version_that_is_stored()
    {
        Assert.True(await AnswersAsync("InsertMembershipVersionKey", Deployment));
        Assert.False(await AnswersAsync("InsertMembershipVersionKey", Deployment));

        // The version can be read before there is a member.
        var none = Assert.Single(await RowsAsync("MembershipReadAllKey", Deployment));
        Assert.Equal((0, DBNull.Value), (Convert.ToInt32(none["Version"], CultureInfo.InvariantCulture), none["Address"]));

        Assert.False(await InsertMemberAsync(1, version: 7));
        Assert.True(await InsertMemberAsync(1, version: 0));
        Assert.False(await InsertMemberAsync(2, version: 0));
        Assert.False(await InsertMemberAsync(1, version: 1));
        Assert.True(await InsertMemberAsync(2, version: 1));
        var members = await RowsAsync("MembershipReadAllKey", Deployment);
        Assert.Equal(2, members.Count);
        Assert.All(members, member => Assert.Equal(2, Convert.ToInt32(member["Version"], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Of_members_that_join_at_once_with_one_version_one_does()
    {
        await AnswersAsync("InsertMembershipVersionKey", Deployment);
        var joined = await Task.WhenAll(Enumerable.Range(1, 6).Select(port => Task.Run(() => InsertMemberAsync(port, version: 0))));
        Assert.Single(joined, won => won);
        Assert.Single(await RowsAsync("MembershipReadAllKey", Deployment));
    }

    [Fact]
    public async Task A_member_changes_only_with_the_version_that_is_stored()
    {
        await AnswersAsync("InsertMembershipVersionKey", Deployment);
        await InsertMemberAsync(1, version: 0);
        Assert.False(await UpdateMemberAsync(1, version: 0, status: 6));
        Assert.False(await UpdateMemberAsync(2, version: 1, status: 6));
        Assert.True(await UpdateMemberAsync(1, version: 1, status: 3));
        var row = Assert.Single(await RowsAsync("MembershipReadRowKey", [Deployment, .. Silo(1)]));
        Assert.Equal((2, 3), (Convert.ToInt32(row["Version"], CultureInfo.InvariantCulture), Convert.ToInt32(row["Status"], CultureInfo.InvariantCulture)));
        Assert.Equal("suspects", row["SuspectTimes"]);

        var gateway = Assert.Single(await RowsAsync("GatewaysQueryKey", Deployment, ("Status", 3)));
        Assert.Equal(30_001, Convert.ToInt32(gateway["ProxyPort"], CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Only_a_dead_member_that_is_as_it_was_read_is_cleaned_up()
    {
        await AnswersAsync("InsertMembershipVersionKey", Deployment);
        await InsertMemberAsync(1, version: 0);
        await InsertMemberAsync(2, version: 1);
        await ExecuteAsync("UpdateIAmAlivetimeKey", [Deployment, .. Silo(1), ("IAmAliveTime", Noon.AddSeconds(5))]);
        (string, object)[] asRead = [Deployment, .. Silo(1), ("SuspectTimes", "suspects"), ("StartTime", Noon), ("IAmAliveTime", Noon.AddSeconds(5))];

        await ExecuteAsync("CleanupDefunctSiloEntryKey", asRead);
        Assert.Equal(2, (await RowsAsync("MembershipReadAllKey", Deployment)).Count);
        await UpdateMemberAsync(1, version: 2, status: 6);
        await ExecuteAsync("CleanupDefunctSiloEntryKey", asRead);
        Assert.Equal(2, (await RowsAsync("MembershipReadAllKey", Deployment)).Count);
        asRead[^1] = ("IAmAliveTime", Noon.AddSeconds(9.5));
        await ExecuteAsync("CleanupDefunctSiloEntryKey", asRead);
        Assert.Equal(2, Convert.ToInt32(Assert.Single(await RowsAsync("MembershipReadAllKey", Deployment))["Port"], CultureInfo.InvariantCulture));

        // The blunt variant spares the living and the recent.
        await UpdateMemberAsync(2, version: 3, status: 6);
        await ExecuteAsync("CleanupDefunctSiloEntriesKey", Deployment, ("IAmAliveTime", Noon.AddSeconds(9)));
        Assert.Single(await RowsAsync("MembershipReadAllKey", Deployment), row => row["Address"] is not DBNull);
        await ExecuteAsync("CleanupDefunctSiloEntriesKey", Deployment, ("IAmAliveTime", Noon.AddSeconds(10)));
        Assert.DoesNotContain(await RowsAsync("MembershipReadAllKey", Deployment), row => row["Address"] is not DBNull);

        await ExecuteAsync("DeleteMembershipTableEntriesKey", Deployment);
        Assert.Empty(await RowsAsync("MembershipReadAllKey", Deployment));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("extension")]
    public async Task Grain_state_is_written_only_over_the_version_that_was_read(string? extension)
    {
        (string, object)[] grain =
        [
            ("GrainIdHash", 5), ("GrainIdN0", 1L), ("GrainIdN1", long.MinValue), ("GrainTypeHash", -7), ("GrainTypeString", "type"),
            ("GrainIdExtensionString", (object?)extension ?? DBNull.Value), ("ServiceId", _id),
        ];
        Assert.Empty(await RowsAsync("ReadFromStorageKey", grain));
        Assert.Equal(1, await WriteAsync(DBNull.Value, 1));
        Assert.Null(await WriteAsync(DBNull.Value, 2));
        Assert.Equal(2, await WriteAsync(1, 3));
        Assert.Null(await WriteAsync(1, 4));
        var row = Assert.Single(await RowsAsync("ReadFromStorageKey", grain));
        Assert.Equal([3], (byte[])row["PayloadBinary"]);

        Assert.Empty(await RowsAsync("ClearStorageKey", [.. grain, ("GrainStateVersion", 1)]));
        Assert.Equal(3, Version(Assert.Single(await RowsAsync("ClearStorageKey", [.. grain, ("GrainStateVersion", 2)]))));
        row = Assert.Single(await RowsAsync("ReadFromStorageKey", grain));
        Assert.Equal((DBNull.Value, 3), (row["PayloadBinary"], Convert.ToInt32(row["Version"], CultureInfo.InvariantCulture)));

        Assert.Empty(await RowsAsync("DeleteStorageKey", [.. grain, ("GrainStateVersion", 2)]));
        Assert.Equal(4, Version(Assert.Single(await RowsAsync("DeleteStorageKey", [.. grain, ("GrainStateVersion", 3)]))));
        Assert.Null(await WriteAsync(4, 5));

        async Task<int?> WriteAsync(object version, byte payload)
        {
            var rows = await RowsAsync("WriteToStorageKey", [.. grain, ("GrainStateVersion", version), ("PayloadBinary", new[] { payload })]);
            return rows.Count == 0 ? null : Version(rows[0]);
        }

        static int Version(Dictionary<string, object> row) => Convert.ToInt32(row["NewGrainStateVersion"], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Reminders_are_found_by_grain_and_by_both_kinds_of_range()
    {
        (string Grain, int Hash)[] grains = [("a", int.MinValue), ("b", -10), ("c", 0), ("d", 10), ("e", int.MaxValue)];
        foreach (var (grain, hash) in grains) Assert.Equal(0, await UpsertAsync(grain, hash, 60_000L));
        Assert.Equal(1, await UpsertAsync("c", 0, 90_000L));

        Assert.Equal(["b", "c"], await RangeAsync("ReadRangeRows1Key", int.MinValue, 0));
        Assert.Equal(["a", "e"], await RangeAsync("ReadRangeRows2Key", 10, -11));
        var row = Assert.Single(await RowsAsync("ReadReminderRowKey", Service, ("GrainId", "c"), ("ReminderName", "r")));
        Assert.Equal(90_000L, Convert.ToInt64(row["Period"], CultureInfo.InvariantCulture));
        Assert.Equal(Noon, Convert.ToDateTime(row["StartTime"], CultureInfo.InvariantCulture));
        Assert.Single(await RowsAsync("ReadReminderRowsKey", Service, ("GrainId", "c")));

        Assert.False(await AnswersAsync("DeleteReminderRowKey", Service, ("GrainId", "c"), ("ReminderName", "r"), ("Version", 0)));
        Assert.True(await AnswersAsync("DeleteReminderRowKey", Service, ("GrainId", "c"), ("ReminderName", "r"), ("Version", 1)));
        await ExecuteAsync("DeleteReminderRowsKey", Service);
        Assert.Empty(await RangeAsync("ReadRangeRows2Key", 0, 0));

        async Task<int> UpsertAsync(string grain, int hash, long period)
        {
            var rows = await RowsAsync(
                "UpsertReminderRowKey", Service, ("GrainId", grain), ("ReminderName", "r"), ("StartTime", Noon), ("Period", period), ("GrainHash", hash));
            return Convert.ToInt32(Assert.Single(rows)["Version"], CultureInfo.InvariantCulture);
        }

        async Task<IEnumerable<string>> RangeAsync(string key, int begin, int end) =>
            (await RowsAsync(key, Service, ("BeginHash", begin), ("EndHash", end))).Select(found => (string)found["GrainId"]).Order(StringComparer.Ordinal);
    }

    private (string, object) Deployment => ("DeploymentId", _id);

    private (string, object) Service => ("ServiceId", _id);

    private static (string, object)[] Silo(int port) => [("Address", "127.0.0.1"), ("Port", port), ("Generation", 1)];

    private Task<bool> InsertMemberAsync(int port, int version) => AnswersAsync(
        "InsertMembershipKey",
        [
            Deployment, .. Silo(port), ("SiloName", "silo"), ("HostName", "host"), ("Status", 2), ("ProxyPort", 30_000 + port), ("StartTime", Noon),
            ("IAmAliveTime", Noon), ("Version", version),
        ]);

    private Task<bool> UpdateMemberAsync(int port, int version, int status) => AnswersAsync(
        "UpdateMembershipKey",
        [Deployment, .. Silo(port), ("Status", status), ("SuspectTimes", "suspects"), ("IAmAliveTime", Noon.AddSeconds(9.5)), ("Version", version)]);

    private async Task<bool> AnswersAsync(string key, params (string, object)[] parameters) =>
        Convert.ToBoolean(Assert.Single(await RowsAsync(key, parameters)).Values.Single(), CultureInfo.InvariantCulture);

    private async Task ExecuteAsync(string key, params (string, object)[] parameters) => await RowsAsync(key, parameters);

    private async Task<List<Dictionary<string, object>>> RowsAsync(string key, params (string Name, object Value)[] parameters)
    {
        var sql = (await QueriesAsync())[key];
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The query is the one under test.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            if (value is DBNull) parameter.DbType = string.Equals(name, "GrainStateVersion", StringComparison.Ordinal) ? DbType.Int32 : DbType.String;
            command.Parameters.Add(parameter);
        }

        var rows = new List<Dictionary<string, object>>();
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation))
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, reader.GetValue, StringComparer.OrdinalIgnoreCase));
        return rows;
    }

    private async Task<Dictionary<string, string>> QueriesAsync()
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT QueryKey, QueryText FROM OrleansQuery";
        var queries = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        while (await reader.ReadAsync(Cancellation)) queries.Add(reader.GetString(0), reader.GetString(1));
        return queries;
    }

    private async Task<DbConnection> OpenAsync()
    {
        if (fixture.Databases.FleetDataSource is { } source) return await source.OpenConnectionAsync(Cancellation);
        var connection = new SqliteConnection(fixture.Databases.FleetConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }
}

public sealed class SqliteOrleansQueryTests(SqliteFixture fixture) : OrleansQueryCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlOrleansQueryTests(PostgreSqlFixture fixture) : OrleansQueryCompliance(fixture), IClassFixture<PostgreSqlFixture>;
