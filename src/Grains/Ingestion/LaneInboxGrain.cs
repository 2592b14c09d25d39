using System.Collections.Immutable;
using FleetTracker.Placement;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace FleetTracker.Ingestion;

/// <summary>
/// A queue in front of a lane. Key: the lane. Reentrant, since a taker waits here for the next put; every turn leaves the queue whole, and only
/// the wait itself spans turns.
/// </summary>
[Reentrant]
[LanePlacement]
internal sealed class LaneInboxGrain(LaneSilos silos, LaneMap map, ILocalSiloDetails local, IOptions<LaneOptions> options, TimeProvider time) : Grain, ILaneInboxGrain
{
    private readonly Queue<LaneBatch> _batches = new();
    private TaskCompletionSource? _filled;

    public ValueTask PutAsync(LaneBatch batch)
    {
        if (_batches.Count >= options.Value.MaxInboxBatches) throw new LaneInboxFullException(_batches.Count);
        _batches.Enqueue(batch);
        _filled?.TrySetResult();
        _filled = null;
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ImmutableArray<LaneBatch>> TakeAsync(int max, TimeSpan patience)
    {
        if (_batches.Count == 0)
        {
            _filled ??= new TaskCompletionSource();
            await _filled.Task.WaitAsync(patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (_batches.Count == 0) FollowLane();
        }

        var taken = ImmutableArray.CreateBuilder<LaneBatch>(Math.Min(max, _batches.Count));
        while (taken.Count < max && _batches.TryDequeue(out var batch)) taken.Add(batch);
        return taken.DrainToImmutable();
    }

    // For speed only, and only while nothing is in here that could get lost on the way.
    private void FollowLane()
    {
        var active = silos.Active();
        if (active.Contains(local.SiloAddress) && !map.OwnerOf((int)this.GetPrimaryKeyLong(), active).Equals(local.SiloAddress)) this.MigrateOnIdle();
    }
}

/// <summary>The lane does not keep up; publish again later.</summary>
[GenerateSerializer, Alias("LaneInboxFullException")]
public sealed class LaneInboxFullException(int batches) : Exception($"The lane's inbox holds {batches} batches, the most that it may.");
