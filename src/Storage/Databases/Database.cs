using System.Data.Common;

namespace FleetTracker.Storage;

/// <summary>
/// One concern's database and the few places where the two engines need different SQL. Everything else is written once, in SQL that both
/// understand: timestamps are whole Unix microseconds, flags are 0 and 1, ids compare by code point.
/// </summary>
internal abstract class Database(string concern)
{
    /// <summary>Names the concern in messages and in <c>schema_version</c>.</summary>
    public string Concern { get; } = concern;

    /// <summary>Appended to a SELECT whose rows stay locked until the transaction ends.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>A condition that holds for members of a list bound with <see cref="List"/>.</summary>
    public abstract string In(string column, string parameter);

    public abstract object List(IEnumerable<string> values);

    /// <summary>A FROM item over a JSON array of objects. <paramref name="columns"/> are <c>name type</c> pairs with PostgreSQL's type names.</summary>
    public abstract string Rows(string alias, string parameter, params ReadOnlySpan<string> columns);

    public abstract Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Everything that <paramref name="work"/> reads is as of one moment.</summary>
    public abstract Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>One transaction; it is rolled back when <paramref name="work"/> throws.</summary>
    public abstract Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>A connection for migrations, which manage their own transactions.</summary>
    public abstract Task<DbConnection> OpenForMigrationAsync(CancellationToken cancellationToken);

    /// <summary>The version in <c>schema_version</c>; 0 when there is none.</summary>
    public abstract Task<int> ReadSchemaVersionAsync(CancellationToken cancellationToken);

    public Task WriteAsync(Func<Session, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(
            async session =>
            {
                await work(session);
                return true;
            },
            cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) =>
        ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM schema_version"), cancellationToken);
}
