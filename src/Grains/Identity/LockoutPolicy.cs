namespace FleetTracker.Identity;

/// <summary>Failures of one user name in a row, and the lock that they led to.</summary>
internal readonly record struct SignInFailures(int Count, DateTimeOffset? LockedUntil)
{
    public static readonly SignInFailures None;
}

/// <summary>When a user name is locked and for how long. Pure; the clock is an input.</summary>
internal static class LockoutPolicy
{
    /// <summary>How long the name stays locked; zero when it is not.</summary>
    public static TimeSpan Remaining(SignInFailures failures, DateTimeOffset now) =>
        failures.LockedUntil is { } until && until > now ? until - now : TimeSpan.Zero;

    /// <summary>Counts one more failure. Each one from the limit on locks, twice as long as the one before, up to the longest lock.</summary>
    public static SignInFailures AfterFailure(SignInFailures failures, DateTimeOffset now, SignInOptions options)
    {
        var count = failures.Count < int.MaxValue ? failures.Count + 1 : int.MaxValue;
        if (count < options.MaxFailures) return new(count, null);

        // 2^20 of the smallest lock is beyond any longest one; the bound keeps the shift from wrapping.
        var doublings = Math.Min(count - options.MaxFailures, 20);
        var ticks = (double)options.Lockout.Ticks * (1L << doublings);
        var duration = ticks >= options.MaxLockout.Ticks ? options.MaxLockout : TimeSpan.FromTicks((long)ticks);
        return new(count, now + duration);
    }
}
