using System.Globalization;
using FleetTracker.Geodesy;
using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Ingestion;

/// <summary>Who was where, held against looking at every row. Each test has a tenant, vehicles and a lane of its own.</summary>
public abstract class AreaSearchCompliance(StorageFixture fixture)
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);
    private static readonly GeoBox Helsinki = new(24.9, 60.1, 25, 60.2);
    private static int _lanes = 512;

    private readonly ITelemetryStore _store = fixture.Telemetry;
    private readonly string _tenant = "t-" + Guid.NewGuid().ToString("N");
    private readonly int _lane = Interlocked.Increment(ref _lanes);
    private readonly List<Fix> _rows = [];
    private long? _number;

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 12));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vehicle_is_found_with_its_first_and_last_fix_inside_and_their_count()
    {
        await CommitAsync(
            FixAt("a", 0, 60, 24.95), FixAt("a", 1, 60.1, 24.9), FixAt("a", 2, 60.15, 24.95), FixAt("a", 3, 60.21, 24.95), FixAt("a", 4, 60.2, 25), FixAt("a", 5, 60.2, 25.01),
            FixAt("b", 2, 59, 24.95), FixAt("c", 2, 60.15, 24.95));
        var visits = await AllAsync(Query(Helsinki));
        Assert.Equal([new AreaVisit("a", Noon.AddMinutes(1), Noon.AddMinutes(4), 3), new AreaVisit("c", Noon.AddMinutes(2), Noon.AddMinutes(2), 1)], Named(visits));
    }

    [Fact]
    public async Task Time_is_from_inclusive_to_exclusive()
    {
        await CommitAsync([.. Enumerable.Range(0, 10).Select(i => FixAt("a", i, 60.15, 24.95))]);
        var query = Query(Helsinki) with { From = Noon.AddMinutes(3), To = Noon.AddMinutes(6) };
        Assert.Equal([new AreaVisit("a", Noon.AddMinutes(3), Noon.AddMinutes(5), 3)], Named(await AllAsync(query)));
        Assert.Empty(await AllAsync(query with { To = query.From }));
    }

    [Fact]
    public async Task What_is_no_place_and_what_is_anothers_is_nowhere()
    {
        await CommitAsync(
            FixAt("a", 0, 0, 0) with { Verdict = FixVerdict.NullIsland }, FixAt("a", 1, 0, 0) with { Verdict = FixVerdict.NoPosition, Latitude = null, Longitude = null },
            FixAt("b", 1, 0.1, 0.1) with { Verdict = FixVerdict.BeyondWindow });
        Assert.Equal(["b"], Named(await AllAsync(Query(new GeoBox(-1, -1, 1, 1)))).Select(visit => visit.VehicleId));
        Assert.Empty(await AllAsync(Query(GeoBox.World) with { Tenant = "another" }));
    }

    [Fact]
    public async Task Areas_across_and_at_the_antimeridian_have_both_sides()
    {
        await CommitAsync(FixAt("a", 0, -17, 179.9), FixAt("b", 0, -17, -179.9), FixAt("c", 0, -17, 180), FixAt("d", 0, -17, -180), FixAt("e", 0, -17, 0));
        Assert.Equal("a b c d", Ids(await AllAsync(Query(new GeoBox(179, -18, -179, -16)))));
        Assert.Equal("a c d", Ids(await AllAsync(Query(new GeoBox(179, -18, 180, -16)))));
        Assert.Equal("b c d", Ids(await AllAsync(Query(new GeoBox(-180, -18, -179, -16)))));
        Assert.Equal("a b c d e", Ids(await AllAsync(Query(GeoBox.World))));
        Assert.Equal("a b c d", Ids(await AllAsync(Circle(-17, 180, 20_000))));
    }

    [Fact]
    public async Task A_circle_is_round()
    {
        await CommitAsync(FixAt("near", 0, 60.1799, 24.95), FixAt("far", 0, 60.181, 24.95), FixAt("corner", 0, 60.178, 24.966));
        Assert.Equal("near", Ids(await AllAsync(Circle(60.171, 24.95, 1_000))));
        Assert.Equal("far near", Ids(await AllAsync(Circle(60.171, 24.95, 1_170) with { Limit = 1 })));
        Assert.Equal("corner far near", Ids(await AllAsync(Circle(60.171, 24.95, 1_200) with { Limit = 1 })));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Any_search_finds_what_looking_at_every_row_finds(int seed)
    {
        var random = new Random(seed);
        for (var commit = 0; commit < 25; commit++)
        {
            await CommitAsync([.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => Wander(random, commit))]);
            if (commit % 6 == 0) await CheckAsync(random);
        }

        for (var i = 0; i < 15; i++) await CheckAsync(random);
    }

    [Fact]
    public async Task Long_rides_are_counted_by_the_row_whatever_part_of_them_is_inside()
    {
        // More rows than a box has, several times, in and out of the area.
        for (var part = 0; part < 6; part++)
            await CommitAsync([.. Enumerable.Range(part * 500, 500).Select(i => FixAt("a", i / 60d, 60.15 + (0.08 * Math.Sin(i / 200d)), 24.95, i))]);
        await CommitAsync([.. Enumerable.Range(0, 700).Select(i => FixAt("a", (i * 4 / 60d) + 0.001, 60.15, 24.95, i))]);
        foreach (var (from, to) in new[] { (0d, 1000d), (3.3, 41.7), (20, 20.1) }) Assert.Equal(Expected(Within(from, to)), await AllAsync(Within(from, to)));
        AreaQuery Within(double from, double to) => Query(Helsinki) with { From = Noon.AddMinutes(from), To = Noon.AddMinutes(to) };
    }

    [Fact]
    public async Task Deleted_vehicles_are_found_no_more()
    {
        await CommitAsync(FixAt("a", 0, 60.15, 24.95), FixAt("b", 0, 60.15, 24.95));
        await _store.DeleteVehiclesAsync(_tenant, [$"{_tenant}-a"], Cancellation);
        Assert.Equal("b", Ids(await AllAsync(Query(Helsinki))));
    }

    private async Task CheckAsync(Random random)
    {
        var (latitude, longitude) = (60 + (random.NextDouble() * 0.3), random.Next(4) == 0 ? 179.98 : 24.8 + (random.NextDouble() * 0.3));
        var from = Noon.AddMinutes(random.Next(-20, 60));
        var query = (random.Next(2) == 0
                ? Circle(latitude, longitude, 1 + (random.NextDouble() * 20_000))
                : Query(new GeoBox(longitude, latitude, Turned(longitude + (random.NextDouble() * 0.2)), latitude + (random.NextDouble() * 0.2)))) with
        {
            From = from, To = from.AddMinutes(random.Next(1, 60)), Limit = random.Next(1, 5),
        };
        Assert.Equal(Expected(query), await AllAsync(query));
    }

    private List<AreaVisit> Expected(AreaQuery query) =>
    [
        .. _rows.Where(fix => fix.Verdict is FixVerdict.Accepted or FixVerdict.BeyondWindow && fix.FixedAt >= query.From && fix.FixedAt < query.To
                && query.Box.Contains(fix.Latitude!.Value, fix.Longitude!.Value)
                && (query.Circle is not { } circle || LocalDistance.Meters(circle.Latitude, circle.Longitude, fix.Latitude.Value, fix.Longitude.Value) <= circle.RadiusMeters))
            .GroupBy(fix => fix.VehicleId, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new AreaVisit(group.Key, group.Min(fix => fix.FixedAt), group.Max(fix => fix.FixedAt), group.Count())),
    ];

    private Fix Wander(Random random, int commit)
    {
        var vehicle = random.Next(5);
        var isFar = vehicle == 4;
        var fix = FixAt(
            $"{vehicle}", commit + (random.Next(6) == 0 ? -random.Next(40) : random.NextDouble()), 60 + (random.NextDouble() * 0.3),
            isFar ? Turned(179.9 + (random.NextDouble() * 0.2)) : 24.8 + (vehicle * 0.05) + (random.NextDouble() * 0.1), random.Next(3));
        return random.Next(12) switch
        {
            0 => fix with { Verdict = FixVerdict.NoPosition, Latitude = null, Longitude = null },
            1 => fix with { Verdict = FixVerdict.BeyondWindow },
            _ => fix,
        };
    }

    private static double Turned(double longitude) => longitude > 180 ? longitude - 360 : longitude;

    private AreaQuery Query(GeoBox box) => new() { Tenant = _tenant, Box = box, From = Noon.AddDays(-1), To = Noon.AddDays(1), Limit = 100 };

    private AreaQuery Circle(double latitude, double longitude, double radius) =>
        Query(GeoBox.Around(latitude, longitude, radius)) with { Circle = new AreaCircle(latitude, longitude, radius) };

    private async Task<List<AreaVisit>> AllAsync(AreaQuery query)
    {
        var all = new List<AreaVisit>();
        while (true)
        {
            var page = await _store.SearchAreaAsync(query, Cancellation);
            Assert.True(page.Vehicles.Count <= query.Limit);
            all.AddRange(page.Vehicles);
            if (page.Next is null) return all;
            Assert.True(string.CompareOrdinal(page.Next, query.After ?? "") > 0);
            query = query with { After = page.Next };
        }
    }

    private IEnumerable<AreaVisit> Named(IEnumerable<AreaVisit> visits) => visits.Select(visit => visit with { VehicleId = visit.VehicleId[(_tenant.Length + 1)..] });

    private string Ids(IEnumerable<AreaVisit> visits) => string.Join(' ', Named(visits).Select(visit => visit.VehicleId));

    private Fix FixAt(string vehicle, double minutes, double latitude, double longitude, long digest = 1)
    {
        var at = Noon.AddMinutes(minutes).ToStored();
        return new Fix
        {
            Tenant = _tenant, VehicleId = $"{_tenant}-{vehicle}", DeviceId = "d", FixedAt = at, ReceivedAt = at, Digest = digest, Verdict = FixVerdict.Accepted,
            Latitude = latitude, Longitude = longitude,
        };
    }

    private async Task CommitAsync(params Fix[] fixes)
    {
        var rows = fixes.DistinctBy(fix => (fix.VehicleId, fix.FixedAt, fix.Digest))
            .OrderBy(fix => fix.VehicleId, StringComparer.Ordinal).ThenBy(fix => fix.FixedAt).ThenBy(fix => fix.Digest).ToList();
        _number ??= await _store.StartLaneAsync(_lane, Cancellation);
        var vehicles = rows.Select(fix => new LaneVehicle(fix.Tenant, fix.VehicleId)).Distinct().ToList();
        var result = (await _store.CommitAsync(
            [new LaneCommit { Lane = _lane, ExpectedNumber = _number.Value, Rows = rows, NewVehicles = vehicles, Quarantine = [] }], Cancellation))[0];
        Assert.True(result.Won);
        _number++;
        for (var i = 0; i < rows.Count; i++)
        {
            if (result.IsNew[i]) _rows.Add(rows[i]);
        }
    }
}

public sealed class SqliteAreaSearchTests(SqliteFixture fixture) : AreaSearchCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class IndexedSqliteAreaSearchTests(IndexedSqliteFixture fixture) : AreaSearchCompliance(fixture), IClassFixture<IndexedSqliteFixture>;

/// <summary>SQLite that is always in the middle of writing keys.</summary>
public sealed class HalfIndexedSqliteFixture : SqliteFixture
{
    protected override int UnindexedRows => 1_200;
}

public sealed class HalfIndexedSqliteAreaSearchTests(HalfIndexedSqliteFixture fixture) : AreaSearchCompliance(fixture), IClassFixture<HalfIndexedSqliteFixture>;

public sealed class PostgreSqlAreaSearchTests(PostgreSqlFixture fixture) : AreaSearchCompliance(fixture), IClassFixture<PostgreSqlFixture>;
