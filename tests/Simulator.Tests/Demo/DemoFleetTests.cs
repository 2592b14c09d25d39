using FleetTracker.Simulation;
using FleetTracker.Simulator.Tests.Mqtt;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Simulator.Tests.Demo;

public sealed class DemoFleetTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Sixty_to_a_hundred_vehicles_have_legal_names_of_their_own()
    {
        var ids = Fleet().DeviceIds;

        Assert.InRange(ids.Count, 60, 100);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(id, DeviceNames.For("", id)[1..]));
    }

    [Fact]
    public void No_vehicle_ever_jumps_through_six_hours_of_loops()
    {
        var last = new Dictionary<string, (DateTimeOffset At, DemoMoment Moment)>(StringComparer.Ordinal);
        var previous = Noon;
        foreach (var (at, deviceId, moment) in Fleet().After(Noon).TakeWhile(entry => entry.At < Noon.AddHours(6)))
        {
            Assert.True(at >= previous);
            previous = at;
            if (last.TryGetValue(deviceId, out var before))
            {
                var seconds = (at - before.At).TotalSeconds;
                Assert.InRange(seconds, 0.1, 400);
                Assert.InRange(Meters(before.Moment, moment), 0, 30 + (40 * seconds));
            }

            Assert.True(moment.Heading is null or (>= 0 and < 360));
            Assert.True(moment.Speed is null or (>= 0 and <= 40));
            last[deviceId] = (at, moment);
        }

        Assert.Equal(Fleet().DeviceIds.Order(), last.Keys.Order());
    }

    [Fact]
    public void A_demo_that_starts_again_goes_on_where_it_would_be()
    {
        var whole = Fleet().After(Noon).Where(entry => entry.At > Noon.AddMinutes(30)).Take(500);

        Assert.Equal(whole, Fleet().After(Noon.AddMinutes(30)).Take(500));
    }

    [Fact]
    public async Task What_happens_after_the_start_is_published_when_it_happens()
    {
        await using var broker = await TestBroker.StartAsync();
        var clock = new FakeTimeProvider(Noon);
        var due = Fleet().After(Noon.AddMinutes(-1)).TakeWhile(entry => entry.At <= Noon).Count();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var fleet = Fleet(broker.Port, TimeSpan.FromMinutes(1), clock);

        var run = fleet.RunAsync(ending.Token);
        while (broker.Received.Count < due) await Task.Yield();
        Assert.Equal(due, fleet.Published);
        await ending.CancelAsync();
        await run;

        Assert.Equal(due, broker.Received.Count);
    }

    private static DemoFleet Fleet(int port = 0, TimeSpan backfill = default, TimeProvider? clock = null) => new(
        new DemoFleetOptions { Target = new MqttTarget { Port = port }, Backfill = backfill }, clock ?? new FakeTimeProvider(Noon));

    private static double Meters(DemoMoment from, DemoMoment to)
    {
        var north = (to.Latitude - from.Latitude) * 111_195;
        var east = (to.Longitude - from.Longitude) * 111_195 * Math.Cos(from.Latitude * Math.PI / 180);
        return Math.Sqrt((north * north) + (east * east));
    }
}
