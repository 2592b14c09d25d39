using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Storage;

/// <summary>
/// The fold of all of a vehicle's stored rows up to and including <see cref="Head"/>, except those beyond the late window. True or gone: a new row at
/// or before its head deletes it in the commit that stores the row.
/// </summary>
public sealed record Checkpoint
{
    public required string Tenant { get; init; }

    public required string VehicleId { get; init; }

    public required PositionKey Head { get; init; }

    /// <summary>What the policy serialized; the store does not look inside.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <summary>When the vehicle must be looked at though nothing arrives; <c>null</c> = never.</summary>
    public DateTimeOffset? DueAt { get; init; }
}

/// <summary>A vehicle's newest checkpoint without its state.</summary>
public readonly record struct CheckpointHead(string VehicleId, PositionKey Head, DateTimeOffset? DueAt);

/// <summary>A page of outcomes, ordered by (At, id).</summary>
public sealed record OutcomeQuery
{
    public required string Tenant { get; init; }

    /// <summary>Empty = every vehicle of the tenant.</summary>
    public IReadOnlyList<string> VehicleIds { get; init; } = [];

    /// <summary>At least one.</summary>
    public required IReadOnlyList<OutcomeType> Types { get; init; }

    /// <summary>Empty = every kind.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary><c>null</c> = every subject.</summary>
    public string? Subject { get; init; }

    /// <summary>Only what is still open at or ends after this; <c>null</c> = from the first. A moment ends when it happens.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what begins before this; <c>null</c> = to the last.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only what is open.</summary>
    public bool OpenOnly { get; init; }

    public bool IncludeWithdrawn { get; init; }

    /// <summary>Newest first instead of oldest first.</summary>
    public bool Descending { get; init; }

    /// <summary>(At, id) of the last one seen.</summary>
    public (PositionKey At, Guid Id)? After { get; init; }

    public required int Limit { get; init; }
}

/// <summary>A place in a lane's feed: everything up to it was read. <c>default</c> = the beginning.</summary>
/// <param name="Number">The lane's number of the commit.</param>
/// <param name="Ordinal">Place within that commit, from 0.</param>
public readonly record struct FeedPosition(long Number, int Ordinal);

/// <summary>An outcome as of its newest revision, and where in its lane's feed that stands.</summary>
public readonly record struct FeedItem(FeedPosition Position, Outcome Outcome);

/// <summary>What commits wrote besides rows: outcomes and checkpoints. Written by <see cref="ITelemetryStore.CommitAsync"/> alone.</summary>
public interface IOutcomeStore
{
    /// <summary>Newest checkpoint of every vehicle in the lane that has one, in no order, never gathered whole.</summary>
    IAsyncEnumerable<CheckpointHead> ReadCheckpointHeadsAsync(int lane, CancellationToken cancellationToken);

    /// <summary>The newest checkpoint whose head is before <paramref name="before"/> (<c>null</c> = the newest of all), or <c>null</c>.</summary>
    Task<Checkpoint?> ReadCheckpointAsync(string tenant, string vehicleId, PositionKey? before, CancellationToken cancellationToken);

    /// <summary>
    /// Everything that rows after <paramref name="after"/> may have a say in: not withdrawn, and open, or at or through a key after it; ordered by
    /// (At, id). <c>null</c> = all.
    /// </summary>
    Task<IReadOnlyList<Outcome>> ReadOutcomesAfterAsync(string tenant, string vehicleId, PositionKey? after, CancellationToken cancellationToken);

    Task<IReadOnlyList<Outcome>> ReadOutcomesAsync(OutcomeQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Outcomes of one lane, by the commit that last wrote them, after <paramref name="after"/>. A lane's commits are serial, so nothing appears
    /// later at or before a position that was read. What was written again since stands at its new place only.
    /// </summary>
    Task<IReadOnlyList<FeedItem>> ReadFeedAsync(int lane, FeedPosition after, int limit, CancellationToken cancellationToken);

    /// <summary>The place after everything that is written now, for each lane in order.</summary>
    Task<IReadOnlyList<FeedPosition>> ReadFeedEndsAsync(CancellationToken cancellationToken);
}
