using System.Diagnostics.Metrics;

namespace FleetTracker.Vehicles;

/// <summary>How a silo keeps up with fences and settings.</summary>
internal sealed class RulesMetrics
{
    private readonly Meter _meter;
    private readonly Histogram<double> _reloads;
    private readonly Counter<long> _failures;

    public RulesMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("FleetTracker.Rules");
        _reloads = _meter.CreateHistogram<double>(
            "fleettracker.rules.reload.duration", "s", "Time to read and compile what has changed of a tenant's fences, sensors and settings.",
            advice: new() { HistogramBucketBoundaries = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30] });
        _failures = _meter.CreateCounter<long>(
            "fleettracker.rules.failures", "{failure}", "What failed: poll and load are tried again; a fence, sensor or settings are left out until they change.");
    }

    public void Observe(Func<int> fences, Func<double> age)
    {
        _meter.CreateObservableGauge("fleettracker.rules.fences", fences, "{fence}", "Fence versions that this silo holds.");
        _meter.CreateObservableGauge("fleettracker.rules.age", age, "s", "Time since the fences and settings were last known to be complete.");
    }

    public void Reloaded(TimeSpan duration) => _reloads.Record(duration.TotalSeconds);

    public void Failed(string what) => _failures.Add(1, new KeyValuePair<string, object?>("what", what));
}
