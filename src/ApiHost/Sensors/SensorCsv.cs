using System.Buffers;
using FleetTracker.Exports;
using FleetTracker.Ingestion;

namespace FleetTracker.Sensors;

/// <summary>Samples of one sensor; rows without a value are no rows of the table.</summary>
internal sealed class SensorCsv(CompiledSensor sensor) : IExportFormat<Fix>
{
    private CsvWriter? _csv;

    public string ContentType => "text/csv; charset=utf-8; header=present";

    public string Extension => "csv";

    private CsvWriter Csv => _csv ?? throw new InvalidOperationException("not begun");

    public void Begin(IBufferWriter<byte> output)
    {
        _csv = new CsvWriter(output);
        _csv.Header("vehicleId", "sensorId", "fixedAt", "raw", "value", "unit");
    }

    public void Write(Fix item)
    {
        if (!sensor.TryRead(item, out var raw, out var value)) return;
        Csv.Text(item.VehicleId);
        Csv.Text(sensor.Definition.Id);
        Csv.Instant(item.FixedAt);
        Csv.Number(raw);
        Csv.Number(value);
        Csv.Text(sensor.Definition.Unit);
        Csv.EndRow();
    }

    public void End()
    {
        // A table has no end.
    }

    public void Flush()
    {
        // Nothing is held back.
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
