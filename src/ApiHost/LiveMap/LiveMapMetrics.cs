using System.Diagnostics.Metrics;

namespace FleetTracker.LiveMap;

/// <summary>How many watch, what they are sent, and how old it is by then.</summary>
internal sealed class LiveMapMetrics
{
    public const string MeterName = "FleetTracker.LiveMap";

    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _sends;
    private readonly Counter<long> _conflated;
    private readonly UpDownCounter<long> _vehicles;
    private readonly Counter<long> _resyncs;
    private readonly Histogram<double> _age;

    public LiveMapMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _connections = meter.CreateUpDownCounter<long>("fleettracker.livemap.connections", "{connection}", "Live connections.");
        _sends = meter.CreateCounter<long>("fleettracker.livemap.sends", "{message}", "Messages to live clients, by kind.");
        _conflated = meter.CreateCounter<long>(
            "fleettracker.livemap.conflated", "{update}", "Updates that a newer one of the same vehicle replaced before they were sent.");
        _vehicles = meter.CreateUpDownCounter<long>("fleettracker.livemap.replica.vehicles", "{vehicle}", "Vehicles in the replicas of this host.");
        _resyncs = meter.CreateCounter<long>("fleettracker.livemap.lane.resyncs", "{snapshot}", "Snapshots of lanes that replaced what the replica had, by reason.");
        _age = meter.CreateHistogram<double>(
            "fleettracker.livemap.send.age", "s", "From a fix's arrival at the bridge to its send to a live client.",
            advice: new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60] });
    }

    public void Connected(int change) => _connections.Add(change);

    public void Sent(string kind) => _sends.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Conflated() => _conflated.Add(1);

    public void Vehicles(int change) => _vehicles.Add(change);

    public void Resynced(string reason) => _resyncs.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Aged(TimeSpan age) => _age.Record(age.TotalSeconds);
}
