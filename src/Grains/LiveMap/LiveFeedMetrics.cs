using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace FleetTracker.LiveMap;

/// <summary>What the silo's feed does.</summary>
internal sealed class LiveFeedMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _upserts;
    private readonly Counter<long> _sends;
    private readonly Counter<long> _failures;

    public LiveFeedMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("FleetTracker.LiveFeed");
        _upserts = _meter.CreateCounter<long>("fleettracker.livefeed.upserts", "{vehicle}", "Vehicle states sent to API hosts.");
        _sends = _meter.CreateCounter<long>("fleettracker.livefeed.sends", "{send}", "Sends to API hosts, heartbeats included.");
        _failures = _meter.CreateCounter<long>("fleettracker.livefeed.failures", "{send}", "Sends that failed, by error type.");
    }

    public void Observe(Func<int> hosts, Func<int> vehicles)
    {
        _meter.CreateObservableGauge("fleettracker.livefeed.hosts", hosts, "{host}", "API hosts that this silo feeds.");
        _meter.CreateObservableGauge("fleettracker.livefeed.vehicles", vehicles, "{vehicle}", "Vehicles whose newest state this silo holds.");
    }

    public void Sent(ImmutableArray<LaneDelta> deltas)
    {
        _sends.Add(1);
        var upserts = 0;
        foreach (var delta in deltas) upserts += delta.Upserts.Length;
        if (upserts > 0) _upserts.Add(upserts);
    }

    public void SendFailed(Exception error) => _failures.Add(1, new KeyValuePair<string, object?>("error.type", error.GetType().Name));
}
