using System.Threading.Channels;

namespace FleetTracker.Ingestion;

/// <summary>Stands for the streams and the lanes behind them: keeps what is published, and reports it at once or when told.</summary>
internal sealed class FakeLanes : ILanePublisher
{
    private readonly Channel<OutgoingBatch> _published = Channel.CreateUnbounded<OutgoingBatch>();
    private readonly Lock _gate = new();
    private readonly List<OutgoingBatch> _all = [];

    /// <summary>Where reports go; set once the pipeline exists.</summary>
    public IngestPipeline? Pipeline { get; set; }

    public bool CommitsAtOnce { get; set; } = true;

    public Exception? Failure { get; set; }

    public Func<Fix, FixOutcome> OutcomeOf { get; set; } = static fix => fix.Verdict == FixVerdict.Accepted ? FixOutcome.Accepted : FixOutcome.Filtered;

    public IReadOnlyList<OutgoingBatch> All
    {
        get
        {
            lock (_gate) return [.. _all];
        }
    }

    public IReadOnlyList<Fix> Fixes => [.. All.DistinctBy(batch => batch.Id).SelectMany(batch => batch.Fixes)];

    public IReadOnlyList<QuarantinedMessage> Quarantine => [.. All.DistinctBy(batch => batch.Id).SelectMany(batch => batch.Quarantine)];

    public Task PublishAsync(OutgoingBatch batch, CancellationToken cancellationToken)
    {
        lock (_gate) _all.Add(batch);
        _published.Writer.TryWrite(batch);
        if (Failure is not null) throw Failure;
        if (CommitsAtOnce) Report(batch);
        return Task.CompletedTask;
    }

    public async Task<OutgoingBatch> NextAsync() => await _published.Reader.ReadAsync(TestTime.Token).AsTask().WaitAsync(TestTime.Limit, TestTime.Token);

    public bool TryNext(out OutgoingBatch? batch) => _published.Reader.TryRead(out batch);

    public void Report(OutgoingBatch batch) =>
        Pipeline!.Committed([new BatchReport { BatchId = batch.Id, Lane = batch.Lane, Outcomes = [.. batch.Fixes.Select(OutcomeOf)] }]);

    /// <summary>Reports everything that is in flight, and from now on everything at once.</summary>
    public void CommitAll()
    {
        CommitsAtOnce = true;
        foreach (var batch in All) Report(batch);
    }
}

/// <summary>How long a test waits for what must come.</summary>
internal static class TestTime
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static CancellationToken Token => TestContext.Current.CancellationToken;
}
