using FleetTracker.Exports;

namespace FleetTracker.Outcomes;

internal sealed class EventCsv() : CsvFormat<Outcome>("id", "vehicleId", "kind", "subject", "at", "recordedAt", "revision", "state", "evidence")
{
    protected override void Write(CsvWriter csv, Outcome item)
    {
        csv.Text(item.Id.ToString());
        csv.Text(item.VehicleId);
        csv.Text(item.Kind);
        csv.Text(item.Subject);
        csv.Instant(item.At.FixedAt);
        csv.Instant(item.RecordedAt);
        csv.Number(item.Revision);
        csv.Text(OutcomeView.WordOf(item.State));
        csv.Text(item.Evidence);
    }
}

/// <summary>Trips; distances in meters, times in seconds, speeds in m/s.</summary>
internal sealed class TripCsv() : CsvFormat<Outcome>(
    "id", "vehicleId", "state", "revision", "startedAt", "endedAt", "startLat", "startLon", "endLat", "endLon", "distance", "duration", "maxSpeed", "averageSpeed",
    "idleTime")
{
    protected override void Write(CsvWriter csv, Outcome item)
    {
        var trip = TripView.Of(item);
        csv.Text(trip.Id.ToString());
        csv.Text(trip.VehicleId);
        csv.Text(trip.State);
        csv.Number(trip.Revision);
        csv.Instant(trip.StartedAt);
        csv.Instant(trip.EndedAt);
        csv.Number(trip.Start?.Lat);
        csv.Number(trip.Start?.Lon);
        csv.Number(trip.End?.Lat);
        csv.Number(trip.End?.Lon);
        csv.Number(trip.Distance);
        csv.Number(trip.Duration);
        csv.Number(trip.MaxSpeed);
        csv.Number(trip.AverageSpeed);
        csv.Number(trip.IdleTime);
    }
}

/// <summary>Stops; times in seconds.</summary>
internal sealed class StopCsv() : CsvFormat<Outcome>("id", "vehicleId", "state", "revision", "startedAt", "endedAt", "lat", "lon", "duration", "idleTime")
{
    protected override void Write(CsvWriter csv, Outcome item)
    {
        var stop = StopView.Of(item);
        csv.Text(stop.Id.ToString());
        csv.Text(stop.VehicleId);
        csv.Text(stop.State);
        csv.Number(stop.Revision);
        csv.Instant(stop.StartedAt);
        csv.Instant(stop.EndedAt);
        csv.Number(stop.Lat);
        csv.Number(stop.Lon);
        csv.Number(stop.Duration);
        csv.Number(stop.IdleTime);
    }
}

/// <summary>Visits of geofences; times in seconds.</summary>
internal sealed class VisitCsv() : CsvFormat<Outcome>("id", "vehicleId", "geofenceId", "state", "revision", "startedAt", "endedAt", "duration")
{
    protected override void Write(CsvWriter csv, Outcome item)
    {
        var visit = VisitView.Of(item);
        csv.Text(visit.Id.ToString());
        csv.Text(visit.VehicleId);
        csv.Text(visit.GeofenceId);
        csv.Text(visit.State);
        csv.Number(visit.Revision);
        csv.Instant(visit.StartedAt);
        csv.Instant(visit.EndedAt);
        csv.Number(visit.Duration);
    }
}
