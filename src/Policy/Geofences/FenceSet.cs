namespace FleetTracker.Geofences;

/// <summary>
/// A tenant's compiled fence versions, kept from one reading to the next: what has not changed is not compiled again. Immutable.
/// </summary>
public sealed class FenceSet
{
    public static readonly FenceSet Empty = new([]);

    private readonly Dictionary<(string Id, int Version), Fence> _fences;

    private FenceSet(Dictionary<(string Id, int Version), Fence> fences)
    {
        _fences = fences;
        Snapshot = fences.Count == 0 ? FenceSnapshot.Empty : FenceSnapshot.Build([.. fences.Values]);
    }

    public FenceSnapshot Snapshot { get; }

    public int Count => _fences.Count;

    /// <param name="changed">All versions in reach of every fence that changed.</param>
    /// <param name="reach">Versions that ended by then are let go.</param>
    /// <param name="leftOut">Told of a version that cannot be used: it takes no other with it.</param>
    public FenceSet With(IReadOnlyCollection<Geofence> changed, DateTimeOffset reach, Action<Geofence, Exception> leftOut, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changed);
        ArgumentNullException.ThrowIfNull(leftOut);
        if (changed.Count == 0 && _fences.Values.All(fence => IsInReach(fence.Definition, reach))) return this;

        var fences = _fences.Where(fence => IsInReach(fence.Value.Definition, reach)).ToDictionary();
        foreach (var version in changed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = (version.Id, version.Version);

            // Shape and rules of a version never change; its name and its end do.
            if (fences.TryGetValue(key, out var same) && same.Definition.ValidTo == version.ValidTo
                && string.Equals(same.Definition.Name, version.Name, StringComparison.Ordinal))
            {
                continue;
            }

            try
            {
                fences[key] = Fence.Compile(version);
            }
            catch (Exception error)
            {
                // Whatever it is, the tenant's other fences must not wait for somebody to mend this one.
                fences.Remove(key);
                leftOut(version, error);
            }
        }

        return new FenceSet(fences);
    }

    private static bool IsInReach(Geofence version, DateTimeOffset reach) => version.ValidTo is not { } end || end > reach;
}
