using System.Data;
using System.Data.Common;
using Npgsql;

namespace FleetTracker.Storage;

/// <summary>A PostgreSQL database behind a shared data source. No session state is used, so a pooler in transaction mode may sit between.</summary>
internal sealed class PostgreSqlDatabase(string concern, NpgsqlDataSource source) : Database(concern)
{
    public NpgsqlDataSource Source => source;

    // NO KEY: foreign keys that point at the row may be checked meanwhile.
    public override string ForUpdate => "FOR NO KEY UPDATE";

    public override string In(string column, string parameter) => $"{column} = ANY(@{parameter})";

    public override object List(IEnumerable<string> values) => values.ToArray();

    public override string Rows(string alias, string parameter, params ReadOnlySpan<string> columns) =>
        $"json_to_recordset(CAST(@{parameter} AS json)) AS {alias}({string.Join(", ", columns)})";

    public override async Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await work(new Session(connection, null, cancellationToken));
    }

    public override async Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return await work(new Session(connection, transaction, cancellationToken));
    }

    public override async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await work(new Session(connection, transaction, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    public override async Task<DbConnection> OpenForMigrationAsync(CancellationToken cancellationToken) =>
        await source.OpenConnectionAsync(cancellationToken);

    public override Task<int> ReadSchemaVersionAsync(CancellationToken cancellationToken) => ReadAsync(
        async session =>
        {
            var exists = await session.ScalarAsync<bool>("SELECT to_regclass('schema_version') IS NOT NULL");
            return exists ? await session.ScalarAsync<int>("SELECT version FROM schema_version WHERE concern = @Concern", new { Concern }) : 0;
        },
        cancellationToken);
}
