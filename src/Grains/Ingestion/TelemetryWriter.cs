using System.Diagnostics;
using System.Threading.Channels;
using FleetTracker.Outcomes;
using FleetTracker.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>
/// Commits what all lanes of this silo have, as one call, one at a time: while a commit is under way the next one gathers. A commit that
/// failed, or whose end is unknown, is sent again unchanged until the database answers; nothing is acknowledged meanwhile.
/// </summary>
internal sealed partial class TelemetryWriter(
    ITelemetryStore store,
    TelemetryWriterState state,
    TelemetryHold hold,
    DiskSpace disk,
    IOptions<LaneOptions> options,
    TelemetryMetrics metrics,
    TimeProvider time,
    ILogger<TelemetryWriter> logger) : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>A queue has work, or room for the results of more.</summary>
    public void Signal() => _signal.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _signal.Reader.WaitToReadAsync(stoppingToken))
            {
                _signal.Reader.TryRead(out _);
                while (Gather() is { Count: > 0 } works) await CommitAsync(works, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is still queued was never acknowledged.
        }
    }

    private List<LaneWork> Gather()
    {
        var works = new List<LaneWork>();
        var room = options.Value.MaxRowsPerCommit;
        foreach (var queue in state.Queues)
        {
            if (room <= 0) break;
            if (queue.Take(room) is not { } work) continue;
            works.Add(work);
            room -= work.Rows.Length;
        }

        // More may be waiting than fits.
        if (room <= 0) Signal();
        return works;
    }

    private async Task CommitAsync(List<LaneWork> works, CancellationToken cancellationToken)
    {
        using var span = StartSpan(works);
        var commits = works.ConvertAll(work => CommitOf(work, work.Queue.Number, .., [.. work.Quarantine], work.Outcomes, work.Checkpoints));
        try
        {
            var results = await SendAsync(commits, cancellationToken);
            for (var i = 0; i < works.Count; i++) Complete(works[i], results[i], commits[i].ExpectedNumber);
        }
        catch (RefusedContentException refused)
        {
            LogRefused(refused.Message);
            foreach (var work in works) await SplitAsync(work, cancellationToken);
        }
    }

    private void Complete(LaneWork work, LaneCommitResult result, long expected)
    {
        if (!result.Won)
        {
            Lose(work);
            return;
        }

        var fates = new RowFate[work.Rows.Length];
        for (var i = 0; i < fates.Length; i++) fates[i] = result.IsNew[i] ? RowFate.New : RowFate.Known;
        Complete(work, fates, expected + 1);
    }

    private void Complete(LaneWork work, RowFate[] fates, long number)
    {
        var fresh = fates.AsSpan().Count(RowFate.New);
        var refused = fates.AsSpan().Count(RowFate.Refused);
        metrics.Rows(fresh, fates.Length - fresh - refused, refused);
        work.Queue.Complete(new CommittedWork(work, fates, time.GetUtcNow(), number), number);
    }

    private void Lose(LaneWork work)
    {
        metrics.LaneLost();
        LogLost(work.Queue.Lane, work.Queue.Number);
        state.Detach(work.Queue);
        work.Queue.Lose();
    }

    /// <summary>
    /// Finds what the database refuses for its content by halving: rows go to quarantine, outcomes are dropped, and everything that is good is committed.
    /// Checkpoints go, since a row of an earlier part may lie before their heads.
    /// </summary>
    private async Task SplitAsync(LaneWork work, CancellationToken cancellationToken)
    {
        var fates = new RowFate[work.Rows.Length];
        var number = work.Queue.Number;
        List<QuarantinedMessage> quarantine = [.. work.Quarantine];
        var isOurs = await SendPartsAsync(
            work.Rows.Length,
            range => CommitOf(work, number, range, [], [], []),
            (start, result) =>
            {
                for (var i = 0; i < result.IsNew.Count; i++) fates[start + i] = result.IsNew[i] ? RowFate.New : RowFate.Known;
            },
            (row, refused) =>
            {
                fates[row] = RowFate.Refused;
                quarantine.Add(RefusedRows.Quarantine(work.Rows[row], refused.Message));
            });
        // Outcomes follow the rows that say so.
        isOurs = isOurs && await SendPartsAsync(
            work.Outcomes.Count,
            range => CommitOf(work, number, ..0, [], [.. work.Outcomes.Take(range)], []),
            (_, _) => { },
            (outcome, refused) =>
            {
                metrics.OutcomesDropped(1);
                LogOutcomeDropped(refused, work.Outcomes[outcome].Kind, work.Outcomes[outcome].VehicleId);
            });
        isOurs = isOurs && await SendPartsAsync(
            quarantine.Count,
            range => CommitOf(work, number, ..0, quarantine[range], [], []),
            (_, _) => { },
            // What it holds is refused messages, which were counted.
            (message, refused) => LogQuarantineDropped(refused, quarantine[message].DeviceId));
        if (isOurs) Complete(work, fates, number);
        else Lose(work);

        // False when the lane is another owner's.
        async Task<bool> SendPartsAsync(
            int count, Func<Range, LaneCommit> make, Action<int, LaneCommitResult> committed, Action<int, RefusedContentException> refuse)
        {
            var ranges = new Stack<(int Start, int Length)>();
            if (count > 0) ranges.Push((0, count));
            while (ranges.TryPop(out var part))
            {
                var (start, length) = part;
                try
                {
                    var result = (await SendAsync([make(start..(start + length))], cancellationToken))[0];
                    if (!result.Won) return false;
                    number++;
                    committed(start, result);
                }
                catch (RefusedContentException) when (length > 1)
                {
                    ranges.Push((start + (length / 2), length - (length / 2)));
                    ranges.Push((start, length / 2));
                }
                catch (RefusedContentException refused)
                {
                    refuse(start, refused);
                }
            }

            return true;
        }
    }

    private async Task<IReadOnlyList<LaneCommitResult>> SendAsync(IReadOnlyList<LaneCommit> commits, CancellationToken cancellationToken)
    {
        var pause = FirstRetry;
        while (true)
        {
            await WaitForDiskAsync(cancellationToken);
            var begun = time.GetTimestamp();
            try
            {
                var results = await store.CommitAsync(commits, cancellationToken);
                metrics.Committed(time.GetElapsedTime(begun), commits.Sum(commit => commit.Rows.Count));
                if (hold.Set(null)) LogFlowing();
                return results;
            }
            catch (Exception error) when (error is not RefusedContentException && !cancellationToken.IsCancellationRequested)
            {
                metrics.Failed(error);
                if (hold.Set("The telemetry database does not take commits; fixes are not acknowledged until it does.")) LogHolding(error);
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LastRetry ? pause * 2 : LastRetry;
            }
        }
    }

    private async Task WaitForDiskAsync(CancellationToken cancellationToken)
    {
        while (disk.Shortage() is { } shortage)
        {
            if (hold.Set(shortage)) LogLowDisk(shortage);
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    private static LaneCommit CommitOf(
        LaneWork work, long number, Range range, IReadOnlyList<QuarantinedMessage> quarantine, IReadOnlyList<Outcome> outcomes, IReadOnlyList<Checkpoint> checkpoints)
    {
        var (start, length) = range.GetOffsetAndLength(work.Rows.Length);
        var isWhole = length == work.Rows.Length;
        return new LaneCommit
        {
            Lane = work.Queue.Lane,
            ExpectedNumber = number,
            Rows = isWhole ? work.Rows : work.Rows[range],
            NewVehicles = work.NewVehicles,
            Quarantine = quarantine,
            Outcomes = outcomes,
            Checkpoints = checkpoints,
            LateRows = isWhole ? work.LateRows : [.. work.LateRows.Where(late => late >= start && late < start + length).Select(late => late - start)],
        };
    }

    private static Activity? StartSpan(List<LaneWork> works)
    {
        if (!TelemetryMetrics.Source.HasListeners()) return null;
        var parent = works.SelectMany(work => work.Batches).Select(batch => batch.TraceParent).FirstOrDefault(trace => trace is not null);
        return ActivityContext.TryParse(parent, null, out var context)
            ? TelemetryMetrics.Source.StartActivity("telemetry commit", ActivityKind.Client, context)
            : null;
    }

    [LoggerMessage(2765, LogLevel.Warning, "Acknowledgements are held: the telemetry database does not take commits")]
    private partial void LogHolding(Exception error);

    [LoggerMessage(2766, LogLevel.Information, "Commits flow again")]
    private partial void LogFlowing();

    [LoggerMessage(2767, LogLevel.Warning, "Lane {Lane} was lost at number {Number}: another owner has started it")]
    private partial void LogLost(int lane, long number);

    [LoggerMessage(2768, LogLevel.Warning, "The database refused a commit for its content; it is split: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(2769, LogLevel.Warning, "Acknowledgements are held: {Shortage}")]
    private partial void LogLowDisk(string shortage);

    [LoggerMessage(2771, LogLevel.Error, "An outcome ({Kind}) of vehicle {Vehicle} could not be stored: the database refuses it for its content")]
    private partial void LogOutcomeDropped(Exception error, string kind, string vehicle);

    [LoggerMessage(2770, LogLevel.Error, "A quarantined message of device {Device} could not be stored")]
    private partial void LogQuarantineDropped(Exception error, string device);
}
