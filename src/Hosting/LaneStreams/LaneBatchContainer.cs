using FleetTracker.Ingestion;
using Orleans;
using Orleans.Runtime;
using Orleans.Streams;

namespace FleetTracker.Hosting;

/// <summary>One batch on its way from agent to lane. Immutable, so that within a silo nothing is copied.</summary>
[GenerateSerializer, Immutable, Alias("LaneBatchContainer")]
internal sealed class LaneBatchContainer : IBatchContainer
{
    [Id(0)] public required StreamId StreamId { get; init; }

    [Id(1)] public required StreamSequenceToken SequenceToken { get; init; }

    [Id(2)] public required LaneBatch Batch { get; init; }

    public IEnumerable<Tuple<T, StreamSequenceToken>> GetEvents<T>() => Batch is T item ? [Tuple.Create(item, SequenceToken)] : [];

    public bool ImportRequestContext() => false;
}
