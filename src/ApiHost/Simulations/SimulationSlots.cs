using FleetTracker.Problems;
using Microsoft.Extensions.Options;

namespace FleetTracker.Simulations;

/// <summary>So many simulations at once on this host: they take from a core what live vehicles need.</summary>
internal sealed class SimulationSlots(IOptions<SimulationOptions> options)
{
    /// <summary>About as long as a simulation takes.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private int _taken;

    /// <summary>Runs it, or answers that the host is busy.</summary>
    public async Task<IResult> RunAsync(Func<Task<IResult>> simulation)
    {
        if (Interlocked.Increment(ref _taken) > options.Value.AtOnce)
        {
            Interlocked.Decrement(ref _taken);
            return new RetryLater(
                TypedResults.Problem(
                    type: "/problems/too-many-simulations", title: "Too many simulations are running",
                    detail: $"This host runs {options.Value.AtOnce} at once. Try again in {ApiProblems.Seconds(RetryAfter)} s.", statusCode: StatusCodes.Status429TooManyRequests),
                RetryAfter);
        }

        try
        {
            return await simulation();
        }
        finally
        {
            Interlocked.Decrement(ref _taken);
        }
    }
}
