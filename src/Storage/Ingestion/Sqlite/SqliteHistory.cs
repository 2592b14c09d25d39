using System.Collections.Concurrent;
using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>Pages of a vehicle's history: from the keys that are written, and from the newest rows, which have none yet.</summary>
internal sealed class SqliteHistory(SqliteDatabase database)
{
    private readonly UnindexedTail _tail = new();
    private readonly ConcurrentDictionary<long, string> _devices = [];

    public List<Fix> Read(PositionQuery query)
    {
        using var connection = database.Open();
        if (connection.FindVehicle(query.Tenant, query.VehicleId) is not { } vehicle) return [];

        // One view of the file for both: a row is in one of them, or in both while its generation's keys are being written.
        using var view = connection.BeginTransaction(deferred: true);
        var after = HistoryBounds.After(query);
        var before = HistoryBounds.Before(query);
        var fixes = new SqliteFixReader(connection, _devices, query.Tenant, query.VehicleId);
        var tail = _tail.Read(connection, vehicle, after, before, query.PlacesOnly);
        var indexed = ReadIndexed(connection, fixes, vehicle, query, after, before);
        var unindexed = ReadTail(connection, fixes, tail, query.Limit, indexed.Count < query.Limit ? null : indexed[^1]);
        return SqliteRows.Merge(indexed, unindexed, query.Limit);
    }

    private static List<Fix> ReadIndexed(
        SqliteConnection connection, SqliteFixReader fixes, long vehicle, PositionQuery query, (long FixedAt, long Digest) after, long before)
    {
        using var statement = new SqliteStatement(
            connection.Handle!,
            $"""
            {SqliteFixReader.SelectByKey}
            WHERE k.vehicle = ?1 AND (k.fixed_at, k.digest) > (?2, ?3) AND k.fixed_at < ?4 {(query.PlacesOnly ? "AND p.verdict NOT IN (1, 2)" : "")}
            ORDER BY k.fixed_at, k.digest LIMIT ?5
            """);
        statement.Bind(1, vehicle).Bind(2, after.FixedAt).Bind(3, after.Digest).Bind(4, before).Bind(5, (long)query.Limit);
        var rows = new List<Fix>();
        while (statement.Next()) rows.Add(fixes.Read(statement));
        return rows;
    }

    /// <param name="connection">The view.</param>
    /// <param name="fixes">Reads a row.</param>
    /// <param name="tail">Where the rows are, in order.</param>
    /// <param name="limit">How many are wanted at most.</param>
    /// <param name="last">Nothing after it is wanted; <c>null</c> = everything is.</param>
    private static List<Fix> ReadTail(SqliteConnection connection, SqliteFixReader fixes, TailRow[] tail, int limit, Fix? last)
    {
        var rows = new List<Fix>();
        if (tail.Length == 0) return rows;
        var lastKey = last is null ? (long.MaxValue, long.MaxValue) : (last.FixedAt.ToUnixMicroseconds(), last.Digest);
        using var statement = new SqliteStatement(connection.Handle!, $"{SqliteFixReader.Select} WHERE p.row = ?1");
        foreach (var row in tail)
        {
            if (rows.Count == limit || (row.FixedAt, row.Digest).CompareTo(lastKey) > 0) break;
            statement.Bind(1, row.Row);
            if (statement.Next()) rows.Add(fixes.Read(statement));
            statement.Reset();
        }

        return rows;
    }
}
