using FleetTracker.Ingestion;

namespace FleetTracker.Outcomes;

/// <summary>What an outcome is, and in which list it is read.</summary>
public enum OutcomeType : short
{
    /// <summary>Something happened to a vehicle; <see cref="Outcome.Kind"/> says what.</summary>
    Event = 0,

    /// <summary>A journey between two stops; kind <c>trip</c>.</summary>
    Trip = 1,

    /// <summary>A stay between two trips; kind <c>stop</c>.</summary>
    Stop = 2,

    /// <summary>Time spent in a geofence; kind <c>visit</c>, the subject is the fence.</summary>
    Visit = 3,

    /// <summary>A row that is implausible beside its neighbors and left out; kind <c>excluded</c>, <see cref="Outcome.At"/> is the row's key.</summary>
    Excluded = 4,
}

public enum OutcomeState : short
{
    /// <summary>Still going on.</summary>
    Open = 0,

    /// <summary>Over, or a moment.</summary>
    Closed = 1,

    /// <summary>Later rows showed that it did not happen. Kept, so that readers learn of it.</summary>
    Withdrawn = 2,
}

/// <summary>
/// Something that the fold of a vehicle's rows says happened. What later rows change gets a higher <see cref="Revision"/> under the same
/// <see cref="Id"/>. Its meaning is (vehicle, <see cref="Type"/>, <see cref="Kind"/>, <see cref="Subject"/>, <see cref="At"/>); id and revision depend
/// on the order in which rows arrived, everything else only on the rows.
/// </summary>
[GenerateSerializer, Immutable, Alias("Outcome")]
public sealed record Outcome
{
    /// <summary>What a device calls its alarm may be as long, and is cut; ids are shorter.</summary>
    public const int MaxSubjectLength = 100;

    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required string Tenant { get; init; }

    [Id(2)] public required string VehicleId { get; init; }

    [Id(3)] public required OutcomeType Type { get; init; }

    /// <summary>A stable word such as <c>trip</c>, <c>geofence.enter</c>, <c>overspeed</c>; at most 40 characters.</summary>
    [Id(4)] public required string Kind { get; init; }

    /// <summary>What it is about besides the vehicle, a fence's id for example; empty when there is nothing.</summary>
    [Id(5)] public required string Subject { get; init; }

    /// <summary>Key of the row at which it happened or began; never a computed time.</summary>
    [Id(6)] public required PositionKey At { get; init; }

    /// <summary>Fix time at which it ended; <c>null</c> while it goes on.</summary>
    [Id(7)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Key of the last row that shaped it: rows after it leave it as it is.</summary>
    [Id(8)] public required PositionKey Through { get; init; }

    [Id(9)] public required OutcomeState State { get; init; }

    /// <summary>1 when it is first written.</summary>
    [Id(10)] public required int Revision { get; init; }

    /// <summary>A JSON object: positions, distances, thresholds and why.</summary>
    [Id(11)] public required string Evidence { get; init; }

    /// <summary>When its first revision was handed over to be written, UTC.</summary>
    [Id(12)] public required DateTimeOffset RecordedAt { get; init; }
}
