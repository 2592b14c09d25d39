namespace FleetTracker.Simulation;

/// <summary>The connections of a fleet: a few for a gateway, one per device with an enrollment key. A device always uses the same one.</summary>
internal sealed class PublisherPool(MqttTarget target, string clientPrefix, TimeProvider clock) : IAsyncDisposable
{
    private const int GatewayWindow = 200;
    private const int DeviceWindow = 16;

    private readonly Dictionary<string, MqttPublisher> _byDevice = new(StringComparer.Ordinal);
    // Replaced, never changed, so that a progress report may read it meanwhile.
    private MqttPublisher[] _all = [];

    public int Connections => _all.Length;

    public long Acknowledged => _all.Sum(p => p.Acknowledged);

    public long Resent => _all.Sum(p => p.Resent);

    public ValueTask PublishAsync(TraceElement element, Action? onAcknowledged, CancellationToken cancellationToken) =>
        PublisherOf(element.DeviceId).PublishAsync(element.Topic, element.Payload, onAcknowledged, cancellationToken);

    public Task DrainAsync(CancellationToken cancellationToken) => Task.WhenAll(_all.Select(p => p.DrainAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        foreach (var publisher in _all) await publisher.DisposeAsync();
    }

    private MqttPublisher PublisherOf(string deviceId)
    {
        if (_byDevice.TryGetValue(deviceId, out var publisher)) return publisher;

        if (target.EnrollmentKey is { } key) publisher = Open(deviceId, new MqttCredentials(deviceId, key), DeviceWindow);
        else if (_all.Length < target.GatewayConnections) publisher = Open($"{_all.Length}", target.Gateway, GatewayWindow);
        else publisher = _all[_byDevice.Count % _all.Length];

        _byDevice.Add(deviceId, publisher);
        return publisher;
    }

    private MqttPublisher Open(string name, MqttCredentials credentials, int window)
    {
        var publisher = new MqttPublisher($"{clientPrefix}-{name}", target, credentials, target.Window ?? window, clock);
        _all = [.. _all, publisher];
        return publisher;
    }
}
