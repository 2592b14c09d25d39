using FleetTracker.LiveMap;
using FleetTracker.Storage;

namespace FleetTracker.Health;

internal sealed class IdentityDatabaseCheck(IIdentityStore store) : IReadinessCheck
{
    public string Name => "identity-database";

    public async ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
    {
        await store.PingAsync(cancellationToken);
        return ReadinessResult.Ok();
    }
}

internal sealed class FleetDatabaseCheck(IFleetStore store) : IReadinessCheck
{
    public string Name => "fleet-database";

    public async ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
    {
        await store.PingAsync(cancellationToken);
        return ReadinessResult.Ok();
    }
}

internal sealed class TelemetryDatabaseCheck(ITelemetryStore store) : IReadinessCheck
{
    public string Name => "telemetry-database";

    public async ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
    {
        await store.PingAsync(cancellationToken);
        return ReadinessResult.Ok();
    }
}

/// <summary>A stalled feed is told to every user of the map; taking the host away as well would hide even that, so it only degrades.</summary>
internal sealed class LiveFeedCheck(LiveFeed feed) : IReadinessCheck
{
    public string Name => "live-feed";

    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        feed.Freshness.StalledBecause is { } reason ? ReadinessResult.Degraded(reason)
        : ReadinessResult.Ok());
}
