using System.Buffers;

namespace FleetTracker.Exports;

/// <summary>A table with a header: one row for each item, or none.</summary>
internal abstract class CsvFormat<T>(params string[] columns) : IExportFormat<T>
{
    private CsvWriter? _csv;

    public string ContentType => "text/csv; charset=utf-8; header=present";

    public string Extension => "csv";

    public void Begin(IBufferWriter<byte> output)
    {
        _csv = new CsvWriter(output);
        _csv.Header(columns);
    }

    public void Write(T item)
    {
        Write(_csv ?? throw new InvalidOperationException("not begun"), item);
        if (_csv.IsInRow) _csv.EndRow();
    }

    public void End()
    {
        // A table has no end.
    }

    public void Flush() => _csv?.Flush();

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>As many cells as there are columns, or none when the item is no row of the table.</summary>
    protected abstract void Write(CsvWriter csv, T item);
}
