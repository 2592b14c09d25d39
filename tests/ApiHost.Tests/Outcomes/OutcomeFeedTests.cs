using System.Runtime.CompilerServices;
using CsCheck;
using FleetTracker.Hosting.Tests;
using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Outcomes.Tests;

/// <summary>Any reader of any course of commits, and the address that serves it.</summary>
[Collection("api")]
public sealed class OutcomeFeedTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    [Fact]
    public Task Nothing_is_skipped_or_handed_on_twice_and_each_vehicles_order_is_kept() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 7], Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 8]).Array[0, 60]).SampleAsync(async (lanes, limit, course) =>
        {
            var store = new Lanes(lanes);
            var cursor = FeedCursor.Beginning(lanes);
            var read = new List<Outcome>();
            foreach (var (lane, tenant, count) in course)
            {
                store.Commit(lane % lanes, $"t{tenant % 2}", count);
                if (tenant == 3) await StepAsync();
            }

            while (await StepAsync())
            {
            }

            Assert.Equal(store.Written.Where(o => o.Tenant == "t0").Select(o => o.Id).Order(), read.Select(o => o.Id).Order());
            foreach (var lane in read.GroupBy(o => o.VehicleId, StringComparer.Ordinal)) Assert.Equal(lane.OrderBy(o => o.Revision).Select(o => o.Id), lane.Select(o => o.Id));

            async Task<bool> StepAsync()
            {
                // What a reader keeps is the text.
                var step = await OutcomeFeed.ReadAsync(store, "t0", FeedCursor.TryRead(cursor.ToString(), lanes)!, limit, CancellationToken.None);
                Assert.True(step.Items.Count <= limit);
                read.AddRange(step.Items);
                cursor = step.Next;
                return step.HasMore;
            }
        });

    [Fact]
    public async Task What_others_did_costs_a_step_no_more_than_its_bound()
    {
        var store = new Lanes(2);
        for (var i = 0; i < 13; i++) store.Commit(0, "others", 1_000);
        store.Commit(0, "mine", 1);
        store.Commit(1, "mine", 1);
        var (cursor, steps, found) = (FeedCursor.Beginning(2), 0, 0);
        for (var more = true; more; steps++)
        {
            store.Looked = 0;
            var step = await OutcomeFeed.ReadAsync(store, "mine", cursor, 100, CancellationToken.None);
            Assert.InRange(store.Looked, 0, OutcomeFeed.MostScanned);
            (cursor, more, found) = (step.Next, step.HasMore, found + step.Items.Count);
            if (steps == 1) Assert.Equal(1, found);
        }

        Assert.Equal((3, 2), (steps, found));
    }

    [Fact]
    public async Task The_feed_goes_on_where_it_was_and_shows_every_type_as_its_list_does()
    {
        var tenant = await api.NewTenantAsync();
        var other = await api.NewTenantAsync();
        var ids = await tenant.AddVehiclesAsync(3);
        var theirs = (await other.AddVehiclesAsync(1))[0];
        using var client = await tenant.ClientAsync();
        var start = await client.GetAsync("/api/v1/feed?after=now").JsonAsync();
        Assert.Equal((0, false), (start["items"]!.AsArray().Count, start["hasMore"]!.GetValue<bool>()));
        await other.CommitAsync(other.Outcome(theirs, OutcomeType.Event, Noon));
        var first = Enum.GetValues<OutcomeType>().Select(type => tenant.Outcome(ids[0], type, Noon, subject: "s", evidence: """{"duration":5}""")).ToArray();
        await tenant.CommitAsync(first);
        await tenant.CommitAsync([.. ids.Select(id => tenant.Outcome(id, OutcomeType.Event, Noon.AddDays(-1)))]);

        var (items, cursor) = await AllAsync(client, start["next"]!.GetValue<string>(), 2);
        Assert.Equal(8, items.Count);
        var ofOne = items.Where(item => item["vehicleId"]!.GetValue<string>() == ids[0]).ToList();
        Assert.Equal(["event", "trip", "stop", "visit", "excluded", "event"], ofOne.Select(item => item["type"]!.GetValue<string>()));
        Assert.Equal(("s", 5), (ofOne[3]["geofenceId"]!.GetValue<string>(), ofOne[1]["duration"]!.GetValue<int>()));
        Assert.Empty((await AllAsync(client, cursor, 100)).Items);

        // A change comes again, with its revision; what is withdrawn comes too.
        await tenant.CommitAsync(first[1] with { Revision = 2, State = OutcomeState.Withdrawn });
        var changed = Assert.Single((await AllAsync(client, cursor, 100)).Items);
        Assert.Equal((first[1].Id.ToString(), 2, "withdrawn"), (changed["id"]!.GetValue<string>(), changed["revision"]!.GetValue<int>(), changed["state"]!.GetValue<string>()));
        Assert.Equal(8, (await AllAsync(client, null, 3)).Items.Count);
    }

    [Theory]
    [InlineData("after=then", "after")]
    [InlineData("after=", "after")]
    [InlineData("after=now&limit=0", "limit")]
    public async Task A_cursor_that_nobody_gave_out_is_refused(string query, string wrong)
    {
        var tenant = await api.NewTenantAsync();
        using var client = await tenant.ClientAsync();
        var problem = await client.GetAsync($"/api/v1/feed?{query}").ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(wrong, string.Join(' ', problem["errors"]!.AsObject().Select(e => e.Key)));
    }

    private static async Task<(List<System.Text.Json.Nodes.JsonNode> Items, string Next)> AllAsync(HttpClient client, string? after, int limit)
    {
        var items = new List<System.Text.Json.Nodes.JsonNode>();
        while (true)
        {
            var page = await client.GetAsync($"/api/v1/feed?limit={limit}{(after is null ? "" : $"&after={after}")}").JsonAsync();
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            after = page["next"]!.GetValue<string>();
            if (!page["hasMore"]!.GetValue<bool>()) return (items, after);
        }
    }

    /// <summary>Lanes in memory; every lane has one vehicle of each tenant, and outcomes of a vehicle count up.</summary>
    private sealed class Lanes(int count) : IOutcomeStore
    {
        private readonly List<FeedItem>[] _lanes = [.. Enumerable.Range(0, count).Select(_ => new List<FeedItem>())];
        private readonly int[] _numbers = new int[count];
        private int _revision;

        public List<Outcome> Written { get; } = [];

        public int Looked { get; set; }

        public void Commit(int lane, string tenant, int outcomes)
        {
            _numbers[lane]++;
            for (var i = 0; i < outcomes; i++)
            {
                var outcome = new Outcome
                {
                    Id = Guid.NewGuid(), Tenant = tenant, VehicleId = $"{tenant}-{lane}", Type = OutcomeType.Event, Kind = "k", Subject = "", At = new PositionKey(Noon, i),
                    Through = new PositionKey(Noon, i), State = OutcomeState.Closed, Revision = ++_revision, Evidence = "{}", RecordedAt = Noon,
                };
                _lanes[lane].Add(new FeedItem(new FeedPosition(_numbers[lane], i), outcome));
                Written.Add(outcome);
            }
        }

        public Task<IReadOnlyList<FeedItem>> ReadFeedAsync(int lane, FeedPosition after, int limit, CancellationToken cancellationToken)
        {
            List<FeedItem> found = [.. _lanes[lane].Where(item => (item.Position.Number, item.Position.Ordinal).CompareTo((after.Number, after.Ordinal)) > 0).Take(limit)];
            Looked += found.Count;
            return Task.FromResult<IReadOnlyList<FeedItem>>(found);
        }

        public Task<IReadOnlyList<FeedPosition>> ReadFeedEndsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public async IAsyncEnumerable<CheckpointHead> ReadCheckpointHeadsAsync(int lane, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }

        public Task<Checkpoint?> ReadCheckpointAsync(string tenant, string vehicleId, PositionKey? before, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Outcome>> ReadOutcomesAfterAsync(string tenant, string vehicleId, PositionKey? after, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Outcome>> ReadOutcomesAsync(OutcomeQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
