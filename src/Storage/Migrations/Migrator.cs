using System.Data.Common;
using FleetTracker.Ingestion;
using Microsoft.Extensions.Options;

namespace FleetTracker.Storage;

/// <summary>
/// Applies the numbered scripts that a database lacks, each database in one transaction and under a lock. Scripts are embedded as
/// <c>concern-number.sql</c> for both engines or <c>concern-number.engine.sql</c> for one; a number never changes once it was released.
/// </summary>
internal sealed class Migrator(FleetDatabases databases, IOptions<FixOptions> fixes, TimeProvider clock) : IMigrator
{
    private static readonly Dictionary<string, int> Latest = new(StringComparer.Ordinal)
    {
        ["identity"] = 2, ["fleet"] = 5, ["telemetry"] = 4, ["notifications"] = 0,
    };

    private IEnumerable<Database> All => [databases.Identity, databases.Fleet, databases.Telemetry, databases.Notifications];

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        foreach (var database in All)
        {
            await using var connection = await database.OpenForMigrationAsync(cancellationToken);
            await MigrateAsync(database, connection, cancellationToken);
        }

        if (databases.Telemetry is PostgreSqlDatabase telemetry)
            await new PositionPartitions(telemetry.Source).EnsureRetentionAsync(clock.GetUtcNow(), fixes.Value.Retention, cancellationToken);
    }

    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        foreach (var database in All)
        {
            var found = await database.ReadSchemaVersionAsync(cancellationToken);
            ThrowIfNewer(database, found);
            if (found < Latest[database.Concern]) throw new OutdatedSchemaException(database.Concern, found, Latest[database.Concern]);
        }
    }

    private static async Task MigrateAsync(Database database, DbConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var session = new Session(connection, transaction, cancellationToken);

        // SQLite's transaction is the lock: it is begun for writing.
        if (database is PostgreSqlDatabase) await session.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('fleettracker.migration'))");
        await session.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS schema_version (concern TEXT PRIMARY KEY, version INTEGER NOT NULL)");
        await session.ExecuteAsync("INSERT INTO schema_version VALUES (@Concern, 0) ON CONFLICT DO NOTHING", new { database.Concern });
        var found = await session.ScalarAsync<int>("SELECT version FROM schema_version WHERE concern = @Concern", new { database.Concern });
        ThrowIfNewer(database, found);

        for (var version = found + 1; version <= Latest[database.Concern]; version++)
        {
            await session.ExecuteAsync(ReadScript(database, version));
            await session.ExecuteAsync("UPDATE schema_version SET version = @Version WHERE concern = @Concern", new { Version = version, database.Concern });
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static void ThrowIfNewer(Database database, int found)
    {
        if (found > Latest[database.Concern]) throw new NewerSchemaException(database.Concern, found, Latest[database.Concern]);
    }

    private static string ReadScript(Database database, int version)
    {
        var isPostgreSql = database is PostgreSqlDatabase;
        var own = Embedded($"{database.Concern}-{version}.{(isPostgreSql ? "postgresql" : "sqlite")}.sql");
        if (own is not null) return own;

        // In common scripts ids compare by code point on both engines: SQLite does so by default.
        var common = Embedded($"{database.Concern}-{version}.sql") ?? throw new InvalidOperationException($"no script {database.Concern}-{version}");
        return isPostgreSql ? common.Replace(" TEXT", " TEXT COLLATE \"C\"", StringComparison.Ordinal) : common;
    }

    private static string? Embedded(string name)
    {
        using var stream = typeof(Migrator).Assembly.GetManifestResourceStream(name);
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
