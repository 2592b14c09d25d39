namespace FleetTracker.Storage;

/// <summary>Brings every database to this release's schema. Idempotent; two at once wait for each other.</summary>
public interface IMigrator
{
    /// <exception cref="NewerSchemaException">The data were written by a newer release.</exception>
    Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Throws unless every database has exactly this release's schema. What silos of a cluster call instead of migrating.</summary>
    Task VerifyAsync(CancellationToken cancellationToken);
}

/// <summary>The data were written by a newer release than this one.</summary>
public sealed class NewerSchemaException(string database, int found, int known)
    : Exception($"the {database} data have schema version {found}, and this release knows {known}: start the newer release, or restore a backup");

/// <summary>A database lacks migrations.</summary>
public sealed class OutdatedSchemaException(string database, int found, int known)
    : Exception($"the {database} data have schema version {found}, and this release needs {known}: run the migrator");
