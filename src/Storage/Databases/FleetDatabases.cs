using Microsoft.Extensions.Options;
using Npgsql;

namespace FleetTracker.Storage;

/// <summary>
/// The installation's databases, opened once per process. Orleans' ADO.NET providers (membership, reminders, grain state) use
/// <see cref="OrleansInvariant"/> with <see cref="FleetDataSource"/> when it is set, else with <see cref="FleetConnectionString"/>.
/// </summary>
public sealed class FleetDatabases : IAsyncDisposable, IDisposable
{
    /// <summary>A commit rewrites about one index page per vehicle, so small pages keep the log small.</summary>
    private const int TelemetryPageSize = 2048;

    private readonly Dictionary<string, NpgsqlDataSource> _sources = new(StringComparer.Ordinal);

    public FleetDatabases(IOptions<StorageOptions> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = options.Value;
        Provider = settings.Provider;
        if (Provider == StorageProvider.Sqlite)
        {
            SqliteDatabase File(string concern, int pageSize) =>
                new(concern, Path.Combine(settings.DataDirectory, concern + ".db"), settings.SqliteFullSync, pageSize);

            var fleet = File("fleet", 4096);
            Identity = File("identity", 4096);
            Fleet = fleet;
            Telemetry = File("telemetry", TelemetryPageSize);
            Notifications = File("notifications", 4096);
            FleetConnectionString = fleet.ConnectionString;
            OrleansInvariant = "System.Data.SQLite";
        }
        else
        {
            Identity = new PostgreSqlDatabase("identity", SourceOf(settings.Identity));
            Fleet = new PostgreSqlDatabase("fleet", SourceOf(settings.Fleet));
            Telemetry = new PostgreSqlDatabase("telemetry", SourceOf(settings.Telemetry));
            Notifications = new PostgreSqlDatabase("notifications", SourceOf(settings.Notifications));
            FleetDataSource = SourceOf(settings.Fleet);
            FleetConnectionString = settings.Fleet;
            OrleansInvariant = "Npgsql";
        }
    }

    public StorageProvider Provider { get; }

    /// <summary>The name by which Orleans' ADO.NET providers know the engine.</summary>
    public string OrleansInvariant { get; }

    /// <summary>Contains the password when there is one.</summary>
    public string FleetConnectionString { get; }

    /// <summary>PostgreSQL: the shared pool of the fleet database; <c>null</c> for SQLite.</summary>
    public NpgsqlDataSource? FleetDataSource { get; }

    internal Database Identity { get; }

    internal Database Fleet { get; }

    internal Database Telemetry { get; }

    internal Database Notifications { get; }

    public void Dispose()
    {
        foreach (var source in _sources.Values) source.Dispose();
        CloseFiles();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources.Values) await source.DisposeAsync();
        CloseFiles();
    }

    private void CloseFiles()
    {
        foreach (var database in new[] { Identity, Fleet, Telemetry, Notifications }) (database as IDisposable)?.Dispose();
    }

    /// <summary>Concerns with the same connection string share a pool.</summary>
    private NpgsqlDataSource SourceOf(string connectionString)
    {
        if (_sources.TryGetValue(connectionString, out var known)) return known;
        var builder = new NpgsqlDataSourceBuilder(connectionString);

        // Nothing here changes a session, so there is nothing to reset; DISCARD would also not reach the right server behind a pooler.
        builder.ConnectionStringBuilder.NoResetOnClose = true;
        if (string.IsNullOrEmpty(builder.ConnectionStringBuilder.ApplicationName)) builder.ConnectionStringBuilder.ApplicationName = "fleettracker";
        return _sources[connectionString] = builder.Build();
    }
}
