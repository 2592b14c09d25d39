namespace FleetTracker.Simulation;

/// <summary>Spreads sends evenly over time. Time that was lost is made good at once, so the mean rate holds.</summary>
internal sealed class Pacer(double ratePerSecond, TimeProvider clock)
{
    private readonly long _started = clock.GetTimestamp();
    private long _taken;

    /// <summary>How many sends are due and not taken yet; the first is due at once.</summary>
    public long Due()
    {
        if (ratePerSecond <= 0) return long.MaxValue;
        return 1 + (long)(clock.GetElapsedTime(_started).TotalSeconds * ratePerSecond) - _taken;
    }

    public void Take() => _taken++;

    /// <summary>Until the next send is due; zero when one is.</summary>
    public TimeSpan UntilNext()
    {
        if (ratePerSecond <= 0) return TimeSpan.Zero;
        var wait = TimeSpan.FromSeconds(_taken / ratePerSecond) - clock.GetElapsedTime(_started);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>By how much the oldest send not taken is late.</summary>
    public TimeSpan Lag()
    {
        if (ratePerSecond <= 0) return TimeSpan.Zero;
        var lag = clock.GetElapsedTime(_started) - TimeSpan.FromSeconds(_taken / ratePerSecond);
        return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
    }
}
