using SQLitePCL;

namespace FleetTracker.Storage;

/// <summary>
/// Writes the boxes of area search with the keys: rows come in the order of their keys, and what follows each other of one vehicle makes a box. A row is in
/// one box, and a box is of one generation of keys. See ADR 23.
/// </summary>
internal sealed class SqliteBoxWriter(sqlite3 database) : IDisposable
{
    /// <summary>Rows in a box: more are fewer boxes, and more rows to look at for each that an area touches.</summary>
    public const int MostRows = 256;

    private readonly SqliteStatement _insert = new(
        database,
        """
        INSERT INTO position_boxes (min_lat, max_lat, min_lon, max_lon, min_time, max_time, vehicle, first_at, last_at, last_row, rows)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """);

    private long _vehicle;
    private long _firstAt;
    private long _lastAt;
    private long _lastRow;
    private long _rows;
    private double _south;
    private double _north;
    private double _west;
    private double _east;

    public void Add(RowKey key, long row, double latitude, double longitude)
    {
        if (_rows == MostRows || (_rows > 0 && key.Vehicle != _vehicle)) End();
        if (_rows++ == 0)
        {
            (_vehicle, _firstAt, _lastRow) = (key.Vehicle, key.FixedAt, 0);
            (_south, _north, _west, _east) = (latitude, latitude, longitude, longitude);
        }

        _lastAt = key.FixedAt;
        _lastRow = Math.Max(_lastRow, row);
        (_south, _north) = (Math.Min(_south, latitude), Math.Max(_north, latitude));
        (_west, _east) = (Math.Min(_west, longitude), Math.Max(_east, longitude));
    }

    /// <summary>Writes the box that is open.</summary>
    public void End()
    {
        if (_rows == 0) return;
        _insert
            .Bind(1, (double?)_south)
            .Bind(2, (double?)_north)
            .Bind(3, (double?)_west)
            .Bind(4, (double?)_east)
            .Bind(5, (double?)SqliteBoxes.Hours(_firstAt))
            .Bind(6, (double?)SqliteBoxes.Hours(_lastAt))
            .Bind(7, _vehicle)
            .Bind(8, _firstAt)
            .Bind(9, _lastAt)
            .Bind(10, _lastRow)
            .Bind(11, _rows)
            .Run();
        _rows = 0;
    }

    /// <summary>Drops the box that is open, with the transaction that failed.</summary>
    public void Clear() => _rows = 0;

    public void Dispose() => _insert.Dispose();
}
