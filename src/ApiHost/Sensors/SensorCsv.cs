using FleetTracker.Exports;
using FleetTracker.Ingestion;

namespace FleetTracker.Sensors;

/// <summary>Samples of one sensor; fixes without a value are no rows of the table.</summary>
internal sealed class SensorCsv(CompiledSensor sensor) : CsvFormat<Fix>("vehicleId", "sensorId", "fixedAt", "raw", "value", "unit")
{
    protected override void Write(CsvWriter csv, Fix item)
    {
        if (!sensor.TryRead(item, out var raw, out var value)) return;
        csv.Text(item.VehicleId);
        csv.Text(sensor.Definition.Id);
        csv.Instant(item.FixedAt);
        csv.Number(raw);
        csv.Number(value);
        csv.Text(sensor.Definition.Unit);
    }
}
