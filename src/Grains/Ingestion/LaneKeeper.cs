using FleetTracker.Placement;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>
/// Starts the lanes that this silo should own, traffic or not, so that a lane whose silo died is back within seconds and the map does not wait
/// for the first fix. A lane that still lives on another silo moves here.
/// </summary>
internal sealed partial class LaneKeeper(
    IGrainFactory grains,
    LaneSilos silos,
    LaneMap map,
    ILocalSiloDetails local,
    IHostApplicationLifetime lifetime,
    IOptions<LaneOptions> options,
    TimeProvider time,
    ILogger<LaneKeeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A silo that shuts down must not call its lanes back.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(options.Value.KeeperPeriod, time);
        try
        {
            do await KeepAsync(stop.Token);
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        var active = silos.Active();
        if (!active.Contains(local.SiloAddress)) return;

        var lanes = map.LanesOf(local.SiloAddress, active);
        await Parallel.ForEachAsync(lanes, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (lane, token) =>
        {
            try
            {
                await grains.GetGrain<ILaneGrain>(lane).EnsureStartedAsync(local.SiloAddress).AsTask().WaitAsync(token);
            }
            catch (Exception error) when (!token.IsCancellationRequested)
            {
                LogNotStarted(error, lane);
            }
        });
    }

    [LoggerMessage(2760, LogLevel.Information, "Lane {Lane} is not started here yet; it is tried again")]
    private partial void LogNotStarted(Exception error, int lane);
}
