using System.Collections.Immutable;
using FleetTracker.Problems;
using Microsoft.Extensions.Options;

namespace FleetTracker.LiveMap;

/// <summary>Which tenants this host follows, and since when. A tenant is followed from the first look at it until a while after the last.</summary>
internal sealed class LiveReplicas(IOptions<LiveMapOptions> options, LiveMapMetrics metrics, LiveWake wake, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile Interest _current = new(0, []);

    /// <summary>The set of tenants and its revision, which every change raises.</summary>
    public sealed record Interest(int Revision, ImmutableDictionary<string, TenantReplica> Replicas);

    public Interest Current => _current;

    /// <summary>The tenant's replica, which may be loading yet.</summary>
    /// <exception cref="ReplicaUnavailableException">The host follows as many tenants as it may.</exception>
    public TenantReplica Get(string tenant)
    {
        lock (_gate)
        {
            if (!_current.Replicas.TryGetValue(tenant, out var replica))
            {
                if (_current.Replicas.Count >= options.Value.MaxReplicas && !TryRetire(TimeSpan.Zero, most: 1)) throw new ReplicaUnavailableException();
                var revision = _current.Revision + 1;
                replica = new TenantReplica(tenant, revision, metrics, time);
                _current = new Interest(revision, _current.Replicas.Add(tenant, replica));
                wake.Signal();
            }

            replica.Touch();
            return replica;
        }
    }

    /// <summary>
    /// The same, held until it is detached. One step, because a replica that is given up between the look and the attachment is fed no more:
    /// its map would stand still without a word.
    /// </summary>
    /// <exception cref="ReplicaUnavailableException">The host follows as many tenants as it may.</exception>
    public TenantReplica Attach(string tenant)
    {
        lock (_gate)
        {
            var replica = Get(tenant);
            replica.Attach();
            return replica;
        }
    }

    /// <summary>The tenant's replica once it is loaded.</summary>
    /// <exception cref="ReplicaUnavailableException">It took too long.</exception>
    public async ValueTask<TenantReplica> GetLoadedAsync(string tenant, CancellationToken cancellationToken)
    {
        var replica = Get(tenant);
        if (replica.Loaded.IsCompleted) return replica;
        try
        {
            await replica.Loaded.WaitAsync(options.Value.SubscribeTimeout, time, cancellationToken);
            return replica;
        }
        catch (TimeoutException)
        {
            throw new ReplicaUnavailableException();
        }
    }

    /// <summary>Gives up replicas that nobody has looked at for a while.</summary>
    public void Retire()
    {
        lock (_gate) TryRetire(options.Value.ReplicaLinger, most: int.MaxValue);
    }

    private bool TryRetire(TimeSpan linger, int most)
    {
        var now = time.GetUtcNow();
        var idle = _current.Replicas.Values.Where(replica => replica.IsIdle(now, linger)).OrderBy(replica => replica.IdleSince).Take(most).ToList();
        if (idle.Count == 0) return false;
        foreach (var replica in idle) replica.Retire();
        _current = new Interest(_current.Revision + 1, _current.Replicas.RemoveRange(idle.Select(replica => replica.Tenant)));
        wake.Signal();
        return true;
    }
}
