using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Outcomes;

/// <summary>What lists of outcomes contain, in which order, and that their pages fit together.</summary>
public abstract class OutcomeQueryCompliance(StorageFixture fixture)
{
    private const double Day = 24 * 60;

    private readonly ITelemetryStore _store = fixture.Telemetry;
    private readonly IOutcomeStore _outcomes = fixture.Outcomes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task From_keeps_what_ends_at_or_after_it()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        Outcome[] kept =
        [
            lane.OpenSince(-900 * Day), lane.Outcome(-400 * Day, 0), lane.Outcome(-7 * Day, 0), lane.Outcome((-7 * Day) - 1, 0), lane.Outcome(-12 * 60, 1),
            lane.Outcome(-60, 0), lane.Outcome(-60, 0) with { At = OutcomeLane.Key(-60, 8) }, lane.Outcome(-1, 5), lane.Outcome(0), lane.Outcome(0, 3) with { At = OutcomeLane.Key(0, 8) }, lane.Outcome(5),
        ];
        var justBefore = -1.0 / 60_000_000;
        await lane.WriteAsync(
        [
            .. kept, lane.Outcome(justBefore), lane.Outcome(-8 * Day, justBefore), lane.Outcome(-1, justBefore), lane.Outcome(-13 * 60, -60), lane.Outcome(-500 * Day, -100 * Day),

            // Shaped by later rows, but over before.
            lane.Outcome(-30, -10) with { Through = OutcomeLane.Key(30) },
        ]);
        foreach (var query in Both(lane, lane.Query() with { From = OutcomeLane.Noon })) await HoldsAsync(kept, query);

        // An instant between two microseconds.
        foreach (var query in Both(lane, lane.Query() with { From = OutcomeLane.Noon.AddTicks(-1) })) await HoldsAsync(kept, query);
    }

    [Fact]
    public async Task To_keeps_what_begins_before_it()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        Outcome[] kept = [lane.Outcome(-1), lane.Outcome(-0.5, 10)];
        await lane.WriteAsync([.. kept, lane.Outcome(0), lane.Outcome(1), lane.OpenSince(2)]);
        foreach (var query in Both(lane, lane.Query() with { To = OutcomeLane.Noon })) await HoldsAsync(kept, query);
        foreach (var query in Both(lane, lane.Query() with { To = OutcomeLane.Noon, From = OutcomeLane.Noon })) await HoldsAsync(kept[1..], query);
        foreach (var query in Both(lane, lane.Query() with { To = OutcomeLane.Noon.AddMinutes(-20), From = OutcomeLane.Noon })) await HoldsAsync([], query);
    }

    [Fact]
    public async Task Conditions_narrow_the_list()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var trip = lane.Outcome(0, 10);
        var open = lane.OpenSince(20);
        var enter = lane.Outcome(1) with { Kind = "geofence.enter", Subject = "a" };
        var exit = lane.Outcome(2) with { Kind = "geofence.exit", Subject = "a" };
        var elsewhere = lane.Outcome(3) with { Kind = "geofence.enter", Subject = "b" };
        var withdrawn = lane.Outcome(4) with { State = OutcomeState.Withdrawn };
        var other = lane.Outcome(5) with { VehicleId = lane.Vehicle + "-other" };
        await lane.WriteAsync(trip, open, enter, exit, elsewhere, withdrawn, other);

        foreach (var all in Both(lane, lane.Query(), lane.Vehicle + "-other"))
        {
            await HoldsAsync([trip, enter, exit, elsewhere, other, open], all);
            await HoldsAsync([trip, enter, exit, elsewhere, withdrawn, other, open], all with { IncludeWithdrawn = true });
            await HoldsAsync([open], all with { OpenOnly = true });
            await HoldsAsync([open], all with { OpenOnly = true, From = OutcomeLane.Noon.AddDays(900) });
            await HoldsAsync([], all with { OpenOnly = true, To = OutcomeLane.Noon });
            await HoldsAsync([trip, open], all with { Types = [OutcomeType.Trip, OutcomeType.Trip] });
            await HoldsAsync([enter, exit, elsewhere], all with { Kinds = ["geofence.enter", "geofence.exit"] });
            await HoldsAsync([enter], all with { Kinds = ["geofence.enter"], Subject = "a" });
            await HoldsAsync([trip, other, open], all with { Subject = "", From = OutcomeLane.Noon });
        }

        await HoldsAsync([other], lane.Query() with { VehicleIds = [other.VehicleId, "v-unknown", other.VehicleId] });
        await HoldsAsync([], lane.Query() with { VehicleIds = ["v-unknown"] });
    }

    [Fact]
    public async Task Another_tenant_sees_nothing()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        await lane.WriteAsync(lane.Outcome(0, 5), lane.OpenSince(1));
        foreach (var query in Both(lane, lane.Query() with { Tenant = "t-other" }))
        {
            await HoldsAsync([], query);
            await HoldsAsync([], query with { OpenOnly = true });
        }

        Assert.Empty(await _outcomes.ReadOutcomesAfterAsync("t-other", lane.Vehicle, null, Cancellation));
    }

    /// <summary>Pages of every size, in both directions, give the list that the definition gives.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Pages_give_everything_once_in_order(int seed)
    {
        var random = new Random(seed);
        var lane = await OutcomeLane.StartAsync(_store);
        var all = Enumerable.Range(0, 120).Select(_ => Any(random, lane)).ToArray();
        await lane.WriteAsync(all);
        for (var i = 0; i < 40; i++)
        {
            var query = lane.Query([.. Enum.GetValues<OutcomeType>().Where(_ => random.Next(3) > 0)]) with
            {
                From = random.Next(3) == 0 ? null : OutcomeLane.Key(random.Next(-30, 30) * 60).FixedAt,
                To = random.Next(3) == 0 ? null : OutcomeLane.Key(random.Next(-30, 30) * 60).FixedAt,
                Descending = random.Next(2) == 0,
                OpenOnly = random.Next(5) == 0,
                IncludeWithdrawn = random.Next(2) == 0,
                VehicleIds = random.Next(2) == 0 ? [] : [.. Enumerable.Range(0, 3).Where(_ => random.Next(3) > 0).Append(0).Select(n => $"{lane.Vehicle}-{n}")],
                Limit = random.Next(1, 20),
            };
            var expected = all.Where(outcome => Belongs(outcome, query)).OrderBy(outcome => outcome.At).ThenBy(outcome => outcome.Id).ToList();
            if (query.Descending) expected.Reverse();
            Assert.Equal(expected, await PagesAsync(query));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Catching_up_reads_what_later_rows_have_a_say_in(int seed)
    {
        var random = new Random(seed);
        var lane = await OutcomeLane.StartAsync(_store);
        var all = Enumerable.Range(0, 120).Select(_ => Any(random, lane)).ToArray();
        await lane.WriteAsync(all);
        foreach (var vehicle in new[] { lane.Vehicle + "-0", lane.Vehicle + "-1" })
        {
            foreach (var after in all.Take(20).SelectMany(outcome => new PositionKey?[] { outcome.At, outcome.Through, outcome.At with { Digest = 0 } }).Append(null))
            {
                var expected = all
                    .Where(outcome => string.Equals(outcome.VehicleId, vehicle, StringComparison.Ordinal) && outcome.State != OutcomeState.Withdrawn)
                    .Where(outcome => after is not { } key || outcome.State == OutcomeState.Open || outcome.At > key || outcome.Through > key)
                    .OrderBy(outcome => outcome.At).ThenBy(outcome => outcome.Id);
                Assert.Equal(expected, await _outcomes.ReadOutcomesAfterAsync(lane.Tenant, vehicle, after, Cancellation));
            }
        }
    }

    /// <summary>Lengths around the bounds of every class, times that coincide, ends before the last row that shaped them and after.</summary>
    private static Outcome Any(Random random, OutcomeLane lane)
    {
        double[] lengths = [0, 0, 0, 1, 59, 60, 61, 719, 720, 721, (7 * Day) - 1, 7 * Day, (7 * Day) + 1, 30 * Day];
        var from = random.Next(-30, 30) * 60;
        var state = (OutcomeState)random.Next(3);
        var end = from + lengths[random.Next(lengths.Length)];
        return lane.Outcome(from) with
        {
            VehicleId = $"{lane.Vehicle}-{random.Next(3)}",
            Type = (OutcomeType)random.Next(5),
            State = state,
            At = OutcomeLane.Key(from, random.Next(-1, 2)),
            EndedAt = state == OutcomeState.Open || random.Next(4) == 0 ? null : OutcomeLane.Key(end).FixedAt,
            Through = OutcomeLane.Key(from + (random.Next(2) == 0 ? 0 : lengths[random.Next(lengths.Length)]), random.Next(1, 4)),
        };
    }

    private static bool Belongs(Outcome outcome, OutcomeQuery query)
    {
        var end = outcome.EndedAt ?? (outcome.State == OutcomeState.Open ? DateTimeOffset.MaxValue : outcome.At.FixedAt);
        return query.Types.Contains(outcome.Type)
            && (query.VehicleIds.Count == 0 || query.VehicleIds.Contains(outcome.VehicleId, StringComparer.Ordinal))
            && (query.From is not { } from || end >= from)
            && (query.To is not { } to || outcome.At.FixedAt < to)
            && (!query.OpenOnly || outcome.State == OutcomeState.Open)
            && (query.IncludeWithdrawn || outcome.State != OutcomeState.Withdrawn);
    }

    /// <summary>The query for the whole tenant and for its vehicles by name, in both directions.</summary>
    private static IEnumerable<OutcomeQuery> Both(OutcomeLane lane, OutcomeQuery query, params string[] more) =>
        from vehicles in new IReadOnlyList<string>[] { [], [lane.Vehicle, .. more] }
        from isDescending in new[] { false, true }
        select query with { VehicleIds = vehicles, Descending = isDescending };

    private async Task HoldsAsync(IEnumerable<Outcome> expected, OutcomeQuery query)
    {
        var ordered = expected.OrderBy(outcome => outcome.At).ThenBy(outcome => outcome.Id).ToList();
        if (query.Descending) ordered.Reverse();
        Assert.Equal(ordered, await _outcomes.ReadOutcomesAsync(query, Cancellation));
        Assert.Equal(ordered, await PagesAsync(query with { Limit = 2 }));
    }

    private async Task<List<Outcome>> PagesAsync(OutcomeQuery query)
    {
        var read = new List<Outcome>();
        while (true)
        {
            var page = await _outcomes.ReadOutcomesAsync(query, Cancellation);
            Assert.InRange(page.Count, 0, query.Limit);
            read.AddRange(page);
            if (page.Count < query.Limit) return read;
            query = query with { After = (page[^1].At, page[^1].Id) };
        }
    }
}

public sealed class SqliteOutcomeQueryTests(SqliteFixture fixture) : OutcomeQueryCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlOutcomeQueryTests(PostgreSqlFixture fixture) : OutcomeQueryCompliance(fixture), IClassFixture<PostgreSqlFixture>;
