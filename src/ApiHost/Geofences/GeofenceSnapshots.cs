using FleetTracker.Ingestion;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Geofences;

/// <summary>Compiled fences of a tenant, for questions about a place and not about a vehicle.</summary>
internal sealed class GeofenceSnapshots(TenantRulesReader rules, IOptions<FixOptions> fixes, TimeProvider time)
{
    /// <summary>Versions that ended before this are not kept.</summary>
    public DateTimeOffset Reach => time.GetUtcNow() - fixes.Value.LateWindow;

    public async Task<FenceSnapshot> GetAsync(string tenant, CancellationToken cancellationToken) =>
        await rules.ReadAsync(tenant, cancellationToken) is { } read ? read.Rules.Fences : FenceSnapshot.Empty;
}
