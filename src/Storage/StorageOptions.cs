using Microsoft.Extensions.Options;

namespace FleetTracker.Storage;

/// <summary>Which database engine is behind the ports.</summary>
public enum StorageProvider
{
    /// <summary>Files in <see cref="StorageOptions.DataDirectory"/>, one per concern.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or newer.</summary>
    PostgreSql,
}

/// <summary>Where the installation keeps its data.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Default: <see cref="StorageProvider.Sqlite"/>.</summary>
    public StorageProvider Provider { get; set; } = StorageProvider.Sqlite;

    /// <summary>Folder of the SQLite files. Default: <c>data</c> below the working directory.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>PostgreSQL connection string that the four others default to.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Users, sessions, keys (<c>auth_db</c>). Default: <see cref="ConnectionString"/>.</summary>
    public string? IdentityConnectionString { get; set; }

    /// <summary>Registry and Orleans membership (<c>vehicle_db</c>). Default: <see cref="ConnectionString"/>.</summary>
    public string? FleetConnectionString { get; set; }

    /// <summary>Positions and the core's tables (<c>location_db</c>). Default: <see cref="ConnectionString"/>.</summary>
    public string? TelemetryConnectionString { get; set; }

    /// <summary>Alerts, jobs and cursors (<c>notification_db</c>). Default: <see cref="ConnectionString"/>.</summary>
    public string? NotificationsConnectionString { get; set; }

    /// <summary>
    /// SQLite: every commit waits for the disk (<c>synchronous=FULL</c>). False (<c>NORMAL</c>) is faster and may lose the newest acknowledged
    /// fixes when the machine, not the process, fails. Default: true.
    /// </summary>
    public bool SqliteFullSync { get; set; } = true;

    /// <summary>Free bytes on the data disk below which ingest holds acknowledgements. SQLite only; 0 turns the check off. Default: 1 GiB.</summary>
    public long MinFreeBytes { get; set; } = 1L << 30;

    /// <summary>
    /// SQLite: rows that gather before their keys are written to the index of history, in order. More makes commits of large fleets cheaper, and the
    /// start and every read of history a little slower. Default: 65,536.
    /// </summary>
    public int SqliteUnindexedRows { get; set; } = 65_536;

    /// <summary>Quarantined messages kept per tenant; the oldest go first. Default: 10,000.</summary>
    public int QuarantineMaxMessages { get; set; } = 10_000;

    public string Identity => IdentityConnectionString ?? ConnectionString ?? "";

    public string Fleet => FleetConnectionString ?? ConnectionString ?? "";

    public string Telemetry => TelemetryConnectionString ?? ConnectionString ?? "";

    public string Notifications => NotificationsConnectionString ?? ConnectionString ?? "";
}

/// <summary>Reports every wrong setting at once, without the values of secrets.</summary>
public sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new ValidateOptionsResultBuilder();
        if (options.Provider == StorageProvider.Sqlite && string.IsNullOrWhiteSpace(options.DataDirectory))
            problems.AddError("must name a folder", nameof(options.DataDirectory));
        if (options.Provider == StorageProvider.PostgreSql)
        {
            foreach (var (setting, value) in new[]
            {
                (nameof(options.IdentityConnectionString), options.Identity), (nameof(options.FleetConnectionString), options.Fleet),
                (nameof(options.TelemetryConnectionString), options.Telemetry), (nameof(options.NotificationsConnectionString), options.Notifications),
            })
            {
                if (value.Length == 0) problems.AddError("is needed for PostgreSql, or set ConnectionString for all four", setting);
            }
        }

        if (options.SqliteUnindexedRows is < 1 or > 1_000_000)
            problems.AddError($"must be 1 to 1,000,000, was {options.SqliteUnindexedRows}", nameof(options.SqliteUnindexedRows));
        if (options.MinFreeBytes < 0) problems.AddError($"must not be negative, was {options.MinFreeBytes}", nameof(options.MinFreeBytes));
        if (options.QuarantineMaxMessages < 0)
            problems.AddError($"must not be negative, was {options.QuarantineMaxMessages}", nameof(options.QuarantineMaxMessages));
        return problems.Build();
    }
}
