using System.Collections.Concurrent;
using CsCheck;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Sensors;

namespace FleetTracker.Vehicles;

/// <summary>The guarantee: what is said does not depend on the order, repetition or batching of the fixes, nor on what died in between.</summary>
public sealed class AnyOrderTests
{
    private static readonly Gen<Fix[]> Journeys = Gen.Select(Gen.Int[0, 16], Gen.Double[0, 1], Gen.Double[0, 1]).Array[3, 14].Select(Journey);

    /// <summary>A property of journeys on which something never happens proves nothing about it.</summary>
    internal static readonly string[] Kinds =
    [
        "alarm", "battery.low", "excluded", "fuel.drain", "fuel.fill", "geofence.cross", "geofence.dwell", "geofence.enter", "geofence.exit", "geofence.overspeed", "harsh.acceleration", "harsh.braking",
        "harsh.cornering", "idling", "ignition.off", "ignition.on", "offline", "online", "overspeed", "power.cut", "sensor.high", "sensor.low", "sensor.on", "sos", "stop", "tow", "trip", "visit",
    ];

    [Fact]
    public void Any_order_repetition_and_batching_with_crashes_in_between_says_the_same()
    {
        var seen = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        Gen.Select(Journeys, Gen.Int[0, int.MaxValue]).Sample(
            pair =>
            {
                var (rows, seed) = pair;
                var now = rows.Max(row => row.FixedAt).AddHours(5);
                var inOrder = new Archive(Rules);
                foreach (var row in rows.OrderBy(PositionKey.Of)) inOrder.Commit([row], now.AddHours(-3));
                inOrder.Elapse(now);

                var other = new Archive(Rules);
                Deliver(other, rows, new Random(seed), now.AddHours(-3));
                other.Elapse(now);

                Assert.Equal(inOrder.Say(), other.Say());
                foreach (var outcome in inOrder.Said) seen[outcome.Kind] = true;
                return true;
            },
            iter: 500);
        Assert.Equal(Kinds, seen.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_backlog_newest_first_says_the_same_and_is_rebuilt_rarely()
    {
        var trace = new Trace();
        for (var i = 0; i < 40; i++) trace.Stand(900).Drive(4_000, i % 2 == 0 ? 3_000 : -3_000);
        var now = trace.Now.AddHours(2);
        var inOrder = new Archive(Rules);
        foreach (var row in trace.Rows) inOrder.Commit([row], now);
        inOrder.Elapse(now);

        var backlog = new Archive(Rules);
        foreach (var batch in trace.Rows.Reverse().Chunk(256)) backlog.Commit(batch, now);
        backlog.Elapse(now);
        Assert.Equal(inOrder.Say(), backlog.Say());
        Assert.True(inOrder.Say().Length > 75);
        Assert.True(backlog.Rebuilds <= (trace.Rows.Count / 256) + 1, $"{backlog.Rebuilds} rebuilds");
    }

    [Fact]
    public void The_same_fixes_again_write_nothing()
    {
        var trace = new Trace().Stand(900).Drive(4_000, 0).Stand(900);
        var archive = new Archive(Rules);
        foreach (var row in trace.Rows) archive.Commit([row], trace.Now);
        archive.Elapse(trace.Now);
        var writes = archive.Writes;
        foreach (var row in trace.Rows) archive.Commit([row], trace.Now);
        archive.Kill();
        archive.Elapse(trace.Now);
        archive.Elapse(trace.Now);
        Assert.Equal(writes, archive.Writes);
    }

    /// <summary>A depot at the start, a district, a small yard, a road, and one that is changed and one that is deleted on the way.</summary>
    private static TenantRules Rules { get; } = TenantRules.None with
    {
        Options = new VehicleOptions { SpeedLimitMetersPerSecond = 12 },
        Fences = FenceSnapshot.Build(
        [
            TestFences.Circle("depot", 0, 0, 150, rules: new GeofenceRules { DwellEventAfter = TimeSpan.FromMinutes(4) }),
            TestFences.Square("district", 1_500, 1_000, 3_000, rules: new GeofenceRules { SpeedLimitMetersPerSecond = 8 }),
            TestFences.Circle("yard", 700, -600, 80, rules: new GeofenceRules { MinDwell = TimeSpan.Zero, MarginMeters = 0 }),
            TestFences.Corridor("road", [(-4_000, 200), (4_000, 400)], 60),
            TestFences.Circle("changed", 0, 0, 2_000, to: Trace.Start.AddMinutes(20)),
            TestFences.Circle("changed", 0, 0, 500, from: Trace.Start.AddMinutes(20), version: 2),
            TestFences.Square("deleted", 0, 0, 4_000, to: Trace.Start.AddMinutes(33)),
            TestFences.Square("hours", 0, 0, 6_000, rules: new GeofenceRules { Schedule = new WeeklySchedule { TimeZone = "Europe/Helsinki", Intervals = [new WeeklyInterval(DayOfWeek.Monday, new TimeOnly(10, 10), new TimeOnly(10, 40)), new WeeklyInterval(DayOfWeek.Monday, new TimeOnly(11, 0), new TimeOnly(12, 0))] } }),
        ]),
        Sensors = SensorSet.Build(
        [
            TestSensors.Of("cold", TestSensors.Gauge(low: 2, high: 8, hysteresis: 1, minSeconds: 45)),
            TestSensors.Of("door", TestSensors.Switch(hysteresis: 0.2)),
            TestSensors.Of("slow", TestSensors.Switch(inverted: true, minSeconds: 900)),
            TestSensors.Of("tank", TestSensors.Fuel(minSeconds: 30)),
            TestSensors.Of("raw", TestSensors.Fuel(smoothing: 1, max: TimeSpan.FromMinutes(2))),
        ], TenantRules.None.Groups, (sensor, error) => Assert.Fail($"{sensor.Id}: {error.Message}")),
    };

    private static void Deliver(Archive archive, Fix[] rows, Random random, DateTimeOffset now)
    {
        var sent = rows.Concat(rows.Where(_ => random.Next(4) == 0)).ToArray();
        switch (random.Next(4))
        {
            case 0: random.Shuffle(sent); break;
            case 1: Array.Sort(sent, (a, b) => PositionKey.Of(b).CompareTo(PositionKey.Of(a))); break;
            default: ShuffleNearby(sent, random); break;
        }

        for (var next = 0; next < sent.Length;)
        {
            var size = random.Next(5) == 0 ? random.Next(1, 60) : random.Next(1, 4);
            archive.Commit(sent.Skip(next).Take(size), now);
            next += size;
            if (random.Next(20) == 0) archive.Kill();
            if (random.Next(20) == 0) archive.Elapse(now);
        }
    }

    /// <summary>As a network disorders: each fix at most some places away from where it belongs.</summary>
    private static void ShuffleNearby(Fix[] rows, Random random)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var j = Math.Min(rows.Length - 1, i + random.Next(0, random.Next(6) == 0 ? 40 : 6));
            (rows[i], rows[j]) = (rows[j], rows[i]);
        }
    }

    /// <summary>A fix a second: hard on the gas, around a corner, hard on the brake.</summary>
    private static void Harsh(Trace trace, double change, double turn)
    {
        var (east, north) = (trace.East, trace.North);
        for (var i = 0; i < 12; i++)
        {
            var (speed, heading) = (8 + (change * (i < 6 ? i : 11 - i)), i is 6 or 7 ? turn * 60 * (i - 5) : 0);
            trace.Fix(east, north += speed, speed, after: 1).Change(fix => fix with { HeadingDegrees = heading });
        }
    }

    private static Fix[] Journey((int What, double A, double B)[] legs)
    {
        var trace = new Trace { Ignition = legs[0].A < 0.5 ? null : false };
        foreach (var (what, a, b) in legs)
        {
            switch (what)
            {
                case 0 or 1: trace.Stand(60 + (a * 1_200), every: 10 + (b * 50)); break;
                case 2 or 3: trace.Drive((a - 0.5) * 8_000, (b - 0.5) * 8_000, speed: 5 + (a * 15), every: 5 + (b * 40)); break;
                case 4: trace.Wait(a * 4_000); break;
                case 5: trace.Outlier(a * 60_000, b * 1_000); break;
                case 6: trace.Outlier(a * 400, b * 100, accuracy: 1_000 * b); break;
                case 7: trace.Stand(30).Change(fix => fix with { Verdict = FixVerdict.NullIsland, Latitude = 0, Longitude = 0, Attributes = "{\"alarm\":\"sos\"}" }); break;
                case 10: Harsh(trace, 1 + (b * 4), a); break;
                case 11: trace.Stand(20).Change(fix => fix with { Attributes = a < 0.5 ? "{\"alarm\":\"powerCut\"}" : "{\"alarm\":\"tamper\"}" }); break;
                case 12: trace.Say("temp", (a * 12) - 1, after: 1 + (b * 60)).Say("temp", (b * 12) - 1, after: 1 + (a * 60)); break;
                case 13: trace.Say("door", Math.Round(a), after: 1 + (b * 400)); break;
                case 14:
                    for (var i = 0; i < 8; i++) trace.Say("fuel", Math.Round(a * 3) * 40, after: 1 + (b * 40), speed: b < 0.2 ? 15 : 0);
                    break;
                case 15:
                    trace.Ignition = true;
                    trace.Stand(320 + (a * 300), every: 10 + (b * 20));
                    if (b < 0.7) trace.Ignition = b < 0.3 ? null : false;
                    break;
                case 16:
                    for (var i = 0; i < 16; i++) trace.Say("fuel", (i < 8) == (a < 0.7) ? 90 : 20 + (b * 10), after: 1 + (b * 40));
                    break;
                case 8: trace.Ignition = a < 0.3 ? null : a < 0.8; trace.Stand(30); if (b < 0.5) trace.Ignition = false; trace.Stand(20); break;
                default: trace.Stand(20).Change(fix => fix with { FixedAt = fix.FixedAt.AddSeconds(-10), Digest = -fix.Digest, Attributes = "{\"battery\":" + (int)(a * 30) + "}" }); break;
            }
        }

        trace.Stand(10);
        return [.. trace.Rows];
    }
}
