using FleetTracker.LiveMap;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Logging;

namespace FleetTracker.Ingestion;

/// <summary>
/// How a lane and its vehicles work together: rows are handed to vehicles that are current, those that are behind catch up a few at a time beside the
/// lane's turn, and those whose time has come look at the clock. Everything runs in the lane's activation and interleaves at awaits only.
/// </summary>
internal sealed partial class LaneVehicles(
    LaneHeads heads, LaneQueue queue, LaneOptions options, TelemetryMetrics metrics, FoldMetrics foldMetrics, TimeProvider time, ILogger logger, CancellationToken stop)
{
    private readonly Queue<LaneHead> _behind = new();
    private readonly PriorityQueue<LaneHead, DateTimeOffset> _due = new();
    private readonly HashSet<Task> _catchUps = [];
    private LaneStart _start;
    private long _committedThrough;
    private bool _looksAtClock;

    /// <summary>A vehicle has something new to show, or something to commit.</summary>
    public required Action<IReadOnlyList<LiveVehicle>> Said { get; init; }

    public void Start(LaneStart start, DateTimeOffset now)
    {
        _start = start;
        // Those that reported last are looked at first.
        foreach (var head in heads.All.OrderByDescending(head => head.Newest?.ReceivedAt ?? default)) FallBehind(head, null);
        CatchUp(now);
    }

    /// <summary>Hands rows to the vehicles that are current. Answers with what dispatchers see now.</summary>
    public async Task<List<LiveVehicle>> FoldAsync(CommittedWork committed, IReadOnlyList<VehicleFold> folds)
    {
        const int atOnce = 256;
        _committedThrough = committed.Work.Sequence;
        var upserts = new List<LiveVehicle>(folds.Count);
        for (var next = 0; next < folds.Count; next += atOnce)
        {
            var end = Math.Min(next + atOnce, folds.Count);
            var calls = new Task<LiveVehicle?>[end - next];
            for (var i = next; i < end; i++) calls[i - next] = FoldAsync(folds[i], committed.Number);
            foreach (var call in calls)
            {
                if (await call is { } live) upserts.Add(live);
            }
        }

        CatchUp(time.GetUtcNow());
        return upserts;
    }

    /// <summary>Lets vehicles look at the clock whose time has come, and those catch up that had to wait.</summary>
    public async Task LookAtClockAsync()
    {
        if (_looksAtClock || _start == default) return;
        _looksAtClock = true;
        try
        {
            var now = time.GetUtcNow();
            CatchUp(now);
            while (_due.TryPeek(out var head, out var at) && at <= now)
            {
                _due.Dequeue();
                if (head.ListedDue == at) head.ListedDue = null;
                if (!heads.Has(head) || head.Phase != VehiclePhase.Current || head.DueAt is not { } due) continue;
                if (due > now) List(head, due);
                else await ElapseAsync(head);
            }
        }
        finally
        {
            _looksAtClock = false;
        }
    }

    /// <summary>Rules changed: vehicles at a fence, of which a sensor says something, or that have other thresholds now look at the clock soon.</summary>
    public void RulesChanged(TenantRules changed, DateTimeOffset now)
    {
        foreach (var head in heads.All)
        {
            if (!string.Equals(head.Tenant, changed.Tenant, StringComparison.Ordinal)) continue;
            if (!head.MindsRules && changed.OptionsOf(head.VehicleId).GetHashCode() == head.OptionsStamp) continue;
            head.DueAt = now;
            List(head, now);
        }
    }

    private async Task<LiveVehicle?> FoldAsync(VehicleFold fold, long number)
    {
        var head = fold.Head;
        if (head.Phase == VehiclePhase.Current)
        {
            try
            {
                var answer = await head.Vehicle.FoldAsync(_start, fold.Rows);
                if (!answer.IsBehind) return Take(head, answer);
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                // The rows are safe; the vehicle's memory is not known any more.
                foldMetrics.VehicleFailed();
                LogFoldFailed(error, head.VehicleId);
                head.MustForget = true;
            }

            FallBehind(head, PositionKey.Of(fold.Rows[0]));
        }
        else if (number > head.ReadThrough)
        {
            // One that the lane has only just met is not listed yet.
            if (head.Phase == VehiclePhase.Behind) FallBehind(head, PositionKey.Of(fold.Rows[0]));
            else head.Miss(PositionKey.Of(fold.Rows[0]));
        }

        return ShownOf(fold);
    }

    /// <summary>While a vehicle catches up, its newest row is shown as it is.</summary>
    private LiveVehicle? ShownOf(VehicleFold fold) =>
        fold.Head.Newest is { } newest && ReferenceEquals(fold.Rows.LastOrDefault(row => row.Verdict == FixVerdict.Accepted), newest) ? heads.LiveOf(newest) : null;

    private async Task ElapseAsync(LaneHead head)
    {
        try
        {
            var answer = await head.Vehicle.ElapseAsync(_start);
            if (answer.IsBehind) FallBehind(head, null);
            else if (Take(head, answer) is { } live) Said([live]);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            foldMetrics.VehicleFailed();
            LogFoldFailed(error, head.VehicleId);
            FallBehind(head, null);
        }
    }

    private LiveVehicle? Take(LaneHead head, VehicleAnswer answer)
    {
        if (!heads.Has(head)) return null;
        if (answer.Outcomes.Length > 0)
        {
            head.SaidIn = queue.AddOutcomes(answer.Outcomes);
            metrics.OutcomesWritten(answer.Outcomes.Length);
        }

        foreach (var snapshot in answer.Snapshots)
        {
            // Rows that it was not told of while it caught up may lie before the head.
            if (head.OldestMissed <= snapshot.Head) break;
            queue.AddCheckpoint(new Checkpoint { Tenant = head.Tenant, VehicleId = head.VehicleId, Head = snapshot.Head, State = snapshot.State, DueAt = answer.DueAt });
        }

        head.MindsRules = answer.MindsRules;
        head.OptionsStamp = answer.OptionsStamp;
        head.DueAt = answer.DueAt;
        if (answer.DueAt is { } due) List(head, due);
        return answer.Live;
    }

    /// <summary>An entry that is there already and not later is enough: the vehicle is looked at then, and listed again.</summary>
    private void List(LaneHead head, DateTimeOffset due)
    {
        if (head.ListedDue <= due) return;
        head.ListedDue = due;
        _due.Enqueue(head, due);
    }

    /// <param name="missed">The oldest row that it was not told of; <c>null</c> when its memory is gone.</param>
    private void FallBehind(LaneHead head, PositionKey? missed)
    {
        if (missed is { } row) head.Miss(row);
        else head.MustForget = true;
        head.Phase = VehiclePhase.Behind;
        if (head.IsListed) return;
        head.IsListed = true;
        _behind.Enqueue(head);
        queue.Behind = _behind.Count;
    }

    /// <summary>Starts as many as may run. One whose words are not committed yet, or whose time has not come, waits at the end of the list.</summary>
    private void CatchUp(DateTimeOffset now)
    {
        for (var looked = _behind.Count; looked > 0 && _catchUps.Count < options.MaxCatchUps && queue.QueuedOutcomes < options.MaxQueuedOutcomes; looked--)
        {
            var head = _behind.Dequeue();
            if (!heads.Has(head)) continue;
            if (head.SaidIn > _committedThrough || head.NotBefore > now)
            {
                _behind.Enqueue(head);
                continue;
            }

            head.IsListed = false;
            var catchUp = CatchUpAsync(head);
            if (!catchUp.IsCompleted) _catchUps.Add(catchUp);
            _ = GoOnAfterAsync(catchUp);
        }

        queue.Behind = _behind.Count;
    }

    private async Task GoOnAfterAsync(Task catchUp)
    {
        await catchUp;
        _catchUps.Remove(catchUp);
        if (!stop.IsCancellationRequested) CatchUp(time.GetUtcNow());
    }

    private async Task CatchUpAsync(LaneHead head)
    {
        var begun = time.GetTimestamp();
        var from = head.MustForget ? null : head.OldestMissed;
        (head.Phase, head.OldestMissed, head.MustForget, head.ReadThrough) = (VehiclePhase.CatchingUp, null, false, queue.Number);
        try
        {
            var answer = await head.Vehicle.CatchUpAsync(_start, from);
            if (!heads.Has(head)) return;
            Pause(head, time.GetElapsedTime(begun));
            if (answer.IsBehind)
            {
                // Its tenant's rules are not loaded yet.
                FallBehind(head, null);
                return;
            }

            metrics.CaughtUp(time.GetElapsedTime(begun));
            var live = Take(head, answer);
            if (head.OldestMissed is { } missed) FallBehind(head, missed);
            else head.Phase = VehiclePhase.Current;
            Said(live is null ? [] : [live]);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            foldMetrics.VehicleFailed();
            LogCatchUpFailed(error, head.VehicleId);
            Pause(head, TimeSpan.FromSeconds(1));
            FallBehind(head, null);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // The next owner of the lane catches up.
        }
    }

    /// <summary>One that was caught up a moment ago, and again before, would do nothing else under a stream of late rows.</summary>
    private void Pause(LaneHead head, TimeSpan took)
    {
        var now = time.GetUtcNow();
        var pause = took * 4 > options.CatchUpPeriod ? took * 4 : options.CatchUpPeriod;
        head.NotBefore = now - head.CaughtUpAt < pause * 10 ? now + pause : now;
        head.CaughtUpAt = now;
    }

    [LoggerMessage(2754, LogLevel.Warning, "Vehicle {Vehicle} could not fold new rows")]
    private partial void LogFoldFailed(Exception error, string vehicle);

    [LoggerMessage(2757, LogLevel.Warning, "Vehicle {Vehicle} could not catch up yet; it tries again")]
    private partial void LogCatchUpFailed(Exception error, string vehicle);
}
