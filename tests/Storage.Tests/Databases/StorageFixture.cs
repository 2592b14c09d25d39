using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace FleetTracker.Tests;

/// <summary>An empty, migrated installation on one engine, as a host composes it.</summary>
public abstract class StorageFixture : IAsyncLifetime
{
    private ServiceProvider? _services;

    public abstract StorageProvider Provider { get; }

    public IServiceProvider Services => _services ?? throw new InvalidOperationException("not started");

    public ITelemetryStore Telemetry => Services.GetRequiredService<ITelemetryStore>();

    public IOutcomeStore Outcomes => Services.GetRequiredService<IOutcomeStore>();

    public IFleetStore Fleet => Services.GetRequiredService<IFleetStore>();

    public IAccountStore Accounts => Services.GetRequiredService<IAccountStore>();

    public IApiTokenStore ApiTokens => Services.GetRequiredService<IApiTokenStore>();

    public IIdentityStore Identity => Services.GetRequiredService<IIdentityStore>();

    public FleetDatabases Databases => Services.GetRequiredService<FleetDatabases>();

    public async ValueTask InitializeAsync()
    {
        await PrepareAsync();
        _services = Compose();
        await Services.GetRequiredService<IMigrator>().MigrateAsync(TestContext.Current.CancellationToken);
        await Telemetry.EnsureLaneCountAsync(1024, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another process' view of the same data.</summary>
    public ServiceProvider Compose(Action<StorageOptions>? more = null) => new ServiceCollection()
        .AddFleetStorage(options =>
        {
            Configure(options);
            more?.Invoke(options);
        })
        .Configure<FixOptions>(options => options.Retention = TimeSpan.FromDays(400))
        .BuildServiceProvider();

    /// <summary>A second, empty installation of the same kind, not migrated; disposed by the caller.</summary>
    public async Task<StorageFixture> AnotherAsync()
    {
        var another = MakeAnother();
        await another.PrepareAsync();
        return another;
    }

    protected abstract StorageFixture MakeAnother();

    protected abstract void Configure(StorageOptions options);

    protected abstract ValueTask PrepareAsync();

    protected abstract ValueTask CleanUpAsync();
}

public class SqliteFixture : StorageFixture
{
    private string _folder = "";

    public override StorageProvider Provider => StorageProvider.Sqlite;

    protected virtual int UnindexedRows => new StorageOptions().SqliteUnindexedRows;

    protected override StorageFixture MakeAnother() => new SqliteFixture();

    protected override void Configure(StorageOptions options)
    {
        options.Provider = StorageProvider.Sqlite;
        options.DataDirectory = _folder;
        options.QuarantineMaxMessages = 20;
        options.SqliteUnindexedRows = UnindexedRows;
    }

    protected override ValueTask PrepareAsync()
    {
        _folder = Directory.CreateTempSubdirectory("fleettracker-storage-").FullName;
        return ValueTask.CompletedTask;
    }

    protected override ValueTask CleanUpAsync()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>SQLite that writes the key of every row at once, as it does for most rows of a store that is large enough.</summary>
public sealed class IndexedSqliteFixture : SqliteFixture
{
    protected override int UnindexedRows => 1;
}

/// <summary>A database of its own on the shared server.</summary>
public sealed class PostgreSqlFixture(PostgreSqlServer server) : StorageFixture
{
    private readonly string _database = "fleet_test_" + Guid.NewGuid().ToString("N");

    public override StorageProvider Provider => StorageProvider.PostgreSql;

    protected override StorageFixture MakeAnother() => new PostgreSqlFixture(server);

    protected override void Configure(StorageOptions options)
    {
        options.Provider = StorageProvider.PostgreSql;
        options.ConnectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = _database, MaxPoolSize = 20 }.ConnectionString;
        options.QuarantineMaxMessages = 20;
    }

    protected override async ValueTask PrepareAsync() => await ExecuteAsync($"CREATE DATABASE {_database}");

    protected override async ValueTask CleanUpAsync() => await ExecuteAsync($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
