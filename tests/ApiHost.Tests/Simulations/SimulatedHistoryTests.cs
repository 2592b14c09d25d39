using FleetTracker.Hosting.Tests;
using FleetTracker.Ingestion;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Simulations.Tests;

/// <summary>How a simulation ends before its history does.</summary>
[Collection("api")]
public sealed class SimulatedHistoryTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task When_its_time_is_up_it_tells_how_far_it_came()
    {
        var (scope, ids) = await ScopeAsync();
        var (taken, ended) = (0, new List<DateTimeOffset>());
        await History().ReadAsync(
            scope, _ => { },
            _ =>
            {
                if (++taken == 10) _clock.Advance(TimeSpan.FromSeconds(60));
            },
            ended.Add, CancellationToken.None);
        Assert.Equal((1_000, Noon.AddSeconds(999)), (taken, Assert.Single(ended)));
        Assert.Equal(
            [
                $"Vehicle '{ids[0]}' was looked at up to 2026-03-01T12:16:39Z: a simulation may take 60 s.",
                $"1 of 2 vehicles, from '{ids[1]}' on, were not looked at: a simulation may take 60 s.",
            ],
            scope.Cut);
    }

    [Fact]
    public async Task When_the_caller_leaves_nothing_more_is_read_and_its_place_is_free()
    {
        var (scope, _) = await ScopeAsync();
        using var caller = new CancellationTokenSource();
        var (taken, slots) = (0, new SimulationSlots(Options.Create(new SimulationOptions { AtOnce = 1 })));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slots.RunAsync(async () =>
        {
            await History().ReadAsync(
                scope, _ => { },
                _ =>
                {
                    if (++taken == 10) caller.Cancel();
                },
                _ => { }, caller.Token);
            return TypedResults.Ok();
        }));
        Assert.Equal(1_000, taken);
        Assert.IsType<Ok>(await slots.RunAsync(() => Task.FromResult<IResult>(TypedResults.Ok())));
    }

    private SimulatedHistory History() => new(api.Telemetry, new SimulationOptions(), _clock);

    /// <summary>One vehicle with two pages of rows and one with a single row.</summary>
    private async Task<(SimulationScope Scope, string[] Ids)> ScopeAsync()
    {
        var tenant = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(2);
        await tenant.CommitAsync([.. Enumerable.Range(0, 1_500).Select(i => tenant.Fix(ids[0], Noon.AddSeconds(i))), tenant.Fix(ids[1], Noon)]);
        return (new SimulationScope(tenant.Name, ids, Noon, Noon.AddHours(1)), ids);
    }
}
