namespace FleetTracker.Storage;

/// <summary>What makes a row the same row: times in microseconds since 1970.</summary>
internal readonly record struct RowKey(long Vehicle, long FixedAt, long Digest)
{
    public static int Compare(RowKey left, RowKey right)
    {
        var order = left.Vehicle.CompareTo(right.Vehicle);
        if (order == 0) order = left.FixedAt.CompareTo(right.FixedAt);
        return order == 0 ? left.Digest.CompareTo(right.Digest) : order;
    }
}

/// <summary>A row's number and, unless it is no place, where it is in degrees.</summary>
internal readonly record struct RowPlace(long Row, (double Latitude, double Longitude)? Place);

/// <summary>A row and its key.</summary>
internal readonly record struct KeyedRow(RowKey Key, RowPlace Row);

/// <summary>
/// The newest rows, whose keys the table of keys does not have yet. They gather until there are enough that many are of one vehicle; then
/// they are written in order of their keys, a slice with each commit, so that a page of the table is rewritten once for many rows. It
/// mirrors what the database would say and can be read from there at any time. Not safe for two threads at once.
/// </summary>
/// <param name="enough">Rows that gather before the writing of their keys begins; while it goes on, as many may gather again.</param>
internal sealed class UnindexedRows(int enough)
{
    private Dictionary<RowKey, RowPlace> _gathering = [];
    private Dictionary<RowKey, RowPlace> _writing = [];
    private KeyedRow[] _sorted = [];
    private int _written;

    public int Count => _gathering.Count + _sorted.Length - _written;

    /// <summary>Whether keys should be written now.</summary>
    public bool IsDue => _sorted.Length > 0 || _gathering.Count >= enough;

    public void Add(RowKey key, RowPlace row) => _gathering.Add(key, row);

    public bool Contains(RowKey key) => _gathering.ContainsKey(key) || _writing.ContainsKey(key);

    /// <summary>The next keys to write, in order. Empty when there are none at all.</summary>
    public ReadOnlySpan<KeyedRow> Next(int atMost)
    {
        if (_sorted.Length == 0 && _gathering.Count > 0) Turn();
        return _sorted.AsSpan(_written, Math.Min(atMost, _sorted.Length - _written));
    }

    /// <summary>Takes note that the next keys were written. Returns the row up to which all rows have their keys now, when that has moved.</summary>
    public long? Written(int count)
    {
        _written += count;
        if (_written < _sorted.Length || _sorted.Length == 0) return null;

        var last = 0L;
        foreach (var row in _writing.Values) last = Math.Max(last, row.Row);
        _writing.Clear();
        (_sorted, _written) = ([], 0);
        return last;
    }

    public void Clear()
    {
        _gathering.Clear();
        _writing.Clear();
        (_sorted, _written) = ([], 0);
    }

    private void Turn()
    {
        (_gathering, _writing) = (_writing, _gathering);
        _sorted = new KeyedRow[_writing.Count];
        var next = 0;
        foreach (var (key, row) in _writing) _sorted[next++] = new KeyedRow(key, row);
        _sorted.AsSpan().Sort(static (left, right) => RowKey.Compare(left.Key, right.Key));
    }
}
