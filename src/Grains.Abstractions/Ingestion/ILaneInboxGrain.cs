using System.Collections.Immutable;

namespace FleetTracker.Ingestion;

/// <summary>
/// What the bridges published to a lane and its stream has not taken yet. Key: the lane; on the lane's silo. In memory only: what is lost with
/// it was not acknowledged and is published again.
/// </summary>
[Alias("ILaneInboxGrain")]
public interface ILaneInboxGrain : IGrainWithIntegerKey
{
    /// <summary>Throws when the inbox is full; the bridge publishes again.</summary>
    [Alias("Put")]
    ValueTask PutAsync(LaneBatch batch);

    /// <summary>
    /// Up to <paramref name="max"/> batches in order, as soon as there is one; none after <paramref name="patience"/>. So nobody has to poll,
    /// and a batch does not wait for a poll.
    /// </summary>
    [Alias("Take")]
    ValueTask<ImmutableArray<LaneBatch>> TakeAsync(int max, TimeSpan patience);
}
