using System.Collections.Concurrent;
using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.Geofences;

/// <summary>Compiled fences of the tenants that were asked for last, read again when their revision has changed.</summary>
internal sealed partial class GeofenceSnapshots(IRulesStore store, IOptions<FixOptions> fixes, TimeProvider time, ILogger<GeofenceSnapshots> logger)
{
    private const int MaxTenants = 16;

    private readonly ConcurrentDictionary<string, Entry> _tenants = new(StringComparer.Ordinal);

    /// <summary>Versions that ended before this are not kept.</summary>
    public DateTimeOffset Reach => time.GetUtcNow() - fixes.Value.LateWindow;

    public async Task<FenceSnapshot> GetAsync(string tenant, CancellationToken cancellationToken)
    {
        var entry = _tenants.GetOrAdd(tenant, _ => new Entry());
        entry.UsedAt = time.GetTimestamp();
        LetGo();

        // One reads for all who ask meanwhile.
        await entry.Gate.WaitAsync(cancellationToken);
        try
        {
            if (await store.ReadRevisionAsync(tenant, cancellationToken) is not { } revision) return FenceSnapshot.Empty;
            if (revision != entry.Revision) await ReadAsync(tenant, entry, revision, cancellationToken);
            return entry.Fences.Snapshot;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private async Task ReadAsync(string tenant, Entry entry, long revision, CancellationToken cancellationToken)
    {
        // A revision that went back is that of a restored database: nothing that is known counts.
        var (known, since) = revision > entry.Revision ? (entry.Fences, entry.Revision) : (FenceSet.Empty, 0);
        var changed = new List<Geofence>();
        var reach = Reach;
        if (await store.ReadRulesAsync(tenant, since, reach, changed.Add, cancellationToken) is not { } rules) return;
        (entry.Fences, entry.Revision) = (known.With(changed, reach, (fence, error) => LogBadFence(error, fence.Id, fence.Version, tenant), cancellationToken), rules.Revision);
    }

    private void LetGo()
    {
        while (_tenants.Count > MaxTenants) _tenants.TryRemove(_tenants.MinBy(tenant => tenant.Value.UsedAt).Key, out _);
    }

    [LoggerMessage(2201, LogLevel.Warning, "Fence {Fence}, version {Version}, of tenant {Tenant} cannot be used")]
    private partial void LogBadFence(Exception error, string fence, int version, string tenant);

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public long UsedAt { get; set; }

        public long Revision { get; set; }

        public FenceSet Fences { get; set; } = FenceSet.Empty;
    }
}
