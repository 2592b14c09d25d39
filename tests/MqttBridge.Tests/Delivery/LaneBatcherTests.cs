using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Ingestion;

/// <summary>When batches leave a lane, and what happens when nobody reports them.</summary>
public sealed class LaneBatcherTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLanes _lanes = new() { CommitsAtOnce = false };
    private readonly CountedOutcomes _counts = new();
    private readonly LaneBatcher _batcher;
    private readonly CountingSink _sink = new();
    private readonly IngestWindow _window = new(1000);

    public LaneBatcherTests() =>
        _batcher = new LaneBatcher(0, _lanes, new IngestionOptions { MaxBatchFixes = 4 }, new IngestionMetrics(_counts), _time, NullLogger.Instance, CancellationToken.None);

    public void Dispose()
    {
        _batcher.Dispose();
        _counts.Dispose();
    }

    [Fact]
    public async Task Batch_leaves_at_once_when_the_lane_is_quiet()
    {
        Add(1);
        Assert.Single((await _lanes.NextAsync()).Fixes);
    }

    [Fact]
    public async Task Behind_one_batch_fixes_gather_for_a_moment()
    {
        Add(1);
        await _lanes.NextAsync();
        Add(2);
        _time.Advance(TimeSpan.FromMilliseconds(9));
        Assert.False(_lanes.TryNext(out _));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, (await _lanes.NextAsync()).Fixes.Length);
    }

    [Fact]
    public async Task Full_batch_does_not_linger()
    {
        Add(1);
        await _lanes.NextAsync();
        Add(4);
        Assert.Equal(4, (await _lanes.NextAsync()).Fixes.Length);
    }

    [Fact]
    public async Task Never_more_than_two_are_in_flight()
    {
        Add(1);
        var first = await _lanes.NextAsync();
        Add(9);
        var second = await _lanes.NextAsync();
        Assert.Equal(4, second.Fixes.Length);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_lanes.TryNext(out _));

        Report(first);
        Assert.Equal(4, (await _lanes.NextAsync()).Fixes.Length);
        Report(second);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Single((await _lanes.NextAsync()).Fixes);
        Assert.Equal(10, _lanes.Fixes.Count);
    }

    [Fact]
    public async Task What_gathered_leaves_when_the_lane_falls_quiet()
    {
        Add(1);
        var first = await _lanes.NextAsync();
        Add(2);
        Report(first);
        Assert.Equal(2, (await _lanes.NextAsync()).Fixes.Length);
    }

    [Fact]
    public async Task Unreported_batch_is_published_again_at_doubling_delays()
    {
        Add(1);
        var batch = await _lanes.NextAsync();
        foreach (var seconds in (int[])[3, 6, 12, 24, 30, 30])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.False(_lanes.TryNext(out _));
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(batch.Id, (await _lanes.NextAsync()).Id);
        }

        Report(batch);
        Assert.Equal(1, _sink.Delivered);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(_lanes.TryNext(out _));
        Assert.Equal(6, _counts["fleettracker.ingestion.batches.republished"]);
    }

    [Fact]
    public async Task Young_batch_does_not_wait_for_the_doubled_pause_of_an_older_one()
    {
        Add(1);
        var old = await _lanes.NextAsync();
        foreach (var seconds in (int[])[3, 6, 12])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            await _lanes.NextAsync();
        }

        Report(old);
        Add(1);
        var young = await _lanes.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(_lanes.TryNext(out var again));
        Assert.Equal(young.Id, again!.Id);
    }

    [Fact]
    public async Task Failed_publication_is_made_again_and_nothing_is_acknowledged_before()
    {
        _lanes.Failure = new InvalidOperationException("The queue is full.");
        Add(1);
        await _lanes.NextAsync();
        Assert.Equal(0, _sink.Delivered);
        _lanes.Failure = null;
        _time.Advance(TimeSpan.FromSeconds(3));
        Report(await _lanes.NextAsync());
        Assert.Equal(1, _sink.Delivered);
    }

    [Fact]
    public async Task Report_that_comes_twice_counts_once()
    {
        Add(1);
        var batch = await _lanes.NextAsync();
        Report(batch);
        Report(batch);
        Assert.Equal((1, 1), (_sink.Delivered, _counts["accepted/none"]));
    }

    [Fact]
    public async Task Outcomes_are_counted_by_what_the_commit_said()
    {
        Fix[] fixes =
        [
            TestFix.New(), TestFix.New(), TestFix.New(), TestFix.New(FixVerdict.NoPosition), TestFix.New(FixVerdict.NullIsland), TestFix.New(FixVerdict.BeyondWindow), TestFix.New(),
        ];
        FixOutcome[] outcomes = [FixOutcome.Accepted, FixOutcome.Late, FixOutcome.Duplicate, FixOutcome.Filtered, FixOutcome.Filtered, FixOutcome.Filtered, FixOutcome.Refused];
        using var batcher = new LaneBatcher(0, _lanes, new IngestionOptions(), new IngestionMetrics(_counts), _time, NullLogger.Instance, CancellationToken.None);
        batcher.Add(TestFix.New(), Message());
        await _lanes.NextAsync();
        foreach (var fix in fixes) batcher.Add(fix, Message());
        _time.Advance(TimeSpan.FromMilliseconds(10));
        var batch = await _lanes.NextAsync();

        batcher.Reported(new BatchReport { BatchId = batch.Id, Lane = 0, Outcomes = [.. outcomes] });

        Assert.Equal(new Dictionary<string, long>
        {
            ["accepted/none"] = 1,
            ["late/none"] = 1,
            ["duplicate/none"] = 1,
            ["rejected/no_position"] = 1,
            ["rejected/null_island"] = 1,
            ["late/beyond_window"] = 1,
            ["rejected/store_refused"] = 1,
        }, _counts.Fixes);
        Assert.Equal(7, _sink.Delivered);
    }

    [Fact]
    public async Task Connection_that_fails_to_acknowledge_costs_the_rest_of_its_batch_nothing()
    {
        Add(1);
        var first = await _lanes.NextAsync();
        var broken = new InboundMessage(new BrokenSink(), _window, 0, 1);
        broken.Accept();
        _batcher.Add(TestFix.New(), broken);
        Add(2);
        Report(first);
        Report(await _lanes.NextAsync());

        Assert.Equal((3, 0, 4), (_sink.Delivered, _window.Count, _counts["accepted/none"]));
    }

    [Fact]
    public void Message_of_several_elements_is_done_with_its_last()
    {
        var message = new InboundMessage(_sink, _window, 0, 3);
        message.Accept();
        Assert.Equal(3, _window.Count);
        message.ElementDone(null);
        message.ElementDone(Refusals.NotANumber);
        Assert.Equal((0, 3), (_sink.Delivered, _window.Count));
        message.ElementDone(null);
        Assert.Equal((1, 0, Refusals.NotANumber), (_sink.Delivered, _window.Count, _sink.LastRefusal));
    }

    private void Add(int count)
    {
        for (var i = 0; i < count; i++) _batcher.Add(TestFix.New(), Message());
    }

    private InboundMessage Message()
    {
        var message = new InboundMessage(_sink, _window, 0, 1);
        message.Accept();
        return message;
    }

    private void Report(OutgoingBatch batch) =>
        _batcher.Reported(new BatchReport { BatchId = batch.Id, Lane = 0, Outcomes = [.. batch.Fixes.Select(_ => FixOutcome.Accepted)] });
}

internal sealed class CountingSink : IDeliverySink
{
    private int _delivered;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Delivered => Volatile.Read(ref _delivered);

    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task WasAbandoned => _abandoned.Task;

    public int InFlight { get; private set; }

    public string? LastRefusal { get; private set; }

    public Task First => _first.Task;

    /// <summary>Thrown when a message is accepted, while it is set.</summary>
    public Exception? Failure { get; set; }

    public void Accepted(int fixes)
    {
        InFlight += fixes;
        if (Failure is not null) throw Failure;
    }

    public void Abandoned(int fixes)
    {
        InFlight -= fixes;
        _abandoned.TrySetResult();
    }

    void IDeliverySink.Delivered(long token, int fixes, DeliveryResult result)
    {
        LastRefusal = result.Refusal;
        Interlocked.Increment(ref _delivered);
        _first.TrySetResult();
    }
}

internal sealed class BrokenSink : IDeliverySink
{
    public void Accepted(int fixes)
    {
    }

    public void Delivered(long token, int fixes, DeliveryResult result) => throw new InvalidOperationException("The connection is broken.");

    public void Abandoned(int fixes)
    {
    }
}

internal static class TestFix
{
    private static long s_digest;

    public static Fix New(FixVerdict verdict = FixVerdict.Accepted) => new()
    {
        Tenant = "acme",
        VehicleId = "v",
        DeviceId = "d",
        FixedAt = Decoded.Now,
        ReceivedAt = Decoded.Now,
        Digest = Interlocked.Increment(ref s_digest),
        Verdict = verdict,
        Latitude = verdict == FixVerdict.NoPosition ? null : 1,
        Longitude = verdict == FixVerdict.NoPosition ? null : 2,
    };
}
