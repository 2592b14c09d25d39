using System.Diagnostics;

namespace FleetTracker.Cluster;

/// <summary>Waits for what a load generator counts.</summary>
internal static class Progress
{
    public static async Task UntilAsync(Func<long> counter, long atLeast, TimeSpan timeout, Func<string> onTimeout)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < timeout; await poll.WaitForNextTickAsync())
        {
            if (counter() >= atLeast) return;
        }

        throw new TimeoutException($"Only {counter()} of {atLeast} were acknowledged after {timeout}.\n{onTimeout()}");
    }

    /// <summary>The end of a load that was canceled.</summary>
    public static async Task EndAsync(Task running)
    {
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
        }
    }
}
