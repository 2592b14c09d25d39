using System.Runtime.InteropServices;

namespace FleetTracker.Ingestion;

/// <summary>
/// One lane's way out. A batch leaves at once when nothing of the lane is in flight; behind one batch fixes gather for a moment, behind two
/// they wait. A batch that is not reported is published again, under the same id, until it is.
/// </summary>
internal sealed class LaneBatcher : IThreadPoolWorkItem, IDisposable
{
    private const int MaxInFlight = 2;

    private readonly Lock _gate = new();
    private readonly int _lane;
    private readonly ILanePublisher _publisher;
    private readonly IngestionOptions _options;
    private readonly IngestionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly ITimer _linger;
    private readonly ITimer _republish;
    private readonly List<BatchInFlight> _inFlight = new(MaxInFlight);
    private Queue<Waiting> _waiting = new();
    private int _waitingRefused;
    private bool _isFlushQueued;
    private bool _isLingering;
    private bool _hasLingered;
    private long? _republishAt;

    public LaneBatcher(
        int lane, ILanePublisher publisher, IngestionOptions options, IngestionMetrics metrics, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        _lane = lane;
        _publisher = publisher;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _stopping = stopping;
        _linger = time.CreateTimer(static state => ((LaneBatcher)state!).Lingered(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _republish = time.CreateTimer(static state => ((LaneBatcher)state!).Republish(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(Fix fix, InboundMessage message) => Add(new Waiting(fix, null, message));

    public void Add(QuarantinedMessage refused, InboundMessage message) => Add(new Waiting(null, refused, message));

    /// <summary>The lane committed a batch. A report that came before, or of a batch that is not ours, changes nothing.</summary>
    public void Reported(BatchReport report)
    {
        BatchInFlight? done = null;
        bool leaves;
        lock (_gate)
        {
            for (var i = 0; i < _inFlight.Count; i++)
            {
                if (_inFlight[i].Batch.Id != report.BatchId) continue;
                done = _inFlight[i];
                _inFlight.RemoveAt(i);
                break;
            }

            leaves = ClaimFlush();
            if (!leaves) ArmLinger();
        }

        if (leaves) Execute();
        if (done is not null) Complete(done, report);
    }

    /// <summary>Runs on the thread pool, a moment after the first fix arrived, so that what one read brought leaves together.</summary>
    public void Execute()
    {
        BatchInFlight? first = null;
        BatchInFlight? second = null;
        lock (_gate)
        {
            _isFlushQueued = false;
            if (MayLeave()) first = Cut();
            if (MayLeave()) second = Cut();
            ArmLinger();
            if (first is not null) ArmRepublish();
        }

        if (first is not null) Publish(first);
        if (second is not null) Publish(second);
    }

    public void Dispose()
    {
        _linger.Dispose();
        _republish.Dispose();
    }

    private void Add(in Waiting waiting)
    {
        bool leaves;
        lock (_gate)
        {
            _waiting.Enqueue(waiting);
            if (waiting.Refused is not null) _waitingRefused++;
            leaves = ClaimFlush();
            if (!leaves) ArmLinger();
        }

        if (leaves) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private bool ClaimFlush()
    {
        if (_isFlushQueued || !MayLeave()) return false;
        return _isFlushQueued = true;
    }

    private bool MayLeave() =>
        _waiting.Count > 0 && _inFlight.Count < MaxInFlight && (_inFlight.Count == 0 || _hasLingered || _waiting.Count >= _options.MaxBatchFixes);

    private void ArmLinger()
    {
        if (_isLingering || _isFlushQueued || _waiting.Count == 0 || _inFlight.Count != 1) return;
        _isLingering = true;
        _linger.Change(_options.MaxLinger, Timeout.InfiniteTimeSpan);
    }

    private void Lingered()
    {
        bool leaves;
        lock (_gate)
        {
            _isLingering = false;
            _hasLingered = _waiting.Count > 0 && _inFlight.Count < MaxInFlight;
            leaves = ClaimFlush();
        }

        if (leaves) Execute();
    }

    private BatchInFlight Cut()
    {
        _hasLingered = false;
        var count = Math.Min(_waiting.Count, _options.MaxBatchFixes);
        var refused = _waitingRefused == 0 ? 0 : _waiting.Take(count).Count(waiting => waiting.Refused is not null);
        _waitingRefused -= refused;
        var fixes = new Fix[count - refused];
        var fixMessages = new InboundMessage[count - refused];
        var quarantine = new QuarantinedMessage[refused];
        var refusedMessages = new InboundMessage[refused];
        for (int i = 0, fix = 0, bad = 0; i < count; i++)
        {
            var waiting = _waiting.Dequeue();
            if (waiting.Fix is not null)
            {
                fixes[fix] = waiting.Fix;
                fixMessages[fix++] = waiting.Message;
            }
            else
            {
                quarantine[bad] = waiting.Refused!;
                refusedMessages[bad++] = waiting.Message;
            }
        }

        // A backlog must not pin its memory to the lane for ever.
        if (_waiting.Count == 0 && count > 64) _waiting = new Queue<Waiting>();

        var batch = new OutgoingBatch(Guid.CreateVersion7(), _lane, ImmutableCollectionsMarshal.AsImmutableArray(fixes), ImmutableCollectionsMarshal.AsImmutableArray(quarantine));
        var inFlight = new BatchInFlight(batch, fixMessages, refusedMessages, _time.GetTimestamp(), _options.RepublishAfter);
        _inFlight.Add(inFlight);
        return inFlight;
    }

    private void Publish(BatchInFlight inFlight)
    {
        _metrics.Published();
        inFlight.Publication = PublishAsync(inFlight.Batch);
    }

    private async Task PublishAsync(OutgoingBatch batch)
    {
        try
        {
            await _publisher.PublishAsync(batch, _stopping);
        }
        catch (Exception problem) when (!_stopping.IsCancellationRequested)
        {
            // The batch stays in flight and goes again when its time comes.
            DeliveryLog.BatchNotPublished(_logger, _lane, batch.Id, problem);
        }
        catch (OperationCanceledException)
        {
            // Stopping; what is not acknowledged comes again from its sender.
        }
    }

    // A young batch may be due before the one that the timer was set for, whose pauses have doubled.
    private void ArmRepublish()
    {
        if (_inFlight.Count == 0) return;
        var wait = _inFlight[0].DueIn(_time);
        for (var i = 1; i < _inFlight.Count; i++)
        {
            var other = _inFlight[i].DueIn(_time);
            if (other < wait) wait = other;
        }

        if (wait < TimeSpan.Zero) wait = TimeSpan.Zero;
        var at = _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency);
        if (_republishAt <= at) return;
        _republishAt = at;
        _republish.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Republish()
    {
        List<BatchInFlight>? due = null;
        lock (_gate)
        {
            _republishAt = null;
            foreach (var inFlight in _inFlight)
            {
                if (inFlight.DueIn(_time) > TimeSpan.Zero) continue;
                inFlight.PublishedAgain(_time, _options.RepublishAtMost);
                (due ??= []).Add(inFlight);
            }

            ArmRepublish();
        }

        if (due is null || _stopping.IsCancellationRequested) return;
        foreach (var inFlight in due)
        {
            _metrics.Republished();
            inFlight.Publication = PublishAsync(inFlight.Batch);
        }
    }

    private void Complete(BatchInFlight done, BatchReport report)
    {
        _metrics.Reported(_time.GetElapsedTime(done.FormedAt));
        DeliveryTurn.Begin();
        try
        {
            Acknowledge(done, report);
        }
        finally
        {
            DeliveryTurn.End();
        }
    }

    private void Acknowledge(BatchInFlight done, BatchReport report)
    {
        var fixes = done.Batch.Fixes;
        var tally = new OutcomeTally();
        for (var i = 0; i < fixes.Length; i++)
        {
            // A report without outcomes still says that the batch is durable.
            var outcome = i < report.Outcomes.Length ? report.Outcomes[i] : FixOutcome.Accepted;
            tally.Add(outcome, fixes[i].Verdict);
            done.FixMessages[i].ElementDone(outcome == FixOutcome.Refused ? Refusals.StoreRefused : null, _logger);
        }

        tally.Count(_metrics);
        for (var i = 0; i < done.RefusedMessages.Length; i++)
        {
            var reason = done.Batch.Quarantine[i].Reason;
            _metrics.Refused(reason);
            done.RefusedMessages[i].ElementDone(reason, _logger);
        }
    }

    private readonly record struct Waiting(Fix? Fix, QuarantinedMessage? Refused, InboundMessage Message);
}

/// <summary>A batch between its first publication and its report.</summary>
internal sealed class BatchInFlight(OutgoingBatch batch, InboundMessage[] fixMessages, InboundMessage[] refusedMessages, long formedAt, TimeSpan wait)
{
    private long _publishedAt = formedAt;
    private TimeSpan _wait = wait;

    public OutgoingBatch Batch { get; } = batch;

    public InboundMessage[] FixMessages { get; } = fixMessages;

    public InboundMessage[] RefusedMessages { get; } = refusedMessages;

    public long FormedAt { get; } = formedAt;

    /// <summary>The newest publication; it observes its own failure.</summary>
    public Task? Publication { get; set; }

    public TimeSpan DueIn(TimeProvider time) => _wait - time.GetElapsedTime(_publishedAt);

    public void PublishedAgain(TimeProvider time, TimeSpan atMost)
    {
        _publishedAt = time.GetTimestamp();
        _wait = _wait * 2 < atMost ? _wait * 2 : atMost;
    }
}
