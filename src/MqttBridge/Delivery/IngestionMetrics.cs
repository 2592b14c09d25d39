using System.Diagnostics.Metrics;

namespace FleetTracker.Ingestion;

/// <summary>What a bridge counts. No device, vehicle or user is an attribute.</summary>
public sealed class IngestionMetrics
{
    public const string MeterName = "FleetTracker.Ingestion";

    private readonly Counter<long> _fixes;
    private readonly Counter<long> _ignored;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _refusedConnections;
    private readonly Counter<long> _closedConnections;
    private readonly Counter<long> _windowWaits;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _republished;
    private readonly Counter<long> _quarantineDropped;
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _held;
    private long _directoryHits;
    private long _directoryMisses;
    private Func<int>? _inFlight;

    public IngestionMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _fixes = meter.CreateCounter<long>("fleettracker.ingestion.fixes", "{fix}", "Fixes by what became of them, counted when the acknowledgement is released.");
        _ignored = meter.CreateCounter<long>("fleettracker.ingestion.ignored", "{message}", "Messages that were understood and hold no fix, by type.");
        _connections = meter.CreateUpDownCounter<long>("fleettracker.ingestion.connections", "{connection}", "Accepted MQTT connections.");
        _refusedConnections = meter.CreateCounter<long>("fleettracker.ingestion.connections.refused", "{connection}", "MQTT connections refused, by reason.");
        _closedConnections = meter.CreateCounter<long>("fleettracker.ingestion.connections.closed", "{connection}", "MQTT connections that we closed for what they sent, by reason.");
        _windowWaits = meter.CreateCounter<long>("fleettracker.ingestion.window.waits", "{wait}", "Times that reading paused, by what was full.");
        _batches = meter.CreateCounter<long>("fleettracker.ingestion.batches", "{batch}", "Batches published for the first time.");
        _republished = meter.CreateCounter<long>("fleettracker.ingestion.batches.republished", "{batch}", "Batches published again because no report came.");
        _quarantineDropped = meter.CreateCounter<long>("fleettracker.ingestion.quarantine.dropped", "{message}", "Refused messages not kept because their device sent too many.");
        _retries = meter.CreateCounter<long>("fleettracker.ingestion.registry.retries", "{call}", "Calls to the registry that failed and were made again, by call.");
        _held = meter.CreateHistogram("fleettracker.ingestion.batch.duration", "s", "Batch formed to commit reported.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 3, 10, 30] });
        meter.CreateObservableUpDownCounter("fleettracker.ingestion.in_flight", () => (long)(_inFlight?.Invoke() ?? 0), "{fix}", "Unacknowledged fixes.");
        meter.CreateObservableCounter("fleettracker.ingestion.directory.lookups", Lookups, "{lookup}", "Look-ups of a device, by whether memory knew it.");
    }

    internal void Watch(IngestWindow window) => _inFlight = () => window.Count;

    internal void Counted(string outcome, string reason, int fixes = 1) =>
        _fixes.Add(fixes, new KeyValuePair<string, object?>("outcome", outcome), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>An element that got no row.</summary>
    internal void Refused(string reason) => Counted(reason == Refusals.UnknownDevice ? "unknown_device" : "rejected", reason);

    internal void Ignored(string type) => _ignored.Add(1, new KeyValuePair<string, object?>("type", type));

    internal void ConnectionOpened() => _connections.Add(1);

    internal void ConnectionClosed() => _connections.Add(-1);

    internal void ConnectionRefused(string reason) => _refusedConnections.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void ConnectionBroken(string reason) => _closedConnections.Add(1, new KeyValuePair<string, object?>("reason", reason));

    internal void WaitedForWindow(string scope) => _windowWaits.Add(1, new KeyValuePair<string, object?>("scope", scope));

    internal void Published() => _batches.Add(1);

    internal void Republished() => _republished.Add(1);

    internal void Reported(TimeSpan duration) => _held.Record(duration.TotalSeconds);

    internal void QuarantineDropped() => _quarantineDropped.Add(1);

    internal void RegistryRetried(string call) => _retries.Add(1, new KeyValuePair<string, object?>("call", call));

    internal void DirectoryHit() => Interlocked.Increment(ref _directoryHits);

    internal void DirectoryMissed() => Interlocked.Increment(ref _directoryMisses);

    private IEnumerable<Measurement<long>> Lookups() =>
    [
        new(Volatile.Read(ref _directoryHits), new KeyValuePair<string, object?>("result", "hit")),
        new(Volatile.Read(ref _directoryMisses), new KeyValuePair<string, object?>("result", "miss")),
    ];
}

/// <summary>The outcomes of one batch, added up before they are counted.</summary>
internal ref struct OutcomeTally
{
    private int _accepted;
    private int _late;
    private int _duplicate;
    private int _noPosition;
    private int _nullIsland;
    private int _beyondWindow;
    private int _refused;

    public void Add(FixOutcome outcome, FixVerdict verdict)
    {
        switch (outcome)
        {
            case FixOutcome.Accepted:
                _accepted++;
                break;
            case FixOutcome.Late:
                _late++;
                break;
            case FixOutcome.Duplicate:
                _duplicate++;
                break;
            case FixOutcome.Filtered when verdict == FixVerdict.NoPosition:
                _noPosition++;
                break;
            case FixOutcome.Filtered when verdict == FixVerdict.NullIsland:
                _nullIsland++;
                break;
            case FixOutcome.Filtered:
                _beyondWindow++;
                break;
            case FixOutcome.Refused:
            default:
                _refused++;
                break;
        }
    }

    public readonly void Count(IngestionMetrics metrics)
    {
        if (_accepted > 0) metrics.Counted("accepted", "none", _accepted);
        if (_late > 0) metrics.Counted("late", "none", _late);
        if (_duplicate > 0) metrics.Counted("duplicate", "none", _duplicate);
        if (_noPosition > 0) metrics.Counted("rejected", "no_position", _noPosition);
        if (_nullIsland > 0) metrics.Counted("rejected", "null_island", _nullIsland);
        if (_beyondWindow > 0) metrics.Counted("late", "beyond_window", _beyondWindow);
        if (_refused > 0) metrics.Counted("rejected", Refusals.StoreRefused, _refused);
    }
}
