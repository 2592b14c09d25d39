using System.Collections.Immutable;
using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Ingestion;

/// <summary>What every telemetry store promises. Each test takes lanes and vehicles of its own.</summary>
public abstract class TelemetryStoreCompliance(StorageFixture fixture)
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);
    private static int _lanes;

    private readonly ITelemetryStore _store = fixture.Telemetry;
    private readonly string _vehicle = "v-" + Guid.NewGuid().ToString("N");
    private readonly int _lane = Interlocked.Increment(ref _lanes);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lane_count_is_the_one_of_the_first_start()
    {
        Assert.Equal(1024, await _store.EnsureLaneCountAsync(8, Cancellation));
    }

    [Fact]
    public async Task Starting_a_lane_raises_its_number()
    {
        var first = await _store.StartLaneAsync(_lane, Cancellation);
        Assert.Equal(first + 1, await _store.StartLaneAsync(_lane, Cancellation));
    }

    [Fact]
    public async Task Starting_a_lane_that_does_not_exist_fails() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.StartLaneAsync(4096, Cancellation));

    [Fact]
    public async Task A_row_comes_back_as_it_was_committed()
    {
        var fix = FixAt(Noon.AddTicks(12_340)) with
        {
            Verdict = FixVerdict.BeyondWindow,
            AltitudeMeters = -12.5,
            SpeedMetersPerSecond = 0.1,
            HeadingDegrees = 359.99,
            AccuracyMeters = 3,
            Ignition = false,
            OdometerMeters = 1e9 + 0.25,
            Attributes = """{"battery":91,"alarm":"Überfall 🚨"}""",
            Digest = long.MinValue,
        };
        var bare = FixAt(Noon.AddSeconds(1)) with { Verdict = FixVerdict.NoPosition, Latitude = null, Longitude = null, Digest = long.MaxValue };
        await CommitAsync(fix, bare);
        Assert.Equal([fix, bare], await ReadAsync());
    }

    [Fact]
    public async Task Only_the_expected_number_wins()
    {
        var number = await _store.StartLaneAsync(_lane, Cancellation);
        var behind = await CommitAsync(number - 1, FixAt(Noon));
        Assert.False(behind.Won);
        Assert.Empty(await ReadAsync());

        var won = await CommitAsync(number, FixAt(Noon));
        Assert.True(won.Won);
        Assert.Equal([true], won.IsNew);
        Assert.Equal(number + 2, await _store.StartLaneAsync(_lane, Cancellation));
    }

    [Fact]
    public async Task A_commit_sent_again_after_an_unknown_outcome_is_not_won_twice()
    {
        var number = await _store.StartLaneAsync(_lane, Cancellation);
        Assert.True((await CommitAsync(number, FixAt(Noon))).Won);
        Assert.False((await CommitAsync(number, FixAt(Noon))).Won);
        Assert.Single(await ReadAsync());
    }

    [Fact]
    public async Task An_owner_that_was_followed_by_another_never_writes_again()
    {
        using var other = fixture.Compose();
        var heir = (ITelemetryStore)other.GetService(typeof(ITelemetryStore))!;

        var old = await _store.StartLaneAsync(_lane, Cancellation);
        var next = await heir.StartLaneAsync(_lane, Cancellation);
        var race = Enumerable.Range(0, 20).Select(async i =>
        {
            var late = await CommitAsync(old, FixAt(Noon.AddSeconds(i)));
            Assert.False(late.Won);
        });
        var winner = heir.CommitAsync([Lane(next, FixAt(Noon.AddHours(1)))], Cancellation);
        await Task.WhenAll(race);
        Assert.True((await winner)[0].Won);
        Assert.Equal(Noon.AddHours(1), Assert.Single(await ReadAsync()).FixedAt);
    }

    [Fact]
    public async Task Lanes_of_one_commit_are_won_one_by_one()
    {
        var otherLane = Interlocked.Increment(ref _lanes);
        var number = await _store.StartLaneAsync(_lane, Cancellation);
        var otherNumber = await _store.StartLaneAsync(otherLane, Cancellation);
        var other = Lane(otherNumber - 1, FixAt(Noon) with { VehicleId = _vehicle + "-other" });
        var results = await _store.CommitAsync(
            [new LaneCommit { Lane = otherLane, ExpectedNumber = other.ExpectedNumber, Rows = other.Rows, NewVehicles = other.NewVehicles, Quarantine = [] }, Lane(number, FixAt(Noon))],
            Cancellation);
        Assert.Equal([(otherLane, false), (_lane, true)], results.Select(result => (result.Lane, result.Won)));
        Assert.Empty(await _store.ReadPositionsAsync(Query() with { VehicleId = _vehicle + "-other" }, Cancellation));
        Assert.Single(await ReadAsync());
    }

    [Fact]
    public async Task A_commit_without_rows_raises_the_number()
    {
        var number = await _store.StartLaneAsync(_lane, Cancellation);
        Assert.True((await CommitAsync(number)).Won);
        Assert.True((await CommitAsync(number + 1)).Won);
    }

    [Fact]
    public async Task Rows_that_are_stored_are_not_new_and_stay_as_they_are()
    {
        var first = FixAt(Noon);
        await CommitAsync(first);
        var result = await CommitAsync(FixAt(Noon.AddSeconds(-1)), first with { ReceivedAt = Noon.AddDays(1), Latitude = 1 }, FixAt(Noon.AddSeconds(1)));
        Assert.Equal([true, false, true], result.IsNew);
        Assert.Equal(first, (await ReadAsync())[1]);
    }

    [Fact]
    public async Task Two_fixes_of_one_second_are_two_rows_in_order_of_their_digests()
    {
        var result = await CommitAsync(FixAt(Noon) with { Digest = -5 }, FixAt(Noon) with { Digest = 5 });
        Assert.Equal([true, true], result.IsNew);
        Assert.Equal([-5L, 5L], (await ReadAsync()).Select(fix => fix.Digest));
        Assert.Equal([false, true], (await CommitAsync(FixAt(Noon) with { Digest = 5 }, FixAt(Noon) with { Digest = 6 })).IsNew);
    }

    [Fact]
    public async Task History_is_read_in_order_whatever_the_order_of_arrival()
    {
        await CommitAsync(FixAt(Noon.AddHours(2)), FixAt(Noon.AddHours(3)));
        await CommitAsync(FixAt(Noon.AddHours(-30)), FixAt(Noon));
        Assert.Equal([-30, 0, 2, 3], (await ReadAsync()).Select(fix => (int)(fix.FixedAt - Noon).TotalHours));
    }

    [Fact]
    public async Task History_is_bounded_from_inclusive_to_exclusive()
    {
        await CommitAsync([.. Enumerable.Range(0, 5).Select(i => FixAt(Noon.AddSeconds(i)))]);
        var page = await _store.ReadPositionsAsync(Query() with { From = Noon.AddSeconds(1), To = Noon.AddSeconds(3) }, Cancellation);
        Assert.Equal([1, 2], page.Select(fix => (int)(fix.FixedAt - Noon).TotalSeconds));
        var finer = await _store.ReadPositionsAsync(Query() with { From = Noon.AddTicks(1), To = Noon.AddSeconds(3).AddTicks(1) }, Cancellation);
        Assert.Equal([1, 2, 3], finer.Select(fix => (int)(fix.FixedAt - Noon).TotalSeconds));
    }

    [Fact]
    public async Task Pages_by_key_give_every_row_once()
    {
        await CommitAsync([.. Enumerable.Range(0, 25).Select(i => FixAt(Noon.AddSeconds(i / 3)) with { Digest = i - 12 })]);
        var query = Query() with { Limit = 4, From = Noon.AddSeconds(1) };
        var seen = new List<long>();
        for (var pages = 0; pages < 20; pages++)
        {
            var page = await _store.ReadPositionsAsync(query, Cancellation);
            seen.AddRange(page.Select(fix => fix.Digest));
            if (page.Count < 4) break;
            query = query with { After = new PositionKey(page[^1].FixedAt, page[^1].Digest) };
        }

        Assert.Equal(Enumerable.Range(3, 22).Select(i => (long)i - 12), seen);
    }

    [Fact]
    public async Task Places_leave_out_rows_without_a_place()
    {
        await CommitAsync(
            FixAt(Noon) with { Verdict = FixVerdict.NoPosition, Latitude = null, Longitude = null },
            FixAt(Noon.AddSeconds(1)) with { Verdict = FixVerdict.NullIsland, Latitude = 0, Longitude = 0 },
            FixAt(Noon.AddSeconds(2)) with { Verdict = FixVerdict.BeyondWindow },
            FixAt(Noon.AddSeconds(3)));
        var places = await _store.ReadPositionsAsync(Query() with { PlacesOnly = true }, Cancellation);
        Assert.Equal([FixVerdict.BeyondWindow, FixVerdict.Accepted], places.Select(fix => fix.Verdict));
    }

    [Fact]
    public async Task Another_tenant_sees_nothing()
    {
        await CommitAsync(FixAt(Noon));
        Assert.Empty(await _store.ReadPositionsAsync(Query() with { Tenant = "south" }, Cancellation));
    }

    [Fact]
    public async Task Vehicle_ids_differ_by_case()
    {
        await CommitAsync(FixAt(Noon));
        Assert.Empty(await _store.ReadPositionsAsync(Query() with { VehicleId = _vehicle.ToUpperInvariant() }, Cancellation));
    }

    [Fact]
    public async Task Days_at_both_ends_of_what_is_accepted_are_stored()
    {
        var today = TimeProvider.System.GetUtcNow().ToStored();
        var fixes = new[] { FixAt(today.AddDays(-400).AddMinutes(1)), FixAt(today.AddDays(-1)), FixAt(today), FixAt(today.AddDays(1)) };
        Assert.Equal([true, true, true, true], (await CommitAsync(fixes)).IsNew);
        Assert.Equal(fixes, await ReadAsync());
    }

    [Fact]
    public async Task A_day_that_nobody_prepared_is_made_on_demand()
    {
        var longAgo = DateTimeOffset.Parse("2001-02-03T23:59:59.999999Z", CultureInfo.InvariantCulture);
        var fixes = new[] { FixAt(longAgo), FixAt(longAgo.AddTicks(10)), FixAt(Noon.AddYears(3)) };
        Assert.Equal([true, true, true], (await CommitAsync(fixes)).IsNew);
        Assert.Equal(fixes, await ReadAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xD83D)]
    public async Task Content_that_cannot_be_stored_is_refused_and_the_rest_can_be_sent_again(int character)
    {
        var number = await _store.StartLaneAsync(_lane, Cancellation);
        var good = FixAt(Noon);
        var bad = FixAt(Noon.AddSeconds(1)) with { Attributes = $$"""{"a":"{{(char)character}}"}""" };
        await Assert.ThrowsAsync<RefusedContentException>(() => CommitAsync(number, good, bad));
        Assert.Empty(await ReadAsync());

        Assert.True((await CommitAsync(number, good)).Won);
        Assert.Equal([good], await ReadAsync());
    }

    [Fact]
    public async Task The_newest_accepted_row_of_every_vehicle_in_the_lane_comes_back()
    {
        var others = Enumerable.Range(0, 1203).Select(i => FixAt(Noon.AddSeconds(i)) with { VehicleId = $"{_vehicle}-{i:D4}" }).ToArray();
        await CommitAsync(others);
        await CommitAsync(
            FixAt(Noon) with { Digest = -1 },
            FixAt(Noon) with { Digest = 1 },
            FixAt(Noon.AddSeconds(5)) with { Verdict = FixVerdict.NoPosition, Latitude = null, Longitude = null },
            FixAt(Noon.AddSeconds(6)) with { Verdict = FixVerdict.BeyondWindow });
        var newest = new Dictionary<string, Fix>(StringComparer.Ordinal);
        await foreach (var fix in _store.ReadNewestAsync(_lane, Cancellation)) newest.Add(fix.VehicleId, fix);
        Assert.Equal(1204, newest.Count);
        Assert.Equal((Noon, 1L), (newest[_vehicle].FixedAt, newest[_vehicle].Digest));
        Assert.All(others, fix => Assert.Equal(fix, newest[fix.VehicleId]));
    }

    [Fact]
    public async Task Quarantine_keeps_the_newest_of_a_tenant_and_shows_them_newest_first()
    {
        var tenant = "q-" + _vehicle;
        var number = await _store.StartLaneAsync(_lane, Cancellation);
        for (var i = 0; i < 3; i++)
        {
            var messages = Enumerable.Range(0, 10).Select(n => Refused(tenant, $"d{n % 2}", (i * 10) + n)).ToList();
            await _store.CommitAsync(
                [new LaneCommit { Lane = _lane, ExpectedNumber = number + i, Rows = [], NewVehicles = [], Quarantine = messages }], Cancellation);
        }

        var kept = await _store.ReadQuarantineAsync(tenant, null, null, 100, Cancellation);
        Assert.Equal(Enumerable.Range(10, 20).Reverse().Select(i => $"topic/{i}"), kept.Select(stored => stored.Message.Topic));

        var page = await _store.ReadQuarantineAsync(tenant, "d1", kept[4].Sequence, 3, Cancellation);
        Assert.Equal(["topic/23", "topic/21", "topic/19"], page.Select(stored => stored.Message.Topic));
        Assert.Empty(await _store.ReadQuarantineAsync("south", null, null, 100, Cancellation));
    }

    [Fact]
    public async Task Quarantine_keeps_what_rows_cannot()
    {
        var tenant = "q-" + _vehicle;
        var number = await _store.StartLaneAsync(_lane, Cancellation);
        var message = Refused(tenant, "d\0", 1) with { Detail = "at \ud83d\0", Payload = [0, 255, 13], Truncated = true };
        await _store.CommitAsync([new LaneCommit { Lane = _lane, ExpectedNumber = number, Rows = [], NewVehicles = [], Quarantine = [message] }], Cancellation);
        var kept = Assert.Single(await _store.ReadQuarantineAsync(tenant, null, null, 100, Cancellation)).Message;
        Assert.Equal(("d\uFFFD", "at \uFFFD\uFFFD", true, message.ReceivedAt), (kept.DeviceId, kept.Detail, kept.Truncated, kept.ReceivedAt));
        Assert.Equal(message.Payload.AsEnumerable(), kept.Payload);
    }

    [Fact]
    public async Task A_lane_that_is_not_won_quarantines_nothing()
    {
        var tenant = "q-" + _vehicle;
        await _store.CommitAsync(
            [new LaneCommit { Lane = _lane, ExpectedNumber = 99, Rows = [], NewVehicles = [], Quarantine = [Refused(tenant, "d", 1)] }], Cancellation);
        Assert.Empty(await _store.ReadQuarantineAsync(tenant, null, null, 100, Cancellation));
    }

    [Fact]
    public async Task Deleted_vehicles_leave_nothing_and_may_come_back()
    {
        var other = FixAt(Noon) with { VehicleId = _vehicle + "-stays" };
        await CommitAsync(FixAt(Noon), FixAt(Noon.AddDays(-3)));
        await CommitAsync(other);
        await _store.DeleteVehiclesAsync("south", [_vehicle], Cancellation);
        Assert.Equal(2, (await ReadAsync()).Count);

        await _store.DeleteVehiclesAsync("north", [_vehicle, "v-unknown"], Cancellation);
        Assert.Empty(await ReadAsync());
        var newest = new List<Fix>();
        await foreach (var fix in _store.ReadNewestAsync(_lane, Cancellation)) newest.Add(fix);
        Assert.Equal([other], newest);

        Assert.Equal([true], (await CommitAsync(FixAt(Noon))).IsNew);
        Assert.Single(await ReadAsync());
    }

    [Fact]
    public async Task Writers_of_many_lanes_at_once_all_succeed()
    {
        var lanes = Enumerable.Range(0, 12).Select(_ => Interlocked.Increment(ref _lanes)).ToList();
        await Task.WhenAll(lanes.Select(async lane =>
        {
            var number = await _store.StartLaneAsync(lane, Cancellation);
            for (var i = 0; i < 10; i++)
            {
                var fix = FixAt(Noon.AddSeconds(i)) with { VehicleId = $"{_vehicle}-{lane}" };
                var results = await _store.CommitAsync(
                    [new LaneCommit { Lane = lane, ExpectedNumber = number + i, Rows = [fix], NewVehicles = [new("north", fix.VehicleId)], Quarantine = [] }], Cancellation);
                Assert.True(results[0].Won);
            }
        }));
        foreach (var lane in lanes) Assert.Equal(10, (await _store.ReadPositionsAsync(Query() with { VehicleId = $"{_vehicle}-{lane}" }, Cancellation)).Count);
    }

    [Fact]
    public Task The_store_answers_a_ping() => _store.PingAsync(Cancellation);

    private Fix FixAt(DateTimeOffset fixedAt) => new()
    {
        Tenant = "north",
        VehicleId = _vehicle,
        DeviceId = "d-" + _vehicle,
        FixedAt = fixedAt.ToStored(),
        ReceivedAt = fixedAt.ToStored().AddSeconds(1),
        Digest = 7,
        Verdict = FixVerdict.Accepted,
        Latitude = 60.17,
        Longitude = 24.94,
    };

    private static QuarantinedMessage Refused(string tenant, string deviceId, int number) => new()
    {
        Tenant = tenant,
        DeviceId = deviceId,
        Topic = $"topic/{number}",
        Reason = "not_json",
        Payload = [1, 2, 3],
        Truncated = false,
        ReceivedAt = Noon.AddSeconds(number),
    };

    private PositionQuery Query() => new() { Tenant = "north", VehicleId = _vehicle, Limit = 10_000 };

    private Task<IReadOnlyList<Fix>> ReadAsync() => _store.ReadPositionsAsync(Query(), Cancellation);

    private LaneCommit Lane(long number, params Fix[] rows)
    {
        var sorted = rows.OrderBy(fix => fix.VehicleId, StringComparer.Ordinal).ThenBy(fix => fix.FixedAt).ThenBy(fix => fix.Digest).ToImmutableArray();
        return new LaneCommit
        {
            Lane = _lane,
            ExpectedNumber = number,
            Rows = sorted,
            NewVehicles = [.. sorted.Select(fix => new LaneVehicle(fix.Tenant, fix.VehicleId)).Distinct()],
            Quarantine = [],
        };
    }

    private async Task<LaneCommitResult> CommitAsync(long number, params Fix[] rows) => (await _store.CommitAsync([Lane(number, rows)], Cancellation))[0];

    private async Task<LaneCommitResult> CommitAsync(params Fix[] rows)
    {
        var result = await CommitAsync(await _store.StartLaneAsync(_lane, Cancellation), rows);
        Assert.True(result.Won);
        return result;
    }
}

public sealed class SqliteTelemetryStoreTests(SqliteFixture fixture) : TelemetryStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class IndexedSqliteTelemetryStoreTests(IndexedSqliteFixture fixture) : TelemetryStoreCompliance(fixture), IClassFixture<IndexedSqliteFixture>;

public sealed class PostgreSqlTelemetryStoreTests(PostgreSqlFixture fixture) : TelemetryStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
