using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Storage;

internal sealed class PostgreSqlOutcomeStore : IOutcomeStore
{
    public IAsyncEnumerable<CheckpointHead> ReadCheckpointHeadsAsync(int lane, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Checkpoint?> ReadCheckpointAsync(string tenant, string vehicleId, PositionKey? before, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Outcome>> ReadOutcomesAfterAsync(string tenant, string vehicleId, PositionKey? after, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Outcome>> ReadOutcomesAsync(OutcomeQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<FeedItem>> ReadFeedAsync(int lane, FeedPosition after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
}
