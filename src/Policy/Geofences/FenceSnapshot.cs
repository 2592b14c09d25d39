using System.Runtime.InteropServices;

namespace FleetTracker.Geofences;

/// <summary>All fence versions of a tenant that fixes may still meet, with an index over their bounds. Immutable, safe from any thread.</summary>
public sealed class FenceSnapshot
{
    public static readonly FenceSnapshot Empty = new([]);

    private readonly FenceIndex _index;

    // The versions of a fence form a chain: where it begins, by id, and the next one of each item of the index.
    private readonly Dictionary<string, int> _first;
    private readonly int[] _next;

    private FenceSnapshot(IReadOnlyCollection<Fence> fences)
    {
        _index = new FenceIndex(fences);
        _first = new Dictionary<string, int>(_index.Items.Length, StringComparer.Ordinal);
        _next = new int[_index.Items.Length];
        for (var i = 0; i < _next.Length; i++)
        {
            ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, _index.Items[i].Definition.Id, out var isKnown);
            _next[i] = isKnown ? first : -1;
            first = i;
        }
    }

    public int Count => _index.Items.Length;

    public static FenceSnapshot Build(IReadOnlyCollection<Fence> fences)
    {
        ArgumentNullException.ThrowIfNull(fences);
        return fences.Count == 0 ? Empty : new FenceSnapshot(fences);
    }

    /// <summary>
    /// Adds the fences whose bounds meet those of the segment (the short way around), whatever their validity; now and then one that is a meter off.
    /// Allocates nothing when <paramref name="into"/> has room.
    /// </summary>
    public void Near(double latitude1, double longitude1, double latitude2, double longitude2, List<Fence> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        _index.Near(new Way(latitude1, longitude1, latitude2, longitude2).Bounds, into);
    }

    /// <summary>The version of a fence that is valid at a time, or <c>null</c>.</summary>
    public Fence? Find(string id, DateTimeOffset fixedAt)
    {
        ArgumentNullException.ThrowIfNull(id);
        var nowhere = -1;
        return Find(id, fixedAt, ref nowhere);
    }

    /// <summary>The same, and where it was found. Given that again, as long as this snapshot is the one that is asked, it is found without a search.</summary>
    /// <param name="slot">Any number at first.</param>
    internal Fence? Find(string id, DateTimeOffset fixedAt, ref int slot)
    {
        // Versions of a fence follow each other, so one that is valid is the one.
        if ((uint)slot < (uint)_next.Length && _index.Items[slot] is var known && string.Equals(known.Id, id, StringComparison.Ordinal) && known.IsValidAt(fixedAt)) return known;
        if (!_first.TryGetValue(id, out var i)) return null;

        Fence? found = null;
        for (; i >= 0; i = _next[i])
        {
            var version = _index.Items[i];
            if (version.IsValidAt(fixedAt) && !(version.Version < found?.Version)) (found, slot) = (version, i);
        }

        return found;
    }

    /// <summary>Every version of a fence that is here, in their order.</summary>
    public IReadOnlyList<Fence> Versions(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var versions = new List<Fence>();
        if (_first.TryGetValue(id, out var i))
        {
            for (; i >= 0; i = _next[i]) versions.Add(_index.Items[i]);
        }

        versions.Sort((a, b) => a.Definition.Version.CompareTo(b.Definition.Version));
        return versions;
    }

    /// <summary>
    /// The same with other versions: one that is there already, by id and version, is replaced. Shapes are not compiled again, only the index is built
    /// anew.
    /// </summary>
    /// <param name="changed">New versions, and known ones that end.</param>
    /// <param name="removed">Versions that no fix can meet any more.</param>
    public FenceSnapshot With(IReadOnlyCollection<Fence> changed, IReadOnlyCollection<Fence>? removed = null)
    {
        ArgumentNullException.ThrowIfNull(changed);
        var replaced = changed.Concat(removed ?? []).Select(fence => (fence.Definition.Id, fence.Definition.Version)).ToHashSet();
        var kept = _index.Items.ToArray().Where(fence => !replaced.Contains((fence.Definition.Id, fence.Definition.Version)));
        return Build([.. kept, .. changed]);
    }
}
