using FleetTracker.Exports;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>Positions, named as in the native fix.</summary>
internal sealed class PositionCsv() : CsvFormat<Fix>(
    "vehicleId", "fixedAt", "receivedAt", "lat", "lon", "altitude", "speed", "heading", "accuracy", "verdict", "ignition", "odometer", "attributes")
{
    protected override void Write(CsvWriter csv, Fix item)
    {
        csv.Text(item.VehicleId);
        csv.Instant(item.FixedAt);
        csv.Instant(item.ReceivedAt);
        csv.Number(item.Latitude);
        csv.Number(item.Longitude);
        csv.Number(item.AltitudeMeters);
        csv.Number(item.SpeedMetersPerSecond);
        csv.Number(item.HeadingDegrees);
        csv.Number(item.AccuracyMeters);
        csv.Text(PositionView.WordOf(item.Verdict));
        csv.Flag(item.Ignition);
        csv.Number(item.OdometerMeters);
        csv.Text(item.Attributes);
    }
}
