using FleetTracker.Outcomes;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>
/// Reads ranges of the indexes of outcomes one after another and keeps the first of all. Each range comes in order, so no more than the limit is
/// read of any, and what was found narrows those that follow.
/// </summary>
/// <param name="scope"><c>vehicle</c> or <c>tenant</c>.</param>
/// <param name="filter">Further conditions on <c>o</c>, each beginning with AND.</param>
internal sealed class SqliteOutcomeScanner(SqliteConnection connection, string scope, string filter, bool descending, int limit) : IDisposable
{
    private readonly List<Outcome> _found = [];
    private readonly SqliteCommand _every = Prepare(connection, scope, $"outcomes_of_{scope}", "", filter, descending);
    private readonly SqliteCommand _lasting = Prepare(
        connection, scope, $"lasting_outcomes_of_{scope}", "AND o.reach = $reach AND o.reach > 0", filter, descending);

    public SqliteOutcomeScanner With(string name, object value)
    {
        _every.Parameters.AddWithValue(name, value);
        _lasting.Parameters.AddWithValue(name, value);
        return this;
    }

    public void Read(object scopeKey, IEnumerable<OutcomeScan> scans)
    {
        foreach (var scan in scans)
        {
            var left = Narrow(scan);
            if (left.IsEmpty) continue;
            Read(scopeKey, left);
            _found.Sort(Compare);
            if (_found.Count > limit) _found.RemoveRange(limit, _found.Count - limit);
        }
    }

    /// <summary>In order.</summary>
    public List<Outcome> Found() => _found;

    public void Dispose()
    {
        _every.Dispose();
        _lasting.Dispose();
    }

    private OutcomeScan Narrow(OutcomeScan scan)
    {
        if (_found.Count < limit || limit <= 0) return scan;
        var last = OutcomePlace.Of(_found[^1]);
        return descending
            ? scan with { After = OutcomePlace.Later(scan.After, last) }
            : scan with { Before = OutcomePlace.Earlier(scan.Before, last) };
    }

    private void Read(object scopeKey, OutcomeScan scan)
    {
        var command = scan.Reach is null ? _every : _lasting;
        Set(command, "$scope", scopeKey);
        Set(command, "$type", (long)scan.Type);
        if (scan.Reach is { } reach) Set(command, "$reach", (long)reach);
        Set(command, "$after", scan.After);
        Set(command, "$before", scan.Before);
        Set(command, "$limit", limit);
        using var rows = command.ExecuteReader();
        while (rows.Read()) _found.Add(SqliteOutcomeRows.Read(rows));
    }

    private int Compare(Outcome left, Outcome right)
    {
        var order = OutcomePlace.Compare(OutcomePlace.Of(left), OutcomePlace.Of(right));
        return descending ? -order : order;
    }

    private static SqliteCommand Prepare(SqliteConnection connection, string scope, string index, string reach, string filter, bool descending)
    {
        var direction = descending ? "DESC" : "ASC";
        return connection.Command(
            $"""
            {SqliteOutcomeRows.SelectBy(index)}
            WHERE o.{scope} = $scope {reach} AND o.type = $type
              AND (o.fixed_at, o.digest, o.id) > ($after_at, $after_digest, $after_id) AND (o.fixed_at, o.digest, o.id) < ($before_at, $before_digest, $before_id)
              {filter}
            ORDER BY o.fixed_at {direction}, o.digest {direction}, o.id {direction} LIMIT $limit
            """);
    }

    private static void Set(SqliteCommand command, string name, OutcomePlace place)
    {
        Set(command, name + "_at", place.FixedAt);
        Set(command, name + "_digest", place.Digest);
        Set(command, name + "_id", place.Id.ToByteArray(bigEndian: true));
    }

    private static void Set(SqliteCommand command, string name, object value)
    {
        var place = command.Parameters.IndexOf(name);
        if (place < 0) command.Parameters.AddWithValue(name, value);
        else command.Parameters[place].Value = value;
    }
}
