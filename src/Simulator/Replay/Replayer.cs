namespace FleetTracker.Simulation;

/// <summary>What a replay did. <see cref="Resent"/> publishes may have reached the server twice.</summary>
public sealed record ReplayResult(long Sent, long Acknowledged, long Resent, int Connections, TimeSpan Elapsed);

/// <summary>Publishes a recording and returns when the server has acknowledged all of it.</summary>
public sealed class Replayer(MqttTarget target, TimeProvider clock)
{
    /// <param name="elements">In file order, which is kept per vehicle.</param>
    /// <param name="speed">1 = real time, 0 = as fast as the server acknowledges.</param>
    /// <param name="progress">Told the number of acknowledged elements about every five seconds.</param>
    /// <param name="cancellationToken">Ends the replay early.</param>
    public async Task<ReplayResult> RunAsync(
        IReadOnlyList<TraceElement> elements, double speed, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(elements);
        ArgumentOutOfRangeException.ThrowIfNegative(speed);

        await using var pool = new PublisherPool(target, $"sim-{Guid.NewGuid():n}"[..12], clock);
        var started = clock.GetTimestamp();
        await using var reporting = clock.CreateTimer(
            _ => progress?.Report(pool.Acknowledged), state: null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));

        foreach (var (due, element) in ReplaySchedule.Of(elements, speed))
        {
            var wait = due - clock.GetElapsedTime(started);
            if (wait > TimeSpan.Zero) await DelayAsync(wait, cancellationToken);
            await pool.PublishAsync(element, onAcknowledged: null, cancellationToken);
        }

        await pool.DrainAsync(cancellationToken);
        return new ReplayResult(elements.Count, pool.Acknowledged, pool.Resent, pool.Connections, clock.GetElapsedTime(started));
    }

    /// <summary>A recording may pause for months, a timer may not.</summary>
    private async Task DelayAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var longest = TimeSpan.FromDays(20);
        for (; wait > longest; wait -= longest) await Task.Delay(longest, clock, cancellationToken);
        await Task.Delay(wait, clock, cancellationToken);
    }
}
