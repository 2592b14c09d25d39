using System.Collections.Immutable;

namespace FleetTracker.LiveMap;

/// <summary>
/// Where silos drop deltas. A silo has one call to us under way, so the call only hands over; what waits here is conflated per lane to the
/// newest per vehicle, so a slow host holds one fleet and not a history.
/// </summary>
internal sealed class FeedInbox(LiveWake wake) : ILiveFeedObserver
{
    // A chain that breaks this often before anybody looks is not worth keeping: the newest part asks for a snapshot anyway.
    private const int MaxParts = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, List<LanePart>> _lanes = [];

    public Task ChangedAsync(ImmutableArray<LaneDelta> deltas)
    {
        lock (_gate)
        {
            foreach (var delta in deltas) Add(delta);
        }

        wake.Signal();
        return Task.CompletedTask;
    }

    public List<LanePart> TakeAll()
    {
        lock (_gate)
        {
            List<LanePart> all = [.. _lanes.Values.SelectMany(parts => parts)];
            _lanes.Clear();
            return all;
        }
    }

    private void Add(LaneDelta delta)
    {
        if (!_lanes.TryGetValue(delta.Lane, out var parts)) _lanes[delta.Lane] = parts = [];
        if (parts.Count > 0 && parts[^1].TryAppend(delta)) return;
        if (parts.Count == MaxParts) parts.RemoveAt(0);
        parts.Add(new LanePart(delta));
    }
}

/// <summary>Consecutive deltas of a lane as one: the newest state per vehicle, <c>null</c> for one that is gone.</summary>
internal sealed class LanePart
{
    private readonly Dictionary<string, LiveVehicle?> _changes = new(StringComparer.Ordinal);

    public LanePart(LaneDelta delta)
    {
        Lane = delta.Lane;
        Since = delta.Since;
        Take(delta);
    }

    public int Lane { get; }

    public long Since { get; }

    public long Number { get; private set; }

    public DateTimeOffset? NewestCommitAt { get; private set; }

    public string? Holding { get; private set; }

    public IEnumerable<LiveVehicle> Upserts => _changes.Values.OfType<LiveVehicle>();

    public ImmutableArray<string> Removals => [.. _changes.Where(change => change.Value is null).Select(change => change.Key)];

    public bool TryAppend(LaneDelta next)
    {
        if (next.Since != Number) return false;
        Take(next);
        return true;
    }

    private void Take(LaneDelta delta)
    {
        Number = delta.Number;
        NewestCommitAt = delta.NewestCommitAt;
        Holding = delta.Holding;
        foreach (var id in delta.Removals) _changes[id] = null;
        foreach (var live in delta.Upserts) _changes[live.VehicleId] = live;
    }
}
