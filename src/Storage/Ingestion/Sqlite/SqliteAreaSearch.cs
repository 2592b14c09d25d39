using System.Runtime.InteropServices;
using FleetTracker.Geodesy;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>
/// One page of an area search. Boxes tell where to look and, when they are wholly inside, need no look; other rows with keys are read where boxes say, and
/// the newest rows, which have no keys yet, are read all.
/// </summary>
internal sealed class SqliteAreaSearch(SqliteDatabase database, AreaQuery query)
{
    /// <summary>Boxes that one page keeps in memory; beyond it the vehicles with the greatest ids are left to the next page.</summary>
    private const int MostBoxes = 200_000;

    private readonly long _from = HistoryBounds.Ceiling(query.From)!.Value;
    private readonly long _before = HistoryBounds.Ceiling(query.To)!.Value;
    private readonly SortedDictionary<string, Candidate> _candidates = new(StringComparer.Ordinal);
    private readonly HashSet<long> _seen = [];
    private int _boxes;
    private string? _until;
    private long _indexed;

    public AreaPage Run(CancellationToken cancellationToken)
    {
        using var connection = database.Open();

        // One view of the file: a row is in the boxes or among the newest.
        using var view = connection.BeginTransaction(deferred: true);
        _indexed = connection.Scalar("SELECT row FROM positions_indexed") ?? 0;
        if (_from < _before)
        {
            foreach (var (west, east) in Longitudes(query.Box)) FindBoxes(connection, west, east);
            ReadNewest(connection);
        }

        return Verify(connection, cancellationToken);
    }

    /// <summary>The ranges of longitude that the box is, with both names of the meridian at the edges of the world.</summary>
    private static IEnumerable<(double West, double East)> Longitudes(GeoBox box)
    {
        if (box.West <= box.East) yield return (box.West, box.East);
        else foreach (var half in new[] { (box.West, 180.0), (-180.0, box.East) }) yield return half;
        if (box.West == -180 || box.East == -180) yield return (180, 180);
        if (box.West == 180 || box.East == 180) yield return (-180, -180);
    }

    private void FindBoxes(SqliteConnection connection, double west, double east)
    {
        using var boxes = new SqliteStatement(
            connection.Handle!,
            """
            SELECT b.box, b.vehicle, b.first_at, b.last_at, b.rows, b.min_lat, b.max_lat, b.min_lon, b.max_lon, v.vehicle_id
            FROM position_boxes b CROSS JOIN lane_vehicles v ON v.number = b.vehicle
            WHERE b.max_lat >= ?1 AND b.min_lat <= ?2 AND b.max_lon >= ?3 AND b.min_lon <= ?4 AND b.max_time >= ?5 AND b.min_time <= ?6
              AND b.last_at >= ?7 AND b.first_at < ?8 AND b.last_row <= ?9 AND v.tenant = ?10 AND v.vehicle_id > ?11
            """);
        boxes.Bind(1, (double?)query.Box.South).Bind(2, (double?)query.Box.North).Bind(3, (double?)west).Bind(4, (double?)east)
            .Bind(5, (double?)SqliteBoxes.Hours(_from)).Bind(6, (double?)SqliteBoxes.Hours(_before)).Bind(7, _from).Bind(8, _before).Bind(9, _indexed)
            .Bind(10, query.Tenant).Bind(11, query.After ?? "");
        while (boxes.Next())
        {
            if (CandidateOf(boxes.Long(1), boxes.Text(9)) is not { } candidate || !_seen.Add(boxes.Long(0))) continue;
            var (firstAt, lastAt) = (boxes.Long(2), boxes.Long(3));
            var box = new GeoBox(boxes.Double(7)!.Value, boxes.Double(5)!.Value, boxes.Double(8)!.Value, boxes.Double(6)!.Value);
            var isInside = firstAt >= _from && lastAt < _before && !boxes.IsNull(4) && query.ContainsAll(box);
            candidate.Boxes.Add(new Box(firstAt, lastAt, isInside ? boxes.Long(4) : null));
            if (++_boxes > MostBoxes) LeaveOutLast();
        }
    }

    private void ReadNewest(SqliteConnection connection)
    {
        using var rows = new SqliteStatement(
            connection.Handle!,
            """
            SELECT p.vehicle, p.fixed_at, p.latitude, p.longitude, v.vehicle_id FROM positions p CROSS JOIN lane_vehicles v ON v.number = p.vehicle
            WHERE p.row > ?1 AND p.fixed_at >= ?2 AND p.fixed_at < ?3 AND p.latitude >= ?4 AND p.latitude <= ?5 AND p.longitude IS NOT NULL
              AND p.verdict NOT IN (1, 2) AND v.tenant = ?6 AND v.vehicle_id > ?7
            """);
        rows.Bind(1, _indexed).Bind(2, _from).Bind(3, _before).Bind(4, (double?)query.Box.South).Bind(5, (double?)query.Box.North).Bind(6, query.Tenant).Bind(7, query.After ?? "");
        while (rows.Next())
        {
            if (query.Contains(rows.Double(2)!.Value, rows.Double(3)!.Value) && CandidateOf(rows.Long(0), rows.Text(4)) is { } candidate)
                candidate.Newest.Add(rows.Long(1));
        }
    }

    private Candidate? CandidateOf(long vehicle, string vehicleId)
    {
        if (_until is not null && string.CompareOrdinal(vehicleId, _until) >= 0) return null;
        if (!_candidates.TryGetValue(vehicleId, out var candidate)) _candidates[vehicleId] = candidate = new Candidate(vehicle);
        return candidate;
    }

    private void LeaveOutLast()
    {
        if (_candidates.Count == 1) return;
        var last = _candidates.Last();
        _candidates.Remove(last.Key);
        _boxes -= last.Value.Boxes.Count;
        _until = last.Key;
    }

    private AreaPage Verify(SqliteConnection connection, CancellationToken cancellationToken)
    {
        using var rows = new SqliteStatement(
            connection.Handle!,
            """
            SELECT k.fixed_at, p.latitude, p.longitude FROM position_keys k CROSS JOIN positions p ON p.row = k.row
            WHERE k.vehicle = ?1 AND k.fixed_at >= ?2 AND k.fixed_at <= ?3 AND k.row <= ?4 AND p.verdict NOT IN (1, 2) AND p.latitude IS NOT NULL AND p.longitude IS NOT NULL
            """);
        var visits = new List<AreaVisit>();
        string? last = null;
        foreach (var (vehicleId, candidate) in _candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (visits.Count == query.Limit) return new AreaPage(visits, last);
            var tally = candidate.Newest;
            foreach (var span in Spans(candidate.Boxes)) Count(rows, candidate.Vehicle, span, ref tally);
            if (tally.Fixes > 0) visits.Add(tally.Of(vehicleId));
            last = vehicleId;
        }

        return new AreaPage(visits, _until is null ? null : last);
    }

    /// <summary>Boxes whose times overlap must be looked at together: a range of keys has the rows of all of them.</summary>
    private static IEnumerable<List<Box>> Spans(List<Box> boxes)
    {
        boxes.Sort(static (left, right) => left.FirstAt.CompareTo(right.FirstAt));
        var span = new List<Box>();
        var end = long.MinValue;
        foreach (var box in boxes)
        {
            if (span.Count > 0 && box.FirstAt > end)
            {
                yield return span;
                span = [];
            }

            span.Add(box);
            end = Math.Max(end, box.LastAt);
        }

        if (span.Count > 0) yield return span;
    }

    private void Count(SqliteStatement rows, long vehicle, List<Box> span, ref AreaTally tally)
    {
        if (span.TrueForAll(box => box.RowsInside is not null))
        {
            foreach (var box in span) tally.Add(box.FirstAt, box.LastAt, box.RowsInside!.Value);
            return;
        }

        rows.Bind(1, vehicle).Bind(2, Math.Max(_from, span[0].FirstAt)).Bind(3, Math.Min(_before - 1, span.Max(box => box.LastAt))).Bind(4, _indexed);
        while (rows.Next())
        {
            if (query.Contains(rows.Double(1)!.Value, rows.Double(2)!.Value)) tally.Add(rows.Long(0));
        }

        rows.Reset();
    }

    /// <param name="RowsInside">How many rows it has when all of them are inside; <c>null</c> when they must be looked at.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Box(long FirstAt, long LastAt, long? RowsInside);

    private sealed class Candidate(long vehicle)
    {
        public AreaTally Newest;

        public long Vehicle => vehicle;

        public List<Box> Boxes { get; } = [];
    }
}
