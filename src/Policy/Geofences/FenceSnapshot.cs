namespace FleetTracker.Geofences;

/// <summary>All fence versions of a tenant that fixes may still meet, with an index over their bounds. Immutable, safe from any thread.</summary>
public sealed class FenceSnapshot
{
    public static readonly FenceSnapshot Empty = new();

    public static FenceSnapshot Build(IReadOnlyCollection<Fence> fences) => throw new NotImplementedException();

    public int Count => 0;

    /// <summary>
    /// Adds the fences whose bounds meet those of the segment (the short way around), whatever their validity. Allocates nothing when
    /// <paramref name="into"/> has room.
    /// </summary>
    public void Near(double latitude1, double longitude1, double latitude2, double longitude2, List<Fence> into) { }

    /// <summary>The version of a fence that is valid at a time, or <c>null</c>.</summary>
    public Fence? Find(string id, DateTimeOffset fixedAt) => null;
}
