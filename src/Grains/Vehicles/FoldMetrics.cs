using System.Diagnostics.Metrics;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>What went wrong while vehicles folded their rows.</summary>
internal sealed class FoldMetrics
{
    private readonly Counter<long> _failures;

    public FoldMetrics(IMeterFactory meters) => _failures = meters.Create(TelemetryMetrics.Name).CreateCounter<long>(
        "fleettracker.telemetry.fold.failures", "{failure}", "What threw: a vehicle's fold, which is tried again, or one row in it, which is left out.");

    public void VehicleFailed() => _failures.Add(1, new KeyValuePair<string, object?>("what", "vehicle"));

    public void RowFailed() => _failures.Add(1, new KeyValuePair<string, object?>("what", "row"));
}
