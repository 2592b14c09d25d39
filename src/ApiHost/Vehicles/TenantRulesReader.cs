using System.Collections.Concurrent;
using System.Collections.Frozen;
using FleetTracker.Geofences;
using FleetTracker.Sensors;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>A tenant's rules as they are stored, and made ready for a fold of history.</summary>
/// <param name="Rules">Knows every version that is kept, so that a row meets what was valid at its time.</param>
internal sealed record ReadRules(StoredRules Stored, FenceSet Fences, TenantRules Rules);

/// <summary>
/// Rules for folds of history, of the tenants that were asked for last. Read at each question, as it must not be answered with what was changed
/// before; only what has changed is compiled.
/// </summary>
internal sealed partial class TenantRulesReader(IRulesStore store, IOptions<VehicleOptions> installation, TimeProvider time, ILogger<TenantRulesReader> logger)
{
    private const int MaxTenants = 16;

    private readonly ConcurrentDictionary<string, Entry> _tenants = new(StringComparer.Ordinal);

    /// <summary><c>null</c>: there is no such tenant.</summary>
    public async Task<ReadRules?> ReadAsync(string tenant, CancellationToken cancellationToken)
    {
        var entry = _tenants.GetOrAdd(tenant, _ => new Entry());
        entry.UsedAt = time.GetTimestamp();
        while (_tenants.Count > MaxTenants) _tenants.TryRemove(_tenants.MinBy(known => known.Value.UsedAt).Key, out _);

        // One compiles for all who ask meanwhile.
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            if (await store.ReadRevisionAsync(tenant, cancellationToken) is not { } revision) return null;
            return revision == entry.Read?.Stored.Revision ? entry.Read : entry.Read = await ReadAsync(tenant, entry.Read, cancellationToken);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>The options of a tenant, and of its vehicles, when the tenant overrides something else.</summary>
    public TenantRules With(ReadRules read, VehicleOptions tenantOptions) => read.Rules with
    {
        Options = tenantOptions,
        OwnOptions = read.Stored.VehicleSettings.ToFrozenDictionary(
            own => own.Key, own => Settle(tenantOptions, own.Value, read.Rules.Tenant, own.Key), StringComparer.Ordinal),
    };

    private async Task<ReadRules?> ReadAsync(string tenant, ReadRules? known, CancellationToken cancellationToken)
    {
        var changed = new List<Geofence>();
        var since = known?.Stored.Revision ?? 0;
        var stored = await store.ReadRulesAsync(tenant, since, DateTimeOffset.UnixEpoch, changed.Add, cancellationToken);
        if (stored is null) return null;

        // A revision that went back is that of a restored database: nothing that is known counts.
        if (stored.Revision < since) return await ReadAsync(tenant, null, cancellationToken);

        var fences = (known?.Fences ?? FenceSet.Empty).With(
            changed, DateTimeOffset.UnixEpoch, (fence, error) => LogBadFence(error, fence.Id, fence.Version, tenant), cancellationToken);
        var groups = stored.Groups.ToFrozenDictionary(StringComparer.Ordinal);
        var read = new ReadRules(stored, fences, new TenantRules
        {
            Tenant = tenant,
            Fences = fences.Snapshot,
            Sensors = SensorSet.Build(stored.Sensors, groups, (sensor, error) => LogBadSensor(error, sensor.Id, tenant)),
            Options = installation.Value,
            Groups = groups,
            SettledAt = stored.SettledAt ?? DateTimeOffset.MinValue,
            KnownThrough = DateTimeOffset.MaxValue,
        });
        return read with { Rules = With(read, Settle(installation.Value, stored.Settings, tenant, "")) };
    }

    private VehicleOptions Settle(VehicleOptions below, string settings, string tenant, string vehicleId)
    {
        var problems = new List<SettingProblem>();
        var options = VehicleSettings.Settle(below, settings, problems);
        if (problems.Count > 0) LogBadSettings(tenant, vehicleId, string.Join("; ", problems.Select(problem => $"{problem.Name} {problem.Message}")));
        return options;
    }

    [LoggerMessage(2201, LogLevel.Warning, "Fence {Fence}, version {Version}, of tenant {Tenant} cannot be used for a question about history")]
    private partial void LogBadFence(Exception error, string fence, int version, string tenant);

    [LoggerMessage(2202, LogLevel.Warning, "Settings of tenant {Tenant}, vehicle '{VehicleId}', cannot be used for a question about history: {Problems}")]
    private partial void LogBadSettings(string tenant, string vehicleId, string problems);

    [LoggerMessage(2203, LogLevel.Warning, "Sensor {Sensor} of tenant {Tenant} cannot be used for a question about history")]
    private partial void LogBadSensor(Exception error, string sensor, string tenant);

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public long UsedAt { get; set; }

        public ReadRules? Read { get; set; }
    }
}
