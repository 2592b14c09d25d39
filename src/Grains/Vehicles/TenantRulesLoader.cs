using System.Collections.Frozen;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Sensors;
using FleetTracker.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>A tenant's rules as of a revision, with the compiled fences that the next load can keep.</summary>
/// <param name="ReadAt">When the reading had ended.</param>
/// <param name="Rules">Its <see cref="TenantRules.KnownThrough"/> is for the cache to say.</param>
internal sealed record LoadedRules(long Revision, DateTimeOffset ReadAt, TenantRules Rules, FenceSet Fences);

/// <summary>
/// Reads what has changed of a tenant's rules and compiles it. What cannot be used is left out and told: one bad fence or setting takes nothing
/// else with it.
/// </summary>
internal sealed partial class TenantRulesLoader(
    IRulesStore store,
    IOptions<VehicleOptions> installation,
    IOptions<FixOptions> fixes,
    TimeProvider time,
    RulesMetrics metrics,
    ILogger<TenantRulesLoader> logger)
{
    /// <summary>Beyond the late window for the fixes that are under way when a version leaves it.</summary>
    public static readonly TimeSpan Reserve = TimeSpan.FromDays(1);

    /// <summary><c>null</c>: there is no such tenant.</summary>
    public async Task<LoadedRules?> LoadAsync(string tenant, LoadedRules? known, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var reach = time.GetUtcNow() - fixes.Value.LateWindow - Reserve;
        var changed = new List<Geofence>();

        // Compiled after the reading: the database's snapshot is not held for it.
        var stored = await store.ReadRulesAsync(tenant, known?.Revision ?? 0, reach, changed.Add, cancellationToken);
        if (stored is null) return null;
        var readAt = time.GetUtcNow();

        var fences = (known?.Fences ?? FenceSet.Empty).With(changed, reach, TellLeftOut, cancellationToken);
        var options = Settle(installation.Value, stored.Settings, tenant, "");
        var groups = stored.Groups.ToFrozenDictionary(StringComparer.Ordinal);
        var rules = new TenantRules
        {
            Tenant = tenant,
            Fences = fences.Snapshot,
            Sensors = SensorSet.Build(stored.Sensors, groups, TellLeftOut),
            Options = options,
            OwnOptions = stored.VehicleSettings.ToFrozenDictionary(
                own => own.Key, own => Settle(options, own.Value, tenant, own.Key), StringComparer.Ordinal),
            Groups = groups,
            Readings = stored.Readings.ToFrozenDictionary(StringComparer.Ordinal),
            SettledAt = stored.SettledAt ?? DateTimeOffset.MinValue,
            KnownThrough = DateTimeOffset.MinValue,
        };
        metrics.Reloaded(time.GetElapsedTime(started));
        return new LoadedRules(stored.Revision, readAt, rules, fences);
    }

    private void TellLeftOut(Geofence version, Exception error)
    {
        metrics.Failed("fence");
        LogBadFence(error, version.Id, version.Version, version.Tenant);
    }

    private void TellLeftOut(Sensor sensor, Exception error)
    {
        metrics.Failed("sensor");
        LogBadSensor(error, sensor.Id, sensor.Tenant);
    }

    private VehicleOptions Settle(VehicleOptions below, string settings, string tenant, string vehicleId)
    {
        var problems = new List<SettingProblem>();
        var options = VehicleSettings.Settle(below, settings, problems);
        if (problems.Count == 0) return options;
        metrics.Failed("settings");
        LogBadSettings(tenant, vehicleId, string.Join("; ", problems.Select(problem => $"{problem.Name} {problem.Message}")));
        return options;
    }

    [LoggerMessage(2112, LogLevel.Error, "Fence {Fence}, version {Version}, of tenant {Tenant} cannot be used and is left out until it is changed")]
    private partial void LogBadFence(Exception error, string fence, int version, string tenant);

    [LoggerMessage(2116, LogLevel.Error, "Sensor {Sensor} of tenant {Tenant} cannot be used and is left out until it is changed")]
    private partial void LogBadSensor(Exception error, string sensor, string tenant);

    [LoggerMessage(2113, LogLevel.Error, "Settings of tenant {Tenant}, vehicle '{VehicleId}', cannot be used and are left out until they are changed: {Problems}")]
    private partial void LogBadSettings(string tenant, string vehicleId, string problems);
}
