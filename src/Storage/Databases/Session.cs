using System.Data.Common;
using Dapper;

namespace FleetTracker.Storage;

/// <summary>A connection, its transaction if there is one, and the caller's patience.</summary>
internal sealed class Session(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
{
    public async Task<List<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        (await connection.QueryAsync<T>(Command(sql, parameters))).AsList();

    public Task<T?> FirstOrDefaultAsync<T>(string sql, object? parameters = null) =>
        connection.QueryFirstOrDefaultAsync<T>(Command(sql, parameters));

    public Task<T?> ScalarAsync<T>(string sql, object? parameters = null) => connection.ExecuteScalarAsync<T>(Command(sql, parameters));

    public Task<int> ExecuteAsync(string sql, object? parameters = null) => connection.ExecuteAsync(Command(sql, parameters));

    /// <summary>Row by row, never gathered whole.</summary>
    public IAsyncEnumerable<T> StreamAsync<T>(string sql, object? parameters = null) => connection.QueryUnbufferedAsync<T>(sql, parameters, transaction);

    private CommandDefinition Command(string sql, object? parameters) =>
        new(sql, parameters, transaction, cancellationToken: cancellationToken);
}
