namespace FleetTracker.LiveMap;

/// <summary>A message to a client: the method's name and its one argument.</summary>
internal readonly record struct Outbound(string Method, object Payload);

/// <summary>
/// What one client sees and what it has been sent. Remembers which vehicles changed, not how: what is sent is read from the replica at the
/// moment of sending, so updates conflate to the newest by themselves and memory is bounded by what can be in view. Not safe for threads:
/// the replica's lock covers it.
/// </summary>
internal sealed class ConnectionView(LiveMapOptions options, LiveMapMetrics metrics, Action wake)
{
    // Clusters turn into vehicles again only well below the limit, so that one vehicle at the edge does not flip the picture.
    private const double ClusterExit = 0.9;

    private readonly HashSet<string> _shown = new(StringComparer.Ordinal);
    private readonly HashSet<string> _dirty = new(StringComparer.Ordinal);
    private bool _isClustered;
    private bool _areClustersDirty;
    private DateTimeOffset _clustersAt;
    private long _version;

    public Viewport? View { get; private set; }

    public string? Followed { get; private set; }

    public bool NeedsSnapshot { get; private set; }

    /// <summary>When the first snapshot was asked for; it waits a while for a replica that is still loading.</summary>
    public DateTimeOffset AskedAt { get; private set; }

    public int Pending => _dirty.Count;

    public void Watch(Viewport view, DateTimeOffset now)
    {
        View = view;
        AskSnapshot(now);
    }

    public void Follow(string? vehicleId, DateTimeOffset now)
    {
        if (Followed is { } before) _dirty.Add(before);
        Followed = vehicleId;
        if (vehicleId is not null) _dirty.Add(vehicleId);
        if (_version == 0 || View is null) AskSnapshot(now);
        wake();
    }

    public void Unwatch()
    {
        View = null;
        Followed = null;
        NeedsSnapshot = false;
        _isClustered = _areClustersDirty = false;
        _shown.Clear();
        _dirty.Clear();
    }

    /// <summary>A vehicle changed. <paramref name="isInView"/>: it is or was where this client may be looking.</summary>
    public void Mark(ReplicaVehicle vehicle, bool isInView)
    {
        if (NeedsSnapshot) return;
        if (_isClustered && isInView) _areClustersDirty = true;
        if (_isClustered && !IsFollowed(vehicle)) return;
        if (!Shows(vehicle) && !_shown.Contains(vehicle.Id)) return;

        if (!_dirty.Add(vehicle.Id)) metrics.Conflated();

        // More changes than a picture holds: a new picture is smaller than the difference.
        if (_dirty.Count > 2 * options.MaxVehiclesInView)
        {
            _dirty.Clear();
            NeedsSnapshot = true;
        }

        wake();
    }

    /// <summary>Is there something to send now?</summary>
    public bool IsDue(DateTimeOffset now) =>
        NeedsSnapshot || _dirty.Count > 0 || (_areClustersDirty && now - _clustersAt >= options.ClusterInterval);

    /// <summary>What to send now, in order; afterwards the client is taken to have it.</summary>
    public void Build(TenantReplica replica, DateTimeOffset now, List<Outbound> outbox)
    {
        if (View is null && Followed is null && _shown.Count == 0) return;
        if (NeedsSnapshot)
        {
            outbox.Add(BuildSnapshot(replica, now));
            return;
        }

        if (_areClustersDirty && now - _clustersAt >= options.ClusterInterval && !TryRefreshClusters(replica, now, outbox))
        {
            outbox.Add(BuildSnapshot(replica, now));
            return;
        }

        if (BuildDelta(replica, now) is not { } delta) return;
        outbox.Add(!_isClustered && _shown.Count - (Followed is null ? 0 : 1) > options.MaxVehiclesInView ? BuildSnapshot(replica, now) : delta);
    }

    private void AskSnapshot(DateTimeOffset now)
    {
        NeedsSnapshot = true;
        AskedAt = now;
        wake();
    }

    private bool IsFollowed(ReplicaVehicle vehicle) => string.Equals(vehicle.Id, Followed, StringComparison.Ordinal);

    private bool Shows(ReplicaVehicle vehicle) => vehicle.IsShown
        && (IsFollowed(vehicle) || (!_isClustered && View is { } view && view.Contains(vehicle.Live!.Latitude, vehicle.Live.Longitude)));

    private Outbound BuildSnapshot(TenantReplica replica, DateTimeOffset now)
    {
        NeedsSnapshot = _areClustersDirty = false;
        _shown.Clear();
        _dirty.Clear();

        List<ReplicaVehicle> vehicles = View is { } view ? [.. replica.Cells.In(view).Take(options.MaxVehiclesInView + 1)] : [];
        var total = vehicles.Count;
        IReadOnlyList<ClusterView>? clusters = null;
        _isClustered = total > options.MaxVehiclesInView;
        if (_isClustered)
        {
            (clusters, total) = ClusterGrid.Compute(replica.Cells, View!.Value, options.MaxVehiclesInView);
            _clustersAt = now;
            vehicles.Clear();
        }

        foreach (var vehicle in vehicles) _shown.Add(vehicle.Id);
        if (Followed is not null && replica.Find(Followed) is { IsShown: true } followed && _shown.Add(followed.Id)) vehicles.Add(followed);
        return new Outbound("Snapshot", new SnapshotMessage(++_version, [.. vehicles.Select(vehicle => ViewOf(vehicle, now))], clusters, total));
    }

    /// <summary>False when so few vehicles are left that they can be drawn.</summary>
    private bool TryRefreshClusters(TenantReplica replica, DateTimeOffset now, List<Outbound> outbox)
    {
        var (clusters, total) = ClusterGrid.Compute(replica.Cells, View!.Value, options.MaxVehiclesInView);
        if (total < options.MaxVehiclesInView * ClusterExit) return false;
        _areClustersDirty = false;
        _clustersAt = now;
        outbox.Add(new Outbound("Clusters", new ClustersMessage(_version, clusters)));
        return true;
    }

    private Outbound? BuildDelta(TenantReplica replica, DateTimeOffset now)
    {
        if (_dirty.Count == 0) return null;
        var upserts = new List<LiveView>(_dirty.Count);
        var removals = new List<string>();
        foreach (var id in _dirty)
        {
            if (replica.Find(id) is { } vehicle && Shows(vehicle))
            {
                _shown.Add(id);
                upserts.Add(ViewOf(vehicle, now));
            }
            else if (_shown.Remove(id))
            {
                removals.Add(id);
            }
        }

        _dirty.Clear();
        return upserts.Count + removals.Count == 0 ? null
            : new Outbound("Delta", new DeltaMessage(_version, ++_version, upserts, removals));
    }

    private LiveView ViewOf(ReplicaVehicle vehicle, DateTimeOffset now)
    {
        var live = vehicle.Live!;
        metrics.Aged(now - live.ReceivedAt);
        return new LiveView(
            vehicle.Id, vehicle.Name, vehicle.Status.Word(), live.FixedAt, live.ReceivedAt, live.Latitude, live.Longitude,
            live.SpeedMetersPerSecond, live.HeadingDegrees, live.AccuracyMeters);
    }
}
