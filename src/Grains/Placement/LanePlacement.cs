using System.Collections.Immutable;
using FleetTracker.Ingestion;
using FleetTracker.Vehicles;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace FleetTracker.Placement;

/// <summary>Puts a lane and all vehicles of the lane on the silo that owns it.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LanePlacementAttribute() : PlacementAttribute(new LanePlacement());

[GenerateSerializer, Immutable, Alias("LanePlacement")]
internal sealed class LanePlacement : PlacementStrategy;

internal sealed class LanePlacementDirector(ILaneCount lanes, LaneMap map) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var compatible = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, compatible) is { } hint) return Task.FromResult(hint);

        var owner = map.OwnerOf(LaneOf(target.GrainIdentity), compatible);
        return Task.FromResult(owner);
    }

    private int LaneOf(GrainId grain)
    {
        // Vehicle keys have a slash, lane keys are integers.
        if (grain.TryGetIntegerKey(out var lane, out _)) return (int)(lane % lanes.Count);
        var key = grain.Key.ToString() ?? "";
        return Lanes.Of(VehicleKeys.VehicleIdOf(key).ToString(), lanes.Count);
    }
}

/// <summary>The assignment of lanes over a set of silos, kept until the set changes.</summary>
internal sealed class LaneMap(ILaneCount lanes)
{
    private Assignment _current = new([], []);

    /// <summary>The owner of a lane among <paramref name="silos"/>.</summary>
    public SiloAddress OwnerOf(int lane, IReadOnlyCollection<SiloAddress> silos) => For(silos).Owners[lane];

    /// <summary>The lanes that <paramref name="silo"/> owns among <paramref name="silos"/>.</summary>
    public ImmutableArray<int> LanesOf(SiloAddress silo, IReadOnlyCollection<SiloAddress> silos)
    {
        var owners = For(silos).Owners;
        return [.. Enumerable.Range(0, owners.Length).Where(lane => owners[lane].Equals(silo))];
    }

    private Assignment For(IReadOnlyCollection<SiloAddress> silos)
    {
        var current = _current;
        if (current.Silos.SetEquals(silos)) return current;

        var members = silos.ToArray();
        var owners = LaneOwners.Assign([.. members.Select(silo => silo.ToParsableString())], lanes.Count);
        var next = new Assignment([.. members], [.. owners.Select(owner => members[owner])]);
        _current = next;
        return next;
    }

    private sealed record Assignment(ImmutableHashSet<SiloAddress> Silos, ImmutableArray<SiloAddress> Owners);
}
