using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>
/// A file. The engine works on the calling thread, so every piece of work runs on the pool instead of a grain's turn; writers of this
/// process queue here, and those of Orleans' own providers wait by <c>busy_timeout</c>.
/// </summary>
internal sealed class SqliteDatabase : Database, IDisposable
{
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly string _pragmas;
    private readonly int _pageSize;

    public SqliteDatabase(string concern, string path, bool fullSync, int pageSize = 4096)
        : base(concern)
    {
        Path = path;
        _pageSize = pageSize;
        _pragmas = $"PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA synchronous={(fullSync ? "FULL" : "NORMAL")}; PRAGMA temp_store=MEMORY;";
        ConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = true, DefaultTimeout = 10,
        }.ToString();
    }

    public string Path { get; }

    public string ConnectionString { get; }

    public override string ForUpdate => "";

    public override string In(string column, string parameter) => $"{column} IN (SELECT value FROM json_each(@{parameter}))";

    public override object List(IEnumerable<string> values) => JsonSerializer.Serialize(values);

    public override string Rows(string alias, string parameter, params ReadOnlySpan<string> columns)
    {
        var fields = new List<string>(columns.Length);
        foreach (var column in columns)
        {
            var name = column[..column.IndexOf(' ', StringComparison.Ordinal)];
            fields.Add($"value ->> '$.{name}' AS {name}");
        }

        return $"(SELECT {string.Join(", ", fields)} FROM json_each(@{parameter})) AS {alias}";
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            Execute(connection, _pragmas);
            return connection;
        }
        catch (Exception error)
        {
            connection.Dispose();
            throw Named(error);
        }
    }

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            await using var connection = Open();
            return await work(new Session(connection, null, cancellationToken));
        },
        cancellationToken);

    public override Task<T> ReadSnapshotAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            await using var connection = Open();
            await using var transaction = connection.BeginTransaction(deferred: true);
            return await work(new Session(connection, transaction, cancellationToken));
        },
        cancellationToken);

    public override async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(
                async () =>
                {
                    await using var connection = Open();

                    // BEGIN IMMEDIATE: a transaction that reads first and writes later could not wait its turn.
                    await using var transaction = connection.BeginTransaction(deferred: false);
                    var result = await work(new Session(connection, transaction, cancellationToken));
                    transaction.Commit();
                    return result;
                },
                cancellationToken);
        }
        finally
        {
            _writer.Release();
        }
    }

    public override Task<DbConnection> OpenForMigrationAsync(CancellationToken cancellationToken) => Task.Run<DbConnection>(
        () =>
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
            var connection = Open();
            try
            {
                // The page size is fixed by the first write, and WAL stays with the file.
                Execute(connection, $"PRAGMA page_size={_pageSize}; PRAGMA journal_mode=WAL;");
                return connection;
            }
            catch (Exception error)
            {
                connection.Dispose();
                throw Named(error);
            }
        },
        cancellationToken);

    public override Task<int> ReadSchemaVersionAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Path)) return Task.FromResult(0);
        return ReadAsync(
            async session =>
            {
                var exists = await session.ScalarAsync<long>("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_version'") > 0;
                return exists ? await session.ScalarAsync<int>("SELECT version FROM schema_version WHERE concern = @Concern", new { Concern }) : 0;
            },
            cancellationToken);
    }

    public void Dispose()
    {
        // Pooled connections would keep the files open after the host has gone.
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    // The engine does not say which file it means.
    private Exception Named(Exception error) =>
        error is SqliteException sqlite && !sqlite.Message.Contains(Path, StringComparison.Ordinal)
            ? new SqliteException($"{Path}: {sqlite.Message}", sqlite.SqliteErrorCode, sqlite.SqliteExtendedErrorCode)
            : error;

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
