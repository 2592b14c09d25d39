using System.Collections.Immutable;
using Orleans.Concurrency;

namespace FleetTracker.Ingestion;

/// <summary>
/// What a bridge publishes to a lane's stream. It may arrive more than once: the lane ignores an id that it holds, and the rows' keys make
/// a repetition harmless. At most 256 fixes.
/// </summary>
[GenerateSerializer, Immutable, Alias("LaneBatch")]
public sealed class LaneBatch
{
    /// <summary>The same on every publication of the same batch.</summary>
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required int Lane { get; init; }

    /// <summary>Whom the lane tells once everything in the batch is committed.</summary>
    [Id(2)] public required IIngestObserver Observer { get; init; }

    [Id(3)] public required ImmutableArray<Fix> Fixes { get; init; }

    /// <summary>Refused messages to keep for the installer.</summary>
    [Id(4)] public ImmutableArray<QuarantinedMessage> Quarantine { get; init; } = [];

    /// <summary>W3C traceparent of the bridge's publish span, so that the commit joins its trace; <c>null</c> when not sampled.</summary>
    [Id(5)] public string? TraceParent { get; init; }
}

/// <summary>A message, or one element of one, that got no position row.</summary>
[GenerateSerializer, Immutable, Alias("QuarantinedMessage")]
public sealed record QuarantinedMessage
{
    /// <summary>The tenant that may see it; empty when nobody could be told.</summary>
    [Id(0)] public required string Tenant { get; init; }

    /// <summary>The device that the topic named, or empty.</summary>
    [Id(1)] public required string DeviceId { get; init; }

    [Id(2)] public required string Topic { get; init; }

    /// <summary>A stable word, as in the metric's <c>reason</c>, for example <c>not_json</c>.</summary>
    [Id(3)] public required string Reason { get; init; }

    /// <summary>The payload, cut to the quarantine's limit.</summary>
    [Id(4)] public required ImmutableArray<byte> Payload { get; init; }

    [Id(5)] public required bool Truncated { get; init; }

    [Id(6)] public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>One sentence for a person: what is wrong and where.</summary>
    [Id(7)] public string? Detail { get; init; }
}

/// <summary>What became of one fix, from the commit's answer.</summary>
public enum FixOutcome : byte
{
    /// <summary>New, and the newest of its vehicle.</summary>
    Accepted = 0,

    /// <summary>New, but older than one stored before it.</summary>
    Late = 1,

    /// <summary>Its key was stored already.</summary>
    Duplicate = 2,

    /// <summary>New and stored with a verdict other than accepted.</summary>
    Filtered = 3,

    /// <summary>The database refused the row for its content; it is in quarantine.</summary>
    Refused = 4,
}

/// <summary>The end of a batch: all of it is durable.</summary>
[GenerateSerializer, Immutable, Alias("BatchReport")]
public sealed class BatchReport
{
    [Id(0)] public required Guid BatchId { get; init; }

    [Id(1)] public required int Lane { get; init; }

    /// <summary>One outcome per fix, in the batch's order.</summary>
    [Id(2)] public required ImmutableArray<FixOutcome> Outcomes { get; init; }
}

/// <summary>A bridge's ear for commits. Lost reports are made good by publishing the batch again.</summary>
[Alias("IIngestObserver")]
public interface IIngestObserver : IGrainObserver
{
    [OneWay, Alias("Committed")]
    Task CommittedAsync(ImmutableArray<BatchReport> reports);
}
