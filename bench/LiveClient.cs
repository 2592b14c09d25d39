using System.Globalization;
using HdrHistogram;
using MessagePack;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace FleetTracker.Bench;

/// <summary>What the hub sends, as far as latency needs it.</summary>
[MessagePackObject]
public sealed class LiveVehicleMessage
{
    [Key("fixedAt")] public string FixedAt { get; set; } = "";
}

[MessagePackObject]
public sealed class LiveSnapshotMessage
{
    [Key("version")] public long Version { get; set; }

    [Key("vehicles")] public IReadOnlyList<LiveVehicleMessage> Vehicles { get; set; } = [];

    [Key("total")] public int Total { get; set; }
}

[MessagePackObject]
public sealed class LiveDeltaMessage
{
    [Key("since")] public long Since { get; set; }

    [Key("version")] public long Version { get; set; }

    [Key("upserts")] public IReadOnlyList<LiveVehicleMessage> Upserts { get; set; } = [];
}

/// <summary>The viewport to show.</summary>
[MessagePackObject]
public sealed record LiveViewport(
    [property: Key("west")] double West, [property: Key("south")] double South,
    [property: Key("east")] double East, [property: Key("north")] double North, [property: Key("zoom")] double Zoom);

/// <summary>A dispatcher's map without a map: watches a viewport and measures how old each vehicle's position is when it arrives.</summary>
internal sealed class LiveClient : IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly TimeProvider _clock;
    private readonly LongHistogram _age = new(1, 60_000_000, 3);
    private readonly Lock _lock = new();
    private LiveViewport? _viewport;
    private long _version = -1;
    private bool _measuring;

    private LiveClient(HubConnection hub, TimeProvider clock) => (_hub, _clock) = (hub, clock);

    public int VehiclesInView { get; private set; }

    /// <summary>Deltas that did not follow what the client had, each answered by a new snapshot.</summary>
    public int Gaps { get; private set; }

    public static async Task<LiveClient> ConnectAsync(Uri server, string token, LiveViewport viewport, TimeProvider clock, CancellationToken cancellationToken)
    {
        var hub = new HubConnectionBuilder()
            .WithUrl(new Uri(server, "hubs/live"), options => options.AccessTokenProvider = () => Task.FromResult<string?>(token))
            .AddMessagePackProtocol()
            .Build();
        var client = new LiveClient(hub, clock) { _viewport = viewport };
        hub.On<LiveSnapshotMessage>("Snapshot", client.Take);
        hub.On<LiveDeltaMessage>("Delta", client.TakeAsync);
        await hub.StartAsync(cancellationToken);
        await hub.InvokeAsync("Watch", viewport, cancellationToken);
        return client;
    }

    /// <summary>Forgets everything before.</summary>
    public void StartMeasuring()
    {
        lock (_lock)
        {
            _age.Reset();
            _measuring = true;
        }
    }

    public (long Updates, double P50Ms, double P99Ms, double MaxMs) Stop()
    {
        lock (_lock)
        {
            _measuring = false;
            return _age.TotalCount == 0
                ? (0, 0, 0, 0)
                : (_age.TotalCount, _age.GetValueAtPercentile(50) / 1e3, _age.GetValueAtPercentile(99) / 1e3, _age.GetValueAtPercentile(100) / 1e3);
        }
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    private void Take(LiveSnapshotMessage snapshot)
    {
        lock (_lock) (_version, VehiclesInView) = (snapshot.Version, snapshot.Total);
    }

    private async Task TakeAsync(LiveDeltaMessage delta)
    {
        lock (_lock)
        {
            if (delta.Since == _version)
            {
                _version = delta.Version;
                if (_measuring) Measure(delta.Upserts);
                return;
            }

            Gaps++;
        }

        await _hub.SendAsync("Watch", _viewport);
    }

    private void Measure(IReadOnlyList<LiveVehicleMessage> upserts)
    {
        var now = _clock.GetUtcNow();
        foreach (var vehicle in upserts)
        {
            var age = now - DateTimeOffset.Parse(vehicle.FixedAt, CultureInfo.InvariantCulture);
            _age.RecordValue(Math.Clamp((long)age.TotalMicroseconds, 1, 60_000_000));
        }
    }
}
