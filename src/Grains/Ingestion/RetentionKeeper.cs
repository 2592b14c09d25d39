using FleetTracker.Placement;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>
/// Deletes, once an hour, what is older than the retention, sessions that have expired, and fences that no fix can meet any more. Done by the silo that owns the first lane, so by one
/// process at a time.
/// </summary>
internal sealed partial class RetentionKeeper(
    ITelemetryStore telemetry,
    IIdentityStore identity,
    IAccountStore accounts,
    IRulesStore rules,
    LaneSilos silos,
    LaneMap map,
    ILocalSiloDetails local,
    IOptions<FixOptions> options,
    IOptions<RulesOptions> rulesOptions,
    TimeProvider time,
    ILogger<RetentionKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var pause = FirstAfter; ; pause = Period)
            {
                await Task.Delay(pause, time, stoppingToken);
                await SweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var active = silos.Active();
        if (!active.Contains(local.SiloAddress) || !map.OwnerOf(0, active).Equals(local.SiloAddress)) return;
        try
        {
            await telemetry.ApplyRetentionAsync(time.GetUtcNow(), options.Value.Retention, cancellationToken);
            await identity.DeleteSessionsAsync(time.GetUtcNow(), cancellationToken);
            await accounts.PurgeAsync(time.GetUtcNow(), cancellationToken);
            await rules.DeleteOldVersionsAsync(time.GetUtcNow() - options.Value.LateWindow - TenantRulesLoader.Reserve, cancellationToken);
            await rules.DeleteOldAuditAsync(time.GetUtcNow() - rulesOptions.Value.AuditRetention, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(error);
        }
    }

    [LoggerMessage(2775, LogLevel.Warning, "What is older than the retention could not be deleted; it is tried again in an hour")]
    private partial void LogFailed(Exception error);
}
