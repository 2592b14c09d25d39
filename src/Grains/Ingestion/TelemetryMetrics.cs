using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FleetTracker.Ingestion;

/// <summary>What the writer and the lanes of a silo do.</summary>
internal sealed class TelemetryMetrics
{
    public const string Name = "FleetTracker.Telemetry";

    /// <summary>Spans of the silo's part of a fix's way.</summary>
    public static readonly ActivitySource Source = new(Name);

    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<int> _commitRows;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _lanesLost;
    private readonly Counter<long> _lanesStarted;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _outcomes;
    private readonly Histogram<double> _catchUps;

    public TelemetryMetrics(IMeterFactory meters, TelemetryWriterState writer)
    {
        var meter = meters.Create(Name);
        _commitDuration = meter.CreateHistogram<double>("fleettracker.telemetry.commit.duration", "s", "Round trip of a commit that succeeded.",
            advice: new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] });
        _commitRows = meter.CreateHistogram<int>("fleettracker.telemetry.commit.rows", "{row}", "Rows per commit.",
            advice: new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096] });
        _rows = meter.CreateCounter<long>("fleettracker.telemetry.rows", "{row}", "Rows committed, by fate: new, known, refused.");
        _failures = meter.CreateCounter<long>("fleettracker.telemetry.commit.failures", "{commit}", "Commits that failed and were sent again, by error type.");
        _lanesStarted = meter.CreateCounter<long>("fleettracker.telemetry.lanes.started", "{lane}", "Lanes started on this silo.");
        _lanesLost = meter.CreateCounter<long>("fleettracker.telemetry.lanes.lost", "{lane}", "Lanes that another owner took over.");
        _ignored = meter.CreateCounter<long>("fleettracker.telemetry.batches.ignored", "{batch}", "Batches not taken, by reason: held, reported, full.");
        _outcomes = meter.CreateCounter<long>("fleettracker.telemetry.outcomes", "{outcome}", "Revisions of events, trips, stops and visits, by fate: written, dropped.");
        _catchUps = meter.CreateHistogram<double>("fleettracker.telemetry.catchup.duration", "s", "Time to make a vehicle equal to what is stored.",
            advice: new() { HistogramBucketBoundaries = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10] });
        meter.CreateObservableGauge("fleettracker.telemetry.vehicles.behind", () => writer.Behind, "{vehicle}", "Vehicles whose events wait until they have caught up.");
        meter.CreateObservableGauge("fleettracker.telemetry.queued.rows", () => writer.QueuedRows, "{row}", "Rows waiting for a commit on this silo.");
        meter.CreateObservableGauge("fleettracker.telemetry.lanes", () => writer.Lanes, "{lane}", "Lanes that this silo owns.");
        meter.CreateObservableGauge("fleettracker.telemetry.holding", () => writer.IsHolding ? 1 : 0, "1", "1 while acknowledgements are held.");
    }

    public void Committed(TimeSpan duration, int rows)
    {
        _commitDuration.Record(duration.TotalSeconds);
        _commitRows.Record(rows);
    }

    public void Rows(int fresh, int known, int refused)
    {
        if (fresh > 0) _rows.Add(fresh, new KeyValuePair<string, object?>("fate", "new"));
        if (known > 0) _rows.Add(known, new KeyValuePair<string, object?>("fate", "known"));
        if (refused > 0) _rows.Add(refused, new KeyValuePair<string, object?>("fate", "refused"));
    }

    public void Failed(Exception error) => _failures.Add(1, new KeyValuePair<string, object?>("error.type", error.GetType().Name));

    public void LaneStarted() => _lanesStarted.Add(1);

    public void LaneLost() => _lanesLost.Add(1);

    public void BatchIgnored(string reason) => _ignored.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void OutcomesDropped(int count) => _outcomes.Add(count, new KeyValuePair<string, object?>("fate", "dropped"));

    public void OutcomesWritten(int count) => _outcomes.Add(count, new KeyValuePair<string, object?>("fate", "written"));

    public void CaughtUp(TimeSpan duration) => _catchUps.Record(duration.TotalSeconds);
}
