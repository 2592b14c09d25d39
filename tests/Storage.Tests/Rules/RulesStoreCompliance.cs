using System.Globalization;
using FleetTracker.Devices;
using FleetTracker.Geofences;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Tests.Rules;

/// <summary>What every store of fences and settings promises. Each test has tenants of its own and a clock that it moves.</summary>
public abstract class RulesStoreCompliance : IAsyncLifetime
{
    private const string Square = """{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}""";
    private const string Who = "anna";

    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(5);

    private readonly StorageFixture _fixture;
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly RulesStore _store;
    private readonly string _prefix = Guid.NewGuid().ToString("N")[..12];

    protected RulesStoreCompliance(StorageFixture fixture)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        _fixture = fixture;
        _store = Store(_time);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string North => _prefix + "-north";

    private string South => _prefix + "-south";

    public async ValueTask InitializeAsync()
    {
        await _fixture.Fleet.EnsureTenantAsync(North, "North", Noon, Cancellation);
        await _fixture.Fleet.EnsureTenantAsync(South, "South", Noon, Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_fence_comes_back_as_it_was_drawn_and_counts_from_the_lead_on()
    {
        var draft = Draft("a") with
        {
            ShapeKind = GeofenceShapeKind.Circle, Geometry = """{"type":"Point","coordinates":[24.94,60.17]}""", RadiusMeters = 150.25,
            Rules = new GeofenceRules
            {
                MinDwell = TimeSpan.FromSeconds(20), MarginMeters = 12.5, SpeedLimitMetersPerSecond = 8.3, DwellEventAfter = TimeSpan.FromHours(2),
                Groups = ["Vans", "Région/Nord"],
                Schedule = new WeeklySchedule
                {
                    TimeZone = "Europe/Helsinki", Intervals = [new(DayOfWeek.Friday, new TimeOnly(22, 0), new TimeOnly(6, 30, 15))],
                },
            },
        };
        _time.Advance(TimeSpan.FromTicks(7));
        var created = Assert.Single((await _store.CreateGeofencesAsync(North, [draft], Who, Cancellation)).Value!);
        var found = await _store.FindGeofenceAsync(North, draft.Id, Cancellation);

        // Up to the next whole microsecond: a lead is never cut short.
        Assert.Equal(Noon + Lead + TimeSpan.FromMicroseconds(1), found!.Current.ValidFrom);
        Assert.Equal((1, null), (found.Current.Version, found.Current.ValidTo));
        Assert.Equal((draft.Name, draft.ShapeKind, draft.Geometry, draft.RadiusMeters), (found.Current.Name, found.Current.ShapeKind, found.Current.Geometry, found.Current.RadiusMeters));
        Assert.Equal(draft.Rules with { Groups = [], Schedule = null }, found.Current.Rules with { Groups = [], Schedule = null });
        Assert.Equal(draft.Rules.Groups, found.Current.Rules.Groups);
        Assert.Equal(draft.Rules.Schedule.Intervals, found.Current.Rules.Schedule!.Intervals);
        Assert.Equal((created.Revision, created.Current.ValidFrom, Noon), (found.Revision, found.Current.ValidFrom, found.CreatedAt));
        Assert.Null(await _store.FindGeofenceAsync(South, draft.Id, Cancellation));
    }

    [Fact]
    public async Task A_new_shape_or_rule_is_a_new_version_that_begins_where_the_old_one_ends()
    {
        await CreateAsync("a");
        _time.Advance(TimeSpan.FromHours(1));
        var reshaped = await UpdateAsync(Draft("a") with { Geometry = Square.Replace("[1,1]", "[1,2]", StringComparison.Ordinal) });
        Assert.Equal((2, Noon.AddHours(1) + Lead), (reshaped.Current.Version, reshaped.Current.ValidFrom));
        _time.Advance(TimeSpan.FromHours(1));
        var ruled = await UpdateAsync(Draft("a") with { Geometry = reshaped.Current.Geometry, Rules = new GeofenceRules { MarginMeters = 3 } });
        Assert.Equal(3, ruled.Current.Version);

        var versions = await VersionsAsync(North);
        Assert.Equal(
            [(1, Noon + Lead, Noon.AddHours(1) + Lead), (2, Noon.AddHours(1) + Lead, Noon.AddHours(2) + Lead), (3, Noon.AddHours(2) + Lead, null)],
            versions.Select(version => (version.Version, version.ValidFrom, version.ValidTo)));
        Assert.Equal([Square, reshaped.Current.Geometry, reshaped.Current.Geometry], versions.Select(version => version.Geometry));
    }

    [Fact]
    public async Task Two_changes_at_once_and_a_clock_behind_still_make_versions_in_order()
    {
        await CreateAsync("a");
        await UpdateAsync(Draft("a") with { RadiusMeters = 1 });
        var behind = new FakeTimeProvider(Noon.AddSeconds(-1));
        await Store(behind).UpdateGeofenceAsync(North, Draft("a") with { RadiusMeters = 2 }, null, Who, Cancellation);
        await Store(behind).DeleteGeofenceAsync(North, Id("a"), null, Who, Cancellation);

        var microsecond = TimeSpan.FromMicroseconds(1);
        Assert.Equal(
            [(Noon + Lead, Noon + Lead + microsecond), (Noon + Lead + microsecond, Noon + Lead + (2 * microsecond)), (Noon + Lead + (2 * microsecond), Noon + Lead + (2 * microsecond))],
            (await VersionsAsync(North)).Select(version => (version.ValidFrom, version.ValidTo!.Value)));
    }

    [Fact]
    public async Task A_new_name_is_no_new_version_and_nothing_new_is_no_change()
    {
        var created = await CreateAsync("a");
        var renamed = await UpdateAsync(Draft("a") with { Name = "Renamed" });
        Assert.Equal((1, "Renamed", true), (renamed.Current.Version, renamed.Current.Name, renamed.Revision > created.Revision));
        Assert.Equal("Renamed", Assert.Single(await VersionsAsync(North)).Name);

        var revision = await RevisionAsync(North);
        Assert.Equal(renamed.Revision, (await UpdateAsync(Draft("a") with { Name = "Renamed" })).Revision);
        Assert.Equal(revision, await RevisionAsync(North));
    }

    [Fact]
    public async Task A_change_with_an_old_revision_is_refused_and_shows_what_is_there()
    {
        var created = await CreateAsync("a");
        var changed = await _store.UpdateGeofenceAsync(North, Draft("a") with { Name = "First" }, created.Revision, Who, Cancellation);
        Assert.Equal(ChangeStatus.Done, changed.Status);
        var late = await _store.UpdateGeofenceAsync(North, Draft("a") with { Name = "Second" }, created.Revision, Who, Cancellation);
        Assert.Equal((ChangeStatus.Stale, "First"), (late.Status, late.Value!.Current.Name));
        Assert.Equal(ChangeStatus.Stale, (await _store.DeleteGeofenceAsync(North, Id("a"), created.Revision, Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.Done, (await _store.DeleteGeofenceAsync(North, Id("a"), changed.Value!.Revision, Who, Cancellation)).Status);
    }

    [Fact]
    public async Task Of_changes_that_race_with_one_revision_one_wins()
    {
        var created = await CreateAsync("a");
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            _store.UpdateGeofenceAsync(North, Draft("a") with { RadiusMeters = i + 1 }, created.Revision, Who, Cancellation)));
        Assert.Single(results, result => result.Status == ChangeStatus.Done);
        Assert.Equal(2, (await VersionsAsync(North)).Count);
    }

    [Fact]
    public async Task A_deleted_fence_leaves_the_lists_and_stays_for_late_fixes()
    {
        await CreateAsync("a");
        _time.Advance(TimeSpan.FromHours(1));
        await _store.DeleteGeofenceAsync(North, Id("a"), null, Who, Cancellation);
        Assert.Null(await _store.FindGeofenceAsync(North, Id("a"), Cancellation));
        Assert.Empty(await ListAsync());
        Assert.Equal(Noon.AddHours(1) + Lead, Assert.Single(await VersionsAsync(North)).ValidTo);
        Assert.Empty(await VersionsAsync(North, validAfter: Noon.AddHours(1) + Lead));

        Assert.Equal(ChangeStatus.NotFound, (await _store.DeleteGeofenceAsync(North, Id("a"), null, Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.NotFound, (await _store.UpdateGeofenceAsync(North, Draft("a"), null, Who, Cancellation)).Status);
    }

    [Fact]
    public async Task Old_versions_are_deleted_and_with_the_last_one_a_deleted_fence()
    {
        await CreateAsync("a");
        await CreateAsync("b");
        _time.Advance(TimeSpan.FromHours(1));
        await UpdateAsync(Draft("a") with { RadiusMeters = 1 });
        _time.Advance(TimeSpan.FromHours(1));
        await _store.DeleteGeofenceAsync(North, Id("b"), null, Who, Cancellation);

        await _store.DeleteOldVersionsAsync(Noon.AddHours(1) + Lead, Cancellation);
        Assert.Equal([(Id("a"), 1), (Id("a"), 2), (Id("b"), 1)], (await VersionsAsync(North)).Select(version => (version.Id, version.Version)));
        await _store.DeleteOldVersionsAsync(Noon.AddHours(3), Cancellation);
        Assert.Equal([(Id("a"), 2)], (await VersionsAsync(North)).Select(version => (version.Id, version.Version)));

        // The id is free again only because nothing of the deleted fence is left.
        Assert.Equal(1, (await CreateAsync("b")).Current.Version);
        Assert.Equal(2, (await ListAsync()).Count);
    }

    [Fact]
    public async Task Too_many_fences_are_refused_together()
    {
        var small = Store(_time, maxFences: 3);
        Assert.Equal(ChangeStatus.Done, (await small.CreateGeofencesAsync(North, [Draft("a"), Draft("b")], Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.Full, (await small.CreateGeofencesAsync(North, [Draft("c"), Draft("d")], Who, Cancellation)).Status);
        Assert.Equal(2, (await ListAsync()).Count);
        await small.DeleteGeofenceAsync(North, Id("a"), null, Who, Cancellation);
        Assert.Equal(ChangeStatus.Done, (await small.CreateGeofencesAsync(North, [Draft("c"), Draft("d")], Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.NotFound, (await small.CreateGeofencesAsync("nobody", [Draft("e")], Who, Cancellation)).Status);
    }

    [Fact]
    public async Task Fences_are_paged_by_name_and_found_by_words()
    {
        string[] names = ["Zürich yard", "depot B", "Depot A", "100% sure", "Äußerer Ring", "depot B"];
        await _store.CreateGeofencesAsync(North, [.. names.Select((name, i) => Draft($"f{i}") with { Name = name })], Who, Cancellation);
        var paged = new List<StoredGeofence>();
        while (true)
        {
            var page = await _store.ListGeofencesAsync(
                new GeofenceQuery { Tenant = North, Limit = 2, After = paged.Count == 0 ? null : (paged[^1].Current.Name, paged[^1].Current.Id) }, Cancellation);
            if (page.Count == 0) break;
            paged.AddRange(page);
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), paged.Select(fence => fence.Current.Name));
        Assert.Equal(6, paged.Select(fence => fence.Current.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(["Depot A"], (await ListAsync("a DEPOT")).Where(name => name.StartsWith('D')));
        Assert.Equal(["Äußerer Ring"], await ListAsync("äu"));
        Assert.Equal(["100% sure"], await ListAsync("0%"));
        Assert.Empty(await ListAsync("no_such"));
    }

    [Fact]
    public async Task Every_change_raises_the_revision_and_only_what_changed_is_read_again()
    {
        var before = await RevisionAsync(North);
        await CreateAsync("a");
        await CreateAsync("b");
        var known = await RevisionAsync(North);
        Assert.True(known > before);
        Assert.Empty(await VersionsAsync(North, since: known));

        await UpdateAsync(Draft("b") with { Name = "Renamed" });
        Assert.Equal([Id("b")], (await VersionsAsync(North, since: known)).Select(version => version.Id));
        known = await RevisionAsync(North);
        await _store.DeleteGeofenceAsync(North, Id("a"), null, Who, Cancellation);
        Assert.Equal([Id("a")], (await VersionsAsync(North, since: known)).Select(version => version.Id));

        known = await RevisionAsync(North);
        await _store.PutSettingsAsync(North, "", """{"minStopDuration":60}""", null, Who, Cancellation);
        Assert.True(await RevisionAsync(North) > known);
        Assert.Equal(0, await RevisionAsync(South));
        Assert.Equal((await RevisionAsync(North), 0, null), (await _store.ReadRevisionAsync(North, Cancellation), await _store.ReadRevisionAsync(South, Cancellation), await _store.ReadRevisionAsync("nobody", Cancellation)));
        Assert.Equal(await RevisionAsync(North), (await _store.ReadRulesAsync(North, 0, Noon, _ => { }, Cancellation))!.Revision);
        Assert.Null(await _store.ReadRulesAsync("nobody", 0, Noon, _ => { }, Cancellation));
    }

    [Fact]
    public async Task Groups_of_vehicles_are_rules_and_their_changes_raise_the_revision_without_settling()
    {
        await _fixture.Fleet.RegisterDevicesAsync([Device("x", null)], Cancellation);
        Assert.Equal(0, await RevisionAsync(North));
        await _fixture.Fleet.RegisterDevicesAsync([Device("y", "Vans"), Device("z", "Vans")], Cancellation);
        Assert.Equal(1, await RevisionAsync(North));
        await _store.PutSettingsAsync(North, Vehicle("y"), """{"minStopDuration":60}""", null, Who, Cancellation);

        var rules = (await _store.ReadRulesAsync(North, 0, Noon, _ => { }, Cancellation))!;
        Assert.Equal([(Vehicle("y"), "Vans"), (Vehicle("z"), "Vans")], rules.Groups.Select(vehicle => (vehicle.Key, Assert.Single(vehicle.Value))));
        Assert.Equal(Vehicle("y"), Assert.Single(rules.VehicleSettings).Key);

        await _fixture.Fleet.DeleteGroupWithVehiclesAsync(North, "Vans", Cancellation);
        rules = (await _store.ReadRulesAsync(North, 0, Noon, _ => { }, Cancellation))!;
        Assert.Equal((3, 0, 0), (rules.Revision, rules.Groups.Length, rules.VehicleSettings.Length));
    }

    [Fact]
    public async Task A_change_of_settings_moves_the_settled_line_forward_and_never_back()
    {
        Assert.Null(await SettledAsync());
        _time.Advance(TimeSpan.FromHours(1));
        var put = await _store.PutSettingsAsync(North, "", """{"minStopDuration":60}""", 0, Who, Cancellation);
        Assert.Equal(ChangeStatus.Done, put.Status);
        Assert.Equal(Noon.AddHours(1) + Lead, await SettledAsync());

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(put.Value, (await _store.PutSettingsAsync(North, "", """{"minStopDuration":60}""", put.Value!.Revision, Who, Cancellation)).Value);
        Assert.Equal(Noon.AddHours(1) + Lead, await SettledAsync());

        Assert.Equal(ChangeStatus.Stale, (await _store.PutSettingsAsync(North, "", "{}", 0, Who, Cancellation)).Status);
        var behind = Store(new FakeTimeProvider(Noon));
        Assert.Equal(StoredSettings.None, (await behind.PutSettingsAsync(North, "", null, put.Value.Revision, Who, Cancellation)).Value);
        Assert.Equal(Noon.AddHours(1) + Lead, await SettledAsync());
        Assert.Equal(StoredSettings.None, await _store.FindSettingsAsync(North, "", Cancellation));
    }

    [Fact]
    public async Task Settings_of_a_vehicle_are_its_own_and_need_the_vehicle()
    {
        await _fixture.Fleet.RegisterDevicesAsync([Device("x", null)], Cancellation);
        Assert.Equal(ChangeStatus.NotFound, (await _store.PutSettingsAsync(North, "nobody", "{}", null, Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.NotFound, (await _store.PutSettingsAsync(South, Vehicle("x"), "{}", null, Who, Cancellation)).Status);
        await _store.PutSettingsAsync(North, Vehicle("x"), """{"a":1}""", 0, Who, Cancellation);
        Assert.Equal("""{"a":1}""", (await _store.FindSettingsAsync(North, Vehicle("x"), Cancellation)).Settings);
        Assert.Equal("{}", (await _store.FindSettingsAsync(North, "", Cancellation)).Settings);
        Assert.Equal([KeyValuePair.Create(Vehicle("x"), """{"a":1}""")], await _store.ListVehicleSettingsAsync(North, Cancellation));
        Assert.Empty(await _store.ListVehicleSettingsAsync(South, Cancellation));
    }

    [Fact]
    public async Task A_reader_of_revisions_waits_for_a_change_that_has_read_its_clock()
    {
        using var clock = new HeldClock(Noon);
        var change = Task.Run(() => Store(clock).CreateGeofencesAsync(North, [Draft("a")], Who, Cancellation), Cancellation);
        await clock.IsRead.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        var read = _store.ReadRevisionsAsync(Cancellation);
        Assert.NotSame(read, await Task.WhenAny(read, Task.Delay(TimeSpan.FromMilliseconds(300), Cancellation)));
        clock.GoOn();
        await change;
        Assert.Equal(1, (await read).Single(tenant => string.Equals(tenant.Key, North, StringComparison.Ordinal)).Value);
    }

    [Fact]
    public async Task Who_changed_what_is_recorded_with_before_and_after_newest_first()
    {
        await CreateAsync("a");
        _time.Advance(TimeSpan.FromSeconds(1));
        await UpdateAsync(Draft("a") with { Name = "Renamed" });
        _time.Advance(TimeSpan.FromSeconds(1));
        await _store.PutSettingsAsync(North, "", """{"a":1}""", null, "bert", Cancellation);
        _time.Advance(TimeSpan.FromSeconds(1));
        await _store.DeleteGeofenceAsync(North, Id("a"), null, Who, Cancellation);

        var all = await _store.ReadAuditAsync(North, null, 10, Cancellation);
        Assert.Equal(
            [("geofence.delete", Who, Id("a")), ("settings.update", "bert", ""), ("geofence.update", Who, Id("a")), ("geofence.create", Who, Id("a"))],
            all.Select(entry => (entry.What, entry.Who, entry.Subject)));
        Assert.Equal([false, true, false, true], all.Select(entry => entry.Before is null));
        Assert.Equal([true, false, false, false], all.Select(entry => entry.After is null));
        Assert.Contains("Renamed", all[2].After, StringComparison.Ordinal);
        Assert.Equal(all.Skip(1).Take(2), await _store.ReadAuditAsync(North, (all[0].At, all[0].Id), 2, Cancellation));
        Assert.Empty(await _store.ReadAuditAsync(South, null, 10, Cancellation));

        await _store.DeleteOldAuditAsync(Noon.AddSeconds(2), Cancellation);
        Assert.Equal(all.Take(2), await _store.ReadAuditAsync(North, null, 10, Cancellation));
    }

    [Fact]
    public async Task Readings_count_from_the_lead_and_move_no_settled_line()
    {
        await _fixture.Fleet.RegisterDevicesAsync([Device("a", null), Device("b", null)], Cancellation);
        var id = Vehicle("a");
        Assert.Equal(StoredReadings.None, await _store.FindReadingsAsync(North, id, Cancellation));
        var revision = await RevisionAsync(North);

        var first = await ChangeReadingsAsync(North, id, new ReadingsChange(new GivenReading(1_000.5), null));
        Assert.Equal(new CounterReadings(new CounterReading(1_000.5, Noon + Lead), null), first.Value!.Readings);
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = await ChangeReadingsAsync(North, id, new ReadingsChange(null, new GivenReading(3_600)), first.Value.Revision);
        Assert.Equal(new CounterReadings(new CounterReading(1_000.5, Noon + Lead), new CounterReading(3_600, Noon.AddMinutes(1) + Lead)), second.Value!.Readings);
        Assert.Equal(second.Value, await _store.FindReadingsAsync(North, id, Cancellation));
        Assert.Equal((ChangeStatus.Stale, second.Value), await StatusAsync(ChangeReadingsAsync(North, id, new ReadingsChange(new GivenReading(1), null), first.Value.Revision)));
        _time.Advance(TimeSpan.FromMinutes(1));
        var third = await ChangeReadingsAsync(North, id, new ReadingsChange(new GivenReading(null), null));
        Assert.Equal(new CounterReading(null, Noon.AddMinutes(2) + Lead), third.Value!.Readings.Odometer);

        Assert.Equal(revision + 3, await RevisionAsync(North));
        Assert.Null(await SettledAsync());
        var rules = await _store.ReadRulesAsync(North, revision, Noon, _ => { }, Cancellation);
        Assert.Equal([KeyValuePair.Create(id, third.Value.Readings)], rules!.Readings);
        Assert.Empty((await _store.ReadRulesAsync(South, 0, Noon, _ => { }, Cancellation))!.Readings);
        var audit = await _store.ReadAuditAsync(North, null, 10, Cancellation);
        Assert.Equal(("counters.update", id, """{"odometer":1000.5,"engineTime":3600}""", """{"odometer":null,"engineTime":3600}"""), (audit[0].What, audit[0].Subject, audit[0].Before, audit[0].After));
    }

    [Fact]
    public async Task Readings_are_of_vehicles_of_the_tenant_and_go_with_them()
    {
        await _fixture.Fleet.RegisterDevicesAsync([Device("a", "Vans")], Cancellation);
        var change = new ReadingsChange(new GivenReading(1), new GivenReading(2));
        Assert.Equal(ChangeStatus.NotFound, (await ChangeReadingsAsync(South, Vehicle("a"), change)).Status);
        Assert.Null(await _store.FindReadingsAsync(South, Vehicle("a"), Cancellation));
        await ChangeReadingsAsync(North, Vehicle("a"), change);
        await _fixture.Fleet.DeleteGroupWithVehiclesAsync(North, "Vans", Cancellation);
        Assert.Null(await _store.FindReadingsAsync(North, Vehicle("a"), Cancellation));
        Assert.Empty((await _store.ReadRulesAsync(North, 0, Noon, _ => { }, Cancellation))!.Readings);
    }

    private Task<Change<StoredReadings>> ChangeReadingsAsync(string tenant, string id, ReadingsChange change, long? expected = null) =>
        _store.ChangeReadingsAsync(tenant, id, change, expected, Who, Cancellation);

    private static async Task<(ChangeStatus Status, StoredReadings? Value)> StatusAsync(Task<Change<StoredReadings>> change) => ((await change).Status, (await change).Value);

    private RulesStore Store(TimeProvider time, int maxFences = 100_000) =>
        new(_fixture.Databases, Options.Create(new RulesOptions { Lead = Lead, MaxFencesPerTenant = maxFences }), time);

    private async Task<StoredGeofence> CreateAsync(string name) =>
        Assert.Single((await _store.CreateGeofencesAsync(North, [Draft(name)], Who, Cancellation)).Value!);

    private async Task<StoredGeofence> UpdateAsync(GeofenceDraft draft) =>
        (await _store.UpdateGeofenceAsync(North, draft, null, Who, Cancellation)).Value!;

    private async Task<List<Geofence>> VersionsAsync(string tenant, long since = 0, DateTimeOffset? validAfter = null)
    {
        var versions = new List<Geofence>();
        await _store.ReadRulesAsync(tenant, since, validAfter ?? Noon.AddDays(-1), versions.Add, Cancellation);
        return [.. versions.OrderBy(version => version.Id, StringComparer.Ordinal).ThenBy(version => version.Version)];
    }

    private async Task<List<string>> ListAsync(string? search = null) =>
        [.. (await _store.ListGeofencesAsync(new GeofenceQuery { Tenant = North, Search = search, Limit = 10 }, Cancellation)).Select(fence => fence.Current.Name)];

    private async Task<long> RevisionAsync(string tenant) =>
        (await _store.ReadRevisionsAsync(Cancellation)).Single(found => string.Equals(found.Key, tenant, StringComparison.Ordinal)).Value;

    private async Task<DateTimeOffset?> SettledAsync() => (await _store.ReadRulesAsync(North, 0, Noon, _ => { }, Cancellation))!.SettledAt;

    private string Id(string name) => $"{_prefix}-{name}";

    private string Vehicle(string name) => $"veh-{_prefix}-{name}";

    private GeofenceDraft Draft(string name) => new() { Id = Id(name), Name = "Fence " + name, ShapeKind = GeofenceShapeKind.Area, Geometry = Square };

    private NewDevice Device(string name, string? group) => new()
    {
        DeviceId = $"{_prefix}:{name}", Tenant = North, VehicleId = Vehicle(name), VehicleName = name, Group = group, RegisteredBy = "test", RegisteredAt = Noon,
    };

    /// <summary>Stops whoever reads it until it may go on.</summary>
    private sealed class HeldClock(DateTimeOffset now) : TimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _goOn = new();

        public TaskCompletionSource IsRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void GoOn() => _goOn.Set();

        public override DateTimeOffset GetUtcNow()
        {
            IsRead.TrySetResult();
            Assert.True(_goOn.Wait(TimeSpan.FromSeconds(30)), "nobody let the clock go on");
            return now;
        }

        public void Dispose() => _goOn.Dispose();
    }
}

public sealed class SqliteRulesStoreTests(SqliteFixture fixture) : RulesStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlRulesStoreTests(PostgreSqlFixture fixture) : RulesStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
