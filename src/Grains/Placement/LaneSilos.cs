using System.Collections.Immutable;
using FleetTracker.Ingestion;
using Orleans.Metadata;

namespace FleetTracker.Placement;

/// <summary>The active silos that host lanes, as this silo sees them; silos of other features do not count.</summary>
internal sealed class LaneSilos(IClusterMembershipService membership, IClusterManifestProvider manifests, GrainTypeResolver types)
{
    private readonly Lazy<GrainType> _laneType = new(() => types.GetGrainType(typeof(LaneGrain)));

    public ImmutableArray<SiloAddress> Active()
    {
        var hosts = manifests.Current.Silos;
        return
        [
            .. membership.CurrentSnapshot.Members.Values
                .Where(member => member.Status == SiloStatus.Active)
                .Select(member => member.SiloAddress)
                .Where(silo => hosts.TryGetValue(silo, out var manifest) && manifest.Grains.ContainsKey(_laneType.Value)),
        ];
    }
}
