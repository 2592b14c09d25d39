using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>A row without a key, of a vehicle that whoever holds it knows.</summary>
internal readonly record struct TailRow(long FixedAt, long Digest, long Row, bool IsPlace)
{
    public static int Compare(TailRow left, TailRow right)
    {
        var order = left.FixedAt.CompareTo(right.FixedAt);
        return order == 0 ? left.Digest.CompareTo(right.Digest) : order;
    }
}

/// <summary>
/// What readers know of the newest rows, whose keys are not in the table of keys yet: by vehicle, in order. Each read looks at the rows that came
/// since the one before instead of at all of them. It mirrors the file, is filled from there by whoever reads, and needs nothing of the writer.
/// </summary>
internal sealed class UnindexedTail
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, Vehicle> _vehicles = [];
    private long _indexed;
    private long _seen;

    /// <summary>
    /// The vehicle's first rows within a range of keys, in order. This must be the first read of the connection's transaction: then it takes its view of the
    /// file in here, one after another, and no view is older than what is remembered.
    /// </summary>
    public TailRow[] Read(SqliteConnection view, long vehicle, (long FixedAt, long Digest) after, long before, bool placesOnly, int limit)
    {
        lock (_gate)
        {
            var indexed = view.Scalar("SELECT row FROM positions_indexed") ?? 0;
            if (indexed > _indexed) Drop(indexed);
            Load(view);
            return _vehicles.TryGetValue(vehicle, out var known) ? known.Within(after, before, placesOnly, limit) : [];
        }
    }

    /// <summary>Forgets the rows that have their keys now.</summary>
    private void Drop(long indexed)
    {
        _indexed = indexed;
        _seen = Math.Max(_seen, indexed);
        foreach (var (vehicle, known) in _vehicles)
        {
            if (known.Drop(indexed)) _vehicles.Remove(vehicle);
        }
    }

    private void Load(SqliteConnection view)
    {
        using var statement = new SqliteStatement(view.Handle!, "SELECT row, vehicle, fixed_at, digest, verdict NOT IN (1, 2) FROM positions WHERE row > ?1");
        statement.Bind(1, Math.Max(_seen, _indexed));
        while (statement.Next())
        {
            _seen = statement.Long(0);
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_vehicles, statement.Long(1), out _);
            (known ??= new Vehicle()).Add(new TailRow(statement.Long(2), statement.Long(3), _seen, statement.Long(4) != 0));
        }
    }

    private sealed class Vehicle
    {
        private readonly List<TailRow> _rows = [];
        private bool _isSorted = true;

        public void Add(TailRow row)
        {
            _isSorted = _isSorted && (_rows.Count == 0 || TailRow.Compare(_rows[^1], row) < 0);
            _rows.Add(row);
        }

        /// <summary>True when nothing is left.</summary>
        public bool Drop(long indexed)
        {
            _rows.RemoveAll(row => row.Row <= indexed);
            return _rows.Count == 0;
        }

        public TailRow[] Within((long FixedAt, long Digest) after, long before, bool placesOnly, int limit)
        {
            if (!_isSorted) _rows.Sort(TailRow.Compare);
            _isSorted = true;
            var last = FirstAfter(before - 1, long.MaxValue);
            var found = new List<TailRow>();
            for (var i = FirstAfter(after.FixedAt, after.Digest); i < last && found.Count < limit; i++)
            {
                if (!placesOnly || _rows[i].IsPlace) found.Add(_rows[i]);
            }

            return [.. found];
        }

        private int FirstAfter(long fixedAt, long digest)
        {
            var (low, high) = (0, _rows.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if ((_rows[middle].FixedAt, _rows[middle].Digest).CompareTo((fixedAt, digest)) <= 0) low = middle + 1;
                else high = middle;
            }

            return low;
        }
    }
}
