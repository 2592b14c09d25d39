using System.Data.Common;
using FleetTracker.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FleetTracker.Tests.Migrations;

/// <summary>What the migrator promises. Each test leaves the schema as it found it.</summary>
public abstract class MigratorCompliance(StorageFixture fixture)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IMigrator Migrator => fixture.Services.GetRequiredService<IMigrator>();

    [Fact]
    public async Task Migrating_again_changes_nothing_and_verifies()
    {
        await Migrator.MigrateAsync(Cancellation);
        await Migrator.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task Migrators_at_once_wait_for_each_other()
    {
        await using var empty = await fixture.AnotherAsync();
        var processes = Enumerable.Range(0, 4).Select(_ => empty.Compose()).ToList();
        await Task.WhenAll(processes.Select(process => process.GetRequiredService<IMigrator>().MigrateAsync(Cancellation)));
        foreach (var process in processes)
        {
            await process.GetRequiredService<IMigrator>().VerifyAsync(Cancellation);
            await process.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_empty_installation_is_outdated()
    {
        await using var empty = await fixture.AnotherAsync();
        await using var process = empty.Compose();
        var outdated = await Assert.ThrowsAsync<OutdatedSchemaException>(() => process.GetRequiredService<IMigrator>().VerifyAsync(Cancellation));
        Assert.Contains("run the migrator", outdated.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("fleet")]
    [InlineData("telemetry")]
    [InlineData("notifications")]
    public async Task Data_of_a_newer_release_are_left_alone(string concern)
    {
        await SetVersionAsync(concern, 1);
        try
        {
            await Assert.ThrowsAsync<NewerSchemaException>(() => Migrator.MigrateAsync(Cancellation));
            await Assert.ThrowsAsync<NewerSchemaException>(() => Migrator.VerifyAsync(Cancellation));
        }
        finally
        {
            await SetVersionAsync(concern, -1);
        }

        await Migrator.VerifyAsync(Cancellation);
    }

    private async Task SetVersionAsync(string concern, int change)
    {
        var databases = fixture.Databases;
        var database = new[] { databases.Identity, databases.Fleet, databases.Telemetry, databases.Notifications }
            .Single(candidate => string.Equals(candidate.Concern, concern, StringComparison.Ordinal));
        await using DbConnection connection = await database.OpenForMigrationAsync(Cancellation);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this test.
        command.CommandText = $"UPDATE schema_version SET version = version + ({change}) WHERE concern = '{concern}'";
#pragma warning restore CA2100
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancellation));
    }
}

public sealed class SqliteMigratorTests(SqliteFixture fixture) : MigratorCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlMigratorTests(PostgreSqlFixture fixture) : MigratorCompliance(fixture), IClassFixture<PostgreSqlFixture>;
