using System.Collections.Immutable;
using FleetTracker.Placement;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace FleetTracker.Ingestion;

/// <summary>
/// A queue in front of a lane. Key: the lane. Reentrant, since a taker waits here for the next put; every turn leaves the queue whole, and only
/// the wait itself spans turns.
/// <para>
/// It belongs beside its lane: one that finds itself elsewhere after the cluster changed takes nothing in and moves.
/// </para>
/// </summary>
[Reentrant]
[LanePlacement]
internal sealed class LaneInboxGrain(LaneSilos silos, LaneMap map, ILocalSiloDetails local, IOptions<LaneOptions> options, TimeProvider time) : Grain, ILaneInboxGrain
{
    private readonly Queue<LaneBatch> _batches = new();
    private TaskCompletionSource? _filled;

    public ValueTask PutAsync(LaneBatch batch)
    {
        if (!IsAtHome())
        {
            this.MigrateOnIdle();
            throw new LaneInboxMovedException(batch.Lane);
        }

        if (_batches.Count >= options.Value.MaxInboxBatches) throw new LaneInboxFullException(_batches.Count);
        _batches.Enqueue(batch);
        _filled?.TrySetResult();
        _filled = null;
        return ValueTask.CompletedTask;
    }

    public async ValueTask<ImmutableArray<LaneBatch>> TakeAsync(int max, TimeSpan patience)
    {
        if (!IsAtHome())
        {
            this.MigrateOnIdle();
        }
        else if (_batches.Count == 0)
        {
            _filled ??= new TaskCompletionSource();
            await _filled.Task.WaitAsync(patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        var taken = ImmutableArray.CreateBuilder<LaneBatch>(Math.Min(max, _batches.Count));
        while (taken.Count < max && _batches.TryDequeue(out var batch)) taken.Add(batch);
        return taken.DrainToImmutable();
    }

    private bool IsAtHome()
    {
        var active = silos.Active();
        return active.IsEmpty || map.OwnerOf((int)this.GetPrimaryKeyLong(), active).Equals(local.SiloAddress);
    }
}

/// <summary>The lane does not keep up; publish again later.</summary>
[GenerateSerializer, Alias("LaneInboxFullException")]
public sealed class LaneInboxFullException(int batches) : Exception($"The lane's inbox holds {batches} batches, the most that it may.");

/// <summary>The lane is on its way to another silo; publish again in a moment.</summary>
[GenerateSerializer, Alias("LaneInboxMovedException")]
public sealed class LaneInboxMovedException(int lane) : Exception($"The inbox of lane {lane} moves to the lane's silo.");
