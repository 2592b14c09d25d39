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
        var tail = _tail.Read(connection, vehicle, after, before, query.PlacesOnly, query.Limit);
        var indexed = ReadIndexed(connection, fixes, vehicle, query, after, before);
        return Merge(connection, fixes, indexed, tail, query.Limit);
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

    /// <summary>Both in order; a row that is in both is read once.</summary>
    private static List<Fix> Merge(SqliteConnection connection, SqliteFixReader fixes, List<Fix> indexed, TailRow[] tail, int limit)
    {
        if (tail.Length == 0) return indexed;
        var rows = new List<Fix>(Math.Min(limit, indexed.Count + tail.Length));
        using var statement = new SqliteStatement(connection.Handle!, $"{SqliteFixReader.Select} WHERE p.row = ?1");
        for (int i = 0, t = 0; rows.Count < limit && (i < indexed.Count || t < tail.Length);)
        {
            var order = i == indexed.Count ? 1 : t == tail.Length ? -1 : Compare(indexed[i], tail[t]);
            if (order > 0) Read(tail[t].Row);
            else rows.Add(indexed[i]);
            if (order <= 0) i++;
            if (order >= 0) t++;
        }

        return rows;

        void Read(long row)
        {
            statement.Bind(1, row);
            if (statement.Next()) rows.Add(fixes.Read(statement));
            statement.Reset();
        }
    }

    private static int Compare(Fix indexed, TailRow unindexed)
    {
        var order = indexed.FixedAt.ToUnixMicroseconds().CompareTo(unindexed.FixedAt);
        return order == 0 ? indexed.Digest.CompareTo(unindexed.Digest) : order;
    }
}
