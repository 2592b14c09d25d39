using FleetTracker.Outcomes;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Outcomes;

/// <summary>What a commit promises for outcomes, and the feed of a lane, which is how others learn of them.</summary>
public abstract class OutcomeFeedCompliance(StorageFixture fixture)
{
    private readonly ITelemetryStore _store = fixture.Telemetry;
    private readonly IOutcomeStore _outcomes = fixture.Outcomes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outcome_comes_back_as_it_was_committed()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var full = lane.Outcome(0, 90) with
        {
            Type = OutcomeType.Visit,
            Kind = "visit",
            Subject = "fence-Ü",
            At = OutcomeLane.Key(0, long.MinValue),
            Through = OutcomeLane.Key(95.123456, long.MaxValue),
            State = OutcomeState.Withdrawn,
            Revision = int.MaxValue,
            Evidence = """{"why": "Überfall 🚨",  "order":1}""",
            RecordedAt = OutcomeLane.Noon.AddTicks(10),
        };
        var bare = lane.OpenSince(1);
        await lane.WriteAsync(full, bare);
        Assert.Equal([full, bare], await ReadFeedAsync(lane));
        Assert.Equal([full, bare], await _outcomes.ReadOutcomesAsync(lane.Query() with { IncludeWithdrawn = true }, Cancellation));
    }

    [Fact]
    public async Task A_commit_without_rows_writes_for_vehicles_that_have_none()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var outcome = lane.Outcome(0);
        await lane.SendAsync(lane.Commit([outcome], [lane.Checkpoint(0)]));
        Assert.Equal([outcome], await ReadFeedAsync(lane));
        Assert.NotNull(await _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, null, Cancellation));
    }

    [Fact]
    public async Task A_revision_takes_the_place_of_the_one_before_whatever_it_changes()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var first = lane.OpenSince(0);
        await lane.WriteAsync(first);
        var second = lane.Outcome(-5, 30) with
        {
            Id = first.Id,
            Type = OutcomeType.Stop,
            Kind = "stop",
            Subject = "s",
            At = OutcomeLane.Key(-5, -3),
            Through = OutcomeLane.Key(31, 2),
            Revision = 2,
            Evidence = """{"later":true}""",
            RecordedAt = OutcomeLane.Noon.AddDays(1),
        };
        await lane.WriteAsync(second);

        Assert.Equal([second], await ReadFeedAsync(lane));
        Assert.Equal([second], await _outcomes.ReadOutcomesAsync(lane.Query(), Cancellation));
        Assert.Empty(await _outcomes.ReadOutcomesAsync(lane.Query(OutcomeType.Trip), Cancellation));
        Assert.Empty(await _outcomes.ReadOutcomesAsync(lane.Query() with { OpenOnly = true }, Cancellation));
        Assert.Equal([second], await _outcomes.ReadOutcomesAsync(lane.Query(OutcomeType.Stop) with { From = OutcomeLane.Noon, VehicleIds = [lane.Vehicle] }, Cancellation));

        // A moment that turns out to go on.
        var moment = lane.Outcome(40);
        await lane.WriteAsync(moment);
        var open = moment with { State = OutcomeState.Open, Revision = 2 };
        await lane.WriteAsync(open);
        Assert.Equal([open], await _outcomes.ReadOutcomesAsync(lane.Query() with { OpenOnly = true }, Cancellation));
    }

    [Fact]
    public async Task The_feed_has_the_order_of_commits_and_within_one_of_the_list()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        Outcome[] first = [lane.Outcome(9), lane.Outcome(3), lane.Outcome(6)];
        Outcome[] second = [lane.Outcome(1)];
        await lane.WriteAsync(first);
        await lane.SendAsync(lane.Commit());
        await lane.WriteAsync(second);

        var items = await _outcomes.ReadFeedAsync(lane.Lane, default, 100, Cancellation);
        Assert.Equal([.. first, .. second], items.Select(item => item.Outcome));

        // The number is the lane's after the commit.
        var number = lane.Number;
        Assert.Equal([(number - 2, 0), (number - 2, 1), (number - 2, 2), (number, 0)], items.Select(item => (item.Position.Number, item.Position.Ordinal)));
        Assert.Equal(items.Skip(2).Take(1), await _outcomes.ReadFeedAsync(lane.Lane, items[1].Position, 1, Cancellation));
        Assert.Empty(await _outcomes.ReadFeedAsync(lane.Lane, items[^1].Position, 100, Cancellation));
    }

    [Fact]
    public async Task What_is_written_again_moves_to_its_new_place()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        Outcome[] first = [lane.OpenSince(0), lane.Outcome(1)];
        await lane.WriteAsync(first);
        var read = (await _outcomes.ReadFeedAsync(lane.Lane, default, 100, Cancellation))[^1].Position;
        var amended = first[0] with { State = OutcomeState.Withdrawn, Revision = 2 };
        await lane.WriteAsync(lane.Outcome(2), amended);

        Assert.Equal([first[1].Id, amended.Id], (await ReadFeedAsync(lane)).Select(outcome => outcome.Id).Where(id => first.Any(old => old.Id == id)));
        Assert.Equal(amended, (await _outcomes.ReadFeedAsync(lane.Lane, read, 100, Cancellation))[^1].Outcome);
    }

    [Fact]
    public async Task Feeds_of_lanes_are_apart()
    {
        var (lane, other) = (await OutcomeLane.StartAsync(_store), await OutcomeLane.StartAsync(_store));
        var (mine, others) = (lane.Outcome(0), other.Outcome(0));
        var results = await _store.CommitAsync([lane.Commit([mine]), other.Commit([others])], Cancellation);
        Assert.All(results, result => Assert.True(result.Won));
        Assert.Equal([mine], await ReadFeedAsync(lane));
        Assert.Equal([others], await ReadFeedAsync(other));
    }

    /// <summary>A reader that pages along while outcomes are created and amended sees every one in its last revision, and none twice as it is.</summary>
    [Fact]
    public async Task A_reader_beside_commits_misses_nothing()
    {
        const int commits = 150;
        var lane = await OutcomeLane.StartAsync(_store);
        var written = new Dictionary<Guid, Outcome>();
        var random = new Random(5);
        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; i < commits; i++)
                {
                    var changes = Enumerable.Range(0, random.Next(1, 6))
                        .Select(_ => written.Count > 3 && random.Next(2) == 0 ? Amended(written.Values.ElementAt(random.Next(written.Count))) : lane.OpenSince(i))
                        .DistinctBy(outcome => outcome.Id).ToArray();
                    foreach (var outcome in changes) written[outcome.Id] = outcome;
                    await lane.WriteAsync(changes);
                }
            },
            Cancellation);

        var seen = new Dictionary<Guid, Outcome>();
        var position = default(FeedPosition);
        for (var isLast = false; ;)
        {
            var page = await _outcomes.ReadFeedAsync(lane.Lane, position, 3, Cancellation);
            foreach (var (place, outcome) in page)
            {
                Assert.True((place.Number, place.Ordinal).CompareTo((position.Number, position.Ordinal)) > 0);
                Assert.True(!seen.TryGetValue(outcome.Id, out var before) || before.Revision < outcome.Revision);
                seen[outcome.Id] = outcome;
                position = place;
            }

            if (page.Count > 0) continue;
            if (isLast) break;
            isLast = writing.IsCompleted;
        }

        await writing;
        Assert.Equal(written.OrderBy(pair => pair.Key), seen.OrderBy(pair => pair.Key));

        static Outcome Amended(Outcome outcome) => outcome with { Revision = outcome.Revision + 1 };
    }

    [Fact]
    public async Task A_lane_that_is_not_won_writes_nothing()
    {
        var (lane, other) = (await OutcomeLane.StartAsync(_store), await OutcomeLane.StartAsync(_store));
        var (outcome, kept) = (lane.OpenSince(0), lane.Checkpoint(10));
        await lane.SendAsync(lane.Commit([outcome], [kept], [lane.Row(10)]));
        var beaten = lane.Commit(
            [outcome with { Revision = 2 }, lane.Outcome(1)], [lane.Checkpoint(20), kept with { State = new byte[] { 9 } }], [lane.Row(5)], late: [0]);
        await _store.StartLaneAsync(lane.Lane, Cancellation);

        var results = await _store.CommitAsync([beaten, other.Commit([other.Outcome(0)], [other.Checkpoint(0)], [other.Row(0)])], Cancellation);
        Assert.Equal([false, true], results.Select(result => result.Won));
        Assert.Equal([outcome], await ReadFeedAsync(lane));
        var checkpoint = await _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, null, Cancellation);
        Assert.Equal(kept.Head, checkpoint!.Head);
        Assert.Equal(kept.State.ToArray(), checkpoint.State.ToArray());
        Assert.Single(await ReadFeedAsync(other));
        Assert.NotNull(await _outcomes.ReadCheckpointAsync(other.Tenant, other.Vehicle, null, Cancellation));
    }

    [Fact]
    public async Task A_commit_sent_again_unchanged_changes_nothing()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var commit = lane.Commit([lane.Outcome(0), lane.Outcome(1)], [lane.Checkpoint(1)], [lane.Row(0), lane.Row(1)], late: [0]);
        await lane.SendAsync(commit);
        var before = await _outcomes.ReadFeedAsync(lane.Lane, default, 100, Cancellation);
        Assert.False((await _store.CommitAsync([commit], Cancellation))[0].Won);
        Assert.Equal(before, await _outcomes.ReadFeedAsync(lane.Lane, default, 100, Cancellation));
        Assert.Equal(2, before.Count);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(0, 0xD83D)]
    [InlineData(1, 0xD83D)]
    [InlineData(2, 0xDE00)]
    public async Task Content_that_cannot_be_stored_is_refused_whole_and_the_rest_can_be_sent_again(int field, int character)
    {
        var lane = await OutcomeLane.StartAsync(_store);
        var text = $$"""{"a":"{{(char)character}}"}""";
        var good = lane.Outcome(0);
        var bad = field switch { 0 => good with { Evidence = text }, 1 => good with { Subject = text }, _ => good with { Kind = text } };
        await Assert.ThrowsAsync<RefusedContentException>(
            () => _store.CommitAsync([lane.Commit([lane.Outcome(1), bad], [lane.Checkpoint(0)], [lane.Row(0)])], Cancellation));
        Assert.Empty(await ReadFeedAsync(lane));
        Assert.Null(await _outcomes.ReadCheckpointAsync(lane.Tenant, lane.Vehicle, null, Cancellation));

        Assert.Equal([true], (await lane.SendAsync(lane.Commit([good], rows: [lane.Row(0)]))).IsNew);
        Assert.Equal([good], await ReadFeedAsync(lane));
    }

    [Fact]
    public async Task The_end_of_the_feed_is_after_what_was_written_and_before_what_comes()
    {
        var lane = await OutcomeLane.StartAsync(_store);
        await lane.WriteAsync(lane.Outcome(0), lane.Outcome(1));
        var ends = await _outcomes.ReadFeedEndsAsync(Cancellation);
        Assert.Equal(await _store.EnsureLaneCountAsync(1, Cancellation), ends.Count);
        Assert.Empty(await _outcomes.ReadFeedAsync(lane.Lane, ends[lane.Lane], 10, Cancellation));

        var next = lane.Outcome(2);
        await lane.WriteAsync(next);
        Assert.Equal(next, Assert.Single(await _outcomes.ReadFeedAsync(lane.Lane, ends[lane.Lane], 10, Cancellation)).Outcome);
    }

    private async Task<IEnumerable<Outcome>> ReadFeedAsync(OutcomeLane lane) =>
        (await _outcomes.ReadFeedAsync(lane.Lane, default, 1_000, Cancellation)).Select(item => item.Outcome);
}

public sealed class SqliteOutcomeFeedTests(SqliteFixture fixture) : OutcomeFeedCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlOutcomeFeedTests(PostgreSqlFixture fixture) : OutcomeFeedCompliance(fixture), IClassFixture<PostgreSqlFixture>;
