using System.Collections.Immutable;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Storage;

/// <summary>What one lane asks to commit.</summary>
public sealed class LaneCommit
{
    public required int Lane { get; init; }

    /// <summary>The lane's number as its owner knows it; the commit takes effect only while the stored number is the same.</summary>
    public required long ExpectedNumber { get; init; }

    /// <summary>Distinct keys, sorted by (VehicleId, FixedAt, Digest).</summary>
    public required IReadOnlyList<Fix> Rows { get; init; }

    /// <summary>Vehicles whose first row ever is among <see cref="Rows"/> as far as the owner knows; storing one again is harmless.</summary>
    public required IReadOnlyList<LaneVehicle> NewVehicles { get; init; }

    public required IReadOnlyList<QuarantinedMessage> Quarantine { get; init; }

    /// <summary>
    /// Inserted or, by id, replaced; in the feed they stand in this order. Each id once.
    /// </summary>
    public IReadOnlyList<Outcome> Outcomes { get; init; } = [];

    /// <summary>
    /// Inserted or, by (vehicle, head), replaced. A vehicle keeps its newest checkpoint of each UTC day (of the heads): one deletes those of its own
    /// day before it.
    /// </summary>
    public IReadOnlyList<Checkpoint> Checkpoints { get; init; } = [];

    /// <summary>
    /// Indexes into <see cref="Rows"/>, ascending: rows that may lie at or before the head of a checkpoint of their vehicle. Those that turn out to be
    /// new delete the checkpoints at or after them, those of this commit too.
    /// </summary>
    public IReadOnlyList<int> LateRows { get; init; } = [];
}

/// <summary>A vehicle that has rows in a lane.</summary>
public readonly record struct LaneVehicle(string Tenant, string VehicleId);

/// <summary>The answer to one lane of a commit.</summary>
public sealed class LaneCommitResult
{
    public required int Lane { get; init; }

    /// <summary>False when the stored number was another one: nothing of this lane was written.</summary>
    public required bool Won { get; init; }

    /// <summary>One flag per row: true when the row was not stored before. Meaningless unless <see cref="Won"/>.</summary>
    public required IReadOnlyList<bool> IsNew { get; init; }
}

/// <summary>The database refused a commit for its content: sending it again unchanged cannot succeed, a smaller part of it may.</summary>
public sealed class RefusedContentException(string message, Exception inner) : Exception(message, inner);

/// <summary>One page of a vehicle's history.</summary>
public sealed record PositionQuery
{
    public required string Tenant { get; init; }

    public required string VehicleId { get; init; }

    /// <summary>Inclusive; <c>null</c> = from the first.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Exclusive; <c>null</c> = to the last.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Leave out rows that are no place (<see cref="FixVerdict.NoPosition"/>, <see cref="FixVerdict.NullIsland"/>).</summary>
    public bool PlacesOnly { get; init; }

    /// <summary>Key after which to go on; <c>null</c> = the beginning.</summary>
    public PositionKey? After { get; init; }

    /// <summary>At most this many rows.</summary>
    public required int Limit { get; init; }
}

/// <summary>
/// The core's tables. Rows are inserted once and never changed; only the owner of a lane commits for it. One implementation per database,
/// one compliance suite for all.
/// </summary>
public interface ITelemetryStore
{
    /// <summary>Stores the lane count at first start, and returns the stored one ever after.</summary>
    Task<int> EnsureLaneCountAsync(int wanted, CancellationToken cancellationToken);

    /// <summary>Raises the lane's number by one, which shuts out whoever owned it before, and returns it.</summary>
    Task<long> StartLaneAsync(int lane, CancellationToken cancellationToken);

    /// <summary>
    /// Commits what several lanes have, as one transaction and one round trip. A lane whose number is the expected one gets number + 1 and
    /// its rows; the others get nothing. The same commit may be sent again after a failure whose outcome is unknown: then either the lane has
    /// not won before and wins now, or it is not won because it had succeeded.
    /// </summary>
    /// <exception cref="RefusedContentException">A row cannot be stored whatever happens.</exception>
    Task<IReadOnlyList<LaneCommitResult>> CommitAsync(IReadOnlyList<LaneCommit> lanes, CancellationToken cancellationToken);

    /// <summary>The newest row with <see cref="FixVerdict.Accepted"/> of every vehicle in the lane, in no order, never gathered whole.</summary>
    IAsyncEnumerable<Fix> ReadNewestAsync(int lane, CancellationToken cancellationToken);

    /// <summary>Ascending by (FixedAt, Digest).</summary>
    Task<IReadOnlyList<Fix>> ReadPositionsAsync(PositionQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Which vehicles have places (see <see cref="PositionQuery.PlacesOnly"/>) in an area, ascending by id. One call looks at a bounded part of the fleet,
    /// so a page may be shorter than asked, or empty, and still not the last.
    /// </summary>
    Task<AreaPage> SearchAreaAsync(AreaQuery query, CancellationToken cancellationToken);

    /// <summary>Newest first, only the tenant's. <paramref name="before"/> pages: the sequence of the last one seen.</summary>
    Task<IReadOnlyList<StoredQuarantine>> ReadQuarantineAsync(string tenant, string? deviceId, long? before, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes all rows of vehicles of one lane that left the registry.</summary>
    Task DeleteVehiclesAsync(string tenant, ImmutableArray<string> vehicleIds, CancellationToken cancellationToken);

    /// <summary>Deletes rows older than the retention and quarantine beyond its limit. Safe to run at any time, by one process at a time.</summary>
    Task ApplyRetentionAsync(DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken);

    /// <summary>A round trip that proves the database answers.</summary>
    Task PingAsync(CancellationToken cancellationToken);
}

/// <summary>A quarantined message and its place in the list.</summary>
public sealed record StoredQuarantine(long Sequence, QuarantinedMessage Message);
