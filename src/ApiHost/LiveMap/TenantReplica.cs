using System.Collections.Immutable;
using FleetTracker.Storage;

namespace FleetTracker.LiveMap;

/// <summary>A vehicle of the replica as it was at one moment.</summary>
internal readonly record struct VehicleNow(LiveVehicle? Live, VehicleStatus Status);

/// <summary>
/// The live fleet of one tenant on this host: lanes bring positions, the registry brings names, the clock brings offline. One lock covers
/// it together with the views of its connections; everything under the lock is in memory and short.
/// </summary>
internal sealed class TenantReplica(string tenant, int revision, LiveMapMetrics metrics, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ReplicaVehicle> _vehicles = new(StringComparer.Ordinal);
    private readonly PriorityQueue<ReplicaVehicle, DateTimeOffset> _offline = new();
    private readonly ViewIndex _views = new();
    private readonly Dictionary<string, List<ConnectionView>> _followers = new(StringComparer.Ordinal);
    private readonly HashSet<ConnectionView> _seers = [];
    private readonly HashSet<int> _loadedLanes = [];
    private readonly DateTimeOffset _madeAt = time.GetUtcNow();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HashSet<string>? _unconfirmed;
    private DateTimeOffset? _registryReadAt;
    private DateTimeOffset _usedAt = time.GetUtcNow();
    private int _connections;

    public string Tenant => tenant;

    /// <summary>The feed's revision that first asked for this tenant; answers to earlier ones do not contain it.</summary>
    public int Revision => revision;

    /// <summary>Cursor of the registry's changes; the feed alone moves it.</summary>
    public long RegistryRevision { get; private set; }

    /// <summary>A lane named a vehicle that the registry has not told us of yet.</summary>
    public bool HasUnknownVehicles { get; private set; }

    public Task Loaded => _loaded.Task;

    internal VehicleCells Cells { get; } = new();

    internal ReplicaVehicle? Find(string vehicleId) => _vehicles.GetValueOrDefault(vehicleId);

    // What the lanes say.

    public void Apply(IEnumerable<LiveVehicle> upserts, ImmutableArray<string> removals)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var live in upserts) Put(live, now);
            foreach (var id in removals)
            {
                if (_vehicles.TryGetValue(id, out var vehicle)) SetLive(vehicle, null, now);
            }
        }
    }

    /// <summary>Replaces everything that came from the lane. <paramref name="isOfLane"/> tells which vehicles are the lane's.</summary>
    public void Replace(int lane, int laneCount, IReadOnlyCollection<LiveVehicle> vehicles, Func<string, bool> isOfLane)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var kept = vehicles.Select(live => live.VehicleId).ToHashSet(StringComparer.Ordinal);
            foreach (var vehicle in _vehicles.Values.Where(v => v.Live is not null && !kept.Contains(v.Id) && isOfLane(v.Id)).ToList())
                SetLive(vehicle, null, now);
            foreach (var live in vehicles) Put(live, now);
            _loadedLanes.Add(lane);
            CheckLoaded(laneCount);
        }
    }

    // What the registry says.

    public void Apply(VehicleChanges changes, bool isLast, int laneCount)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (changes.StartsOver) _unconfirmed = _vehicles.Values.Where(v => v.IsRegistered).Select(v => v.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var registered in changes.Upserts) Register(registered, now);
            foreach (var id in changes.Removals) Unregister(id, now);
            RegistryRevision = changes.Revision;
            if (!isLast) return;

            // What a list from the beginning did not name is gone.
            foreach (var id in _unconfirmed ?? []) Unregister(id, now);
            _unconfirmed = null;
            _registryReadAt = now;
            HasUnknownVehicles = false;
            CheckLoaded(laneCount);
        }
    }

    // What the clock says.

    /// <summary>Turns vehicles offline whose time is up, found by due time and not by looking at all.</summary>
    public void Sweep(DateTimeOffset now)
    {
        lock (_gate)
        {
            while (_offline.TryPeek(out var vehicle, out var dueAt) && dueAt <= now)
            {
                _offline.Dequeue();
                if (dueAt != vehicle.QueuedAt) continue;
                vehicle.QueuedAt = DateTimeOffset.MaxValue;
                if (vehicle.Live is not { } live) continue;
                if (live.OfflineAt > now) Enqueue(vehicle, live.OfflineAt);
                else Change(vehicle, live, now);
            }
        }
    }

    /// <summary>Why this fleet's picture cannot be trusted although the lanes may flow, or <c>null</c>: vehicles come, go and are renamed in the registry.</summary>
    public string? StalledBecause(DateTimeOffset now, TimeSpan stalledAfter)
    {
        lock (_gate)
        {
            if (now - (_registryReadAt ?? _madeAt) <= stalledAfter) return null;
            return _registryReadAt is null
                ? "The names of the vehicles could not be loaded yet."
                : $"The names of the vehicles have not been read for more than {stalledAfter.TotalSeconds:0} s.";
        }
    }

    // Who watches.

    public void Attach()
    {
        lock (_gate) _connections++;
    }

    public void Detach(ConnectionView connection)
    {
        lock (_gate)
        {
            Unfile(connection);
            connection.Unwatch();
            _connections--;
            _usedAt = time.GetUtcNow();
        }
    }

    public void Watch(ConnectionView connection, Viewport view)
    {
        lock (_gate)
        {
            if (connection.View is { } before) _views.Remove(connection, before);
            _views.Add(connection, view);
            connection.Watch(view, time.GetUtcNow());
        }
    }

    public void Follow(ConnectionView connection, string? vehicleId)
    {
        lock (_gate)
        {
            Unfollow(connection);
            if (vehicleId is not null)
            {
                if (!_followers.TryGetValue(vehicleId, out var followers)) _followers[vehicleId] = followers = [];
                followers.Add(connection);
            }

            connection.Follow(vehicleId, time.GetUtcNow());
        }
    }

    public void Unwatch(ConnectionView connection)
    {
        lock (_gate)
        {
            Unfile(connection);
            connection.Unwatch();
        }
    }

    public bool IsDue(ConnectionView connection, DateTimeOffset now)
    {
        lock (_gate) return connection.IsDue(now);
    }

    /// <summary>
    /// What to send to the connection now. A first picture waits a while for lanes and without end for names: without a name no vehicle is
    /// shown, so it would look like an empty fleet.
    /// </summary>
    public void Build(ConnectionView connection, DateTimeOffset now, TimeSpan loadPatience, List<Outbound> outbox)
    {
        lock (_gate)
        {
            if (connection.NeedsSnapshot && _registryReadAt is null) return;
            if (connection.NeedsSnapshot && !_loaded.Task.IsCompleted && now - connection.AskedAt < loadPatience) return;
            connection.Build(this, now, outbox);
        }
    }

    // Who asks.

    public void Touch()
    {
        lock (_gate) _usedAt = time.GetUtcNow();
    }

    public bool IsIdle(DateTimeOffset now, TimeSpan linger)
    {
        lock (_gate) return _connections == 0 && now - _usedAt >= linger;
    }

    public DateTimeOffset? IdleSince
    {
        get
        {
            lock (_gate) return _connections == 0 ? _usedAt : null;
        }
    }

    /// <summary>Live state and status per id, in order.</summary>
    public ImmutableArray<VehicleNow> Read(IEnumerable<string> vehicleIds)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            return [.. vehicleIds.Select(id => Find(id)?.Live).Select(live => new VehicleNow(live, VehicleStatuses.Of(live, now)))];
        }
    }

    /// <summary>Shown vehicles in the box (everywhere when <c>null</c>) after an id, in the order of their ids, at most <paramref name="limit"/>.</summary>
    public List<LiveVehicle> ReadLatest(Viewport? box, string? after, int limit)
    {
        lock (_gate)
        {
            // The greatest of the kept ones is on top and gives way, so a page costs no sort of the fleet.
            var page = new PriorityQueue<LiveVehicle, string>(Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a)));
            foreach (var vehicle in box is { } view ? Cells.In(view) : _vehicles.Values)
            {
                if (!vehicle.IsShown || (after is not null && string.CompareOrdinal(vehicle.Id, after) <= 0)) continue;
                if (page.Count < limit) page.Enqueue(vehicle.Live!, vehicle.Id);
                else page.EnqueueDequeue(vehicle.Live!, vehicle.Id);
            }

            var result = new List<LiveVehicle>(page.Count);
            while (page.TryDequeue(out var live, out _)) result.Add(live);
            result.Reverse();
            return result;
        }
    }

    /// <summary>The vehicles nearest to a place, nearest first.</summary>
    public List<NearVehicle> ReadNearest(NearestQuery query)
    {
        lock (_gate) return NearestVehicles.Find(Cells, query, time.GetUtcNow());
    }

    public void Retire()
    {
        lock (_gate) metrics.Vehicles(-_vehicles.Count);
    }

    // Steps, all under the lock.

    private ReplicaVehicle GetOrAdd(string id)
    {
        if (_vehicles.TryGetValue(id, out var vehicle)) return vehicle;
        metrics.Vehicles(+1);
        return _vehicles[id] = new ReplicaVehicle(id);
    }

    private void Put(LiveVehicle live, DateTimeOffset now)
    {
        var vehicle = GetOrAdd(live.VehicleId);
        if (!vehicle.IsRegistered) HasUnknownVehicles = true;
        if (live.OfflineAt < vehicle.QueuedAt) Enqueue(vehicle, live.OfflineAt);
        if (live != vehicle.Live) SetLive(vehicle, live, now);
    }

    private void SetLive(ReplicaVehicle vehicle, LiveVehicle? live, DateTimeOffset now)
    {
        Change(vehicle, live, now);
        DropIfGone(vehicle);
    }

    private void Register(RegisteredVehicle registered, DateTimeOffset now)
    {
        var vehicle = GetOrAdd(registered.Id);
        _unconfirmed?.Remove(registered.Id);
        if (vehicle.IsRegistered && string.Equals(vehicle.Name, registered.Name, StringComparison.Ordinal)) return;
        vehicle.Name = registered.Name;
        vehicle.IsRegistered = true;
        Change(vehicle, vehicle.Live, now);
    }

    private void Unregister(string id, DateTimeOffset now)
    {
        if (!_vehicles.TryGetValue(id, out var vehicle)) return;
        var live = vehicle.Live;
        vehicle.IsRegistered = false;
        Change(vehicle, live, now);
        DropIfGone(vehicle);
    }

    private void Change(ReplicaVehicle vehicle, LiveVehicle? live, DateTimeOffset now)
    {
        if (vehicle.Cell is not null) Collect(vehicle.Live!);
        vehicle.Live = live;
        vehicle.Status = VehicleStatuses.Of(live, now);
        Cells.Update(vehicle);
        if (vehicle.Cell is not null) Collect(live!);

        foreach (var seer in _seers) seer.Mark(vehicle, isInView: true);
        _seers.Clear();
        if (_followers.TryGetValue(vehicle.Id, out var followers))
        {
            foreach (var follower in followers) follower.Mark(vehicle, isInView: false);
        }
    }

    private void Collect(LiveVehicle live) => _views.Collect(live.Latitude, live.Longitude, _seers);

    private void DropIfGone(ReplicaVehicle vehicle)
    {
        if (vehicle.IsRegistered || vehicle.Live is not null) return;
        _vehicles.Remove(vehicle.Id);
        metrics.Vehicles(-1);
    }

    private void Enqueue(ReplicaVehicle vehicle, DateTimeOffset dueAt)
    {
        vehicle.QueuedAt = dueAt;
        _offline.Enqueue(vehicle, dueAt);
    }

    private void Unfile(ConnectionView connection)
    {
        if (connection.View is { } view) _views.Remove(connection, view);
        Unfollow(connection);
    }

    private void Unfollow(ConnectionView connection)
    {
        if (connection.Followed is not { } followed || !_followers.TryGetValue(followed, out var followers)) return;
        followers.Remove(connection);
        if (followers.Count == 0) _followers.Remove(followed);
    }

    private void CheckLoaded(int laneCount)
    {
        if (_registryReadAt is not null && _loadedLanes.Count >= laneCount) _loaded.TrySetResult();
    }
}
