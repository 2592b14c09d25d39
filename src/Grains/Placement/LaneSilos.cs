using System.Collections.Immutable;
using FleetTracker.Ingestion;
using Orleans.Metadata;

namespace FleetTracker.Placement;

/// <summary>The active silos that host lanes, as this silo sees them; silos of other features do not count.</summary>
internal sealed class LaneSilos(IClusterMembershipService membership, IClusterManifestProvider manifests, GrainTypeResolver types)
{
    private readonly Lazy<GrainType> _laneType = new(() => types.GetGrainType(typeof(LaneGrain)));
    private View? _view;

    /// <summary>Computed once per change of the cluster; asked for every batch.</summary>
    public ImmutableArray<SiloAddress> Active()
    {
        var (members, hosts) = (membership.CurrentSnapshot, manifests.Current);
        if (_view is { } view && ReferenceEquals(view.Members, members) && ReferenceEquals(view.Hosts, hosts)) return view.Active;

        ImmutableArray<SiloAddress> active =
        [
            .. members.Members.Values
                .Where(member => member.Status == SiloStatus.Active)
                .Select(member => member.SiloAddress)
                .Where(silo => hosts.Silos.TryGetValue(silo, out var manifest) && manifest.Grains.ContainsKey(_laneType.Value)),
        ];
        _view = new View(members, hosts, active);
        return active;
    }

    private sealed record View(ClusterMembershipSnapshot Members, ClusterManifest Hosts, ImmutableArray<SiloAddress> Active);
}
