using System.Globalization;
using FleetTracker.Sensors;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Tests.Rules;

/// <summary>What every store of sensors promises. Each test has tenants of its own and a clock that it moves.</summary>
public abstract class SensorStoreCompliance : IAsyncLifetime
{
    private const string Who = "anna";

    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(5);

    private readonly StorageFixture _fixture;
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly RulesStore _store;
    private readonly string _prefix = Guid.NewGuid().ToString("N")[..12];

    protected SensorStoreCompliance(StorageFixture fixture)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        _fixture = fixture;
        _store = Store(new RulesOptions { Lead = Lead });
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
    public async Task A_sensor_comes_back_as_it_was_sent()
    {
        var draft = Draft("a") with
        {
            Unit = "l",
            Rules = new SensorRules
            {
                Attribute = "can.fuel", Kind = SensorKind.Fuel, Calibration = [new(0.1, 0), new(4_095.75, 410.5)], ValidMin = -1, ValidMax = 5_000, MinDuration = TimeSpan.FromSeconds(90.5),
                FillAmount = 20, DrainAmount = 12.5, Smoothing = 7, MaxDuration = TimeSpan.FromMinutes(12),
            },
            Scope = new SensorScope { VehicleIds = ["v1", "v2"], Groups = ["Région/Nord"] },
        };
        var created = (await _store.CreateSensorAsync(North, draft, Who, Cancellation)).Value!;
        var found = (await _store.FindSensorAsync(North, draft.Id, Cancellation))!;
        Assert.Equal((draft.Name, "l", 1, North), (found.Current.Name, found.Current.Unit, found.Current.Version, found.Current.Tenant));
        Assert.Equal(draft.Rules.Calibration, found.Current.Rules.Calibration);
        Assert.Equal(draft.Rules with { Calibration = [] }, found.Current.Rules with { Calibration = [] });
        Assert.Equal((draft.Scope.VehicleIds.AsEnumerable(), draft.Scope.Groups.AsEnumerable()), (found.Current.Scope.VehicleIds, found.Current.Scope.Groups), ScopeComparer);
        Assert.Equal((created.Revision, Noon, Noon), (found.Revision, found.CreatedAt, found.UpdatedAt));
        Assert.Null(await _store.FindSensorAsync(South, draft.Id, Cancellation));
    }

    [Fact]
    public async Task What_is_not_said_stays_unsaid()
    {
        await CreateAsync("a", new SensorRules { Attribute = "door", Kind = SensorKind.Switch, Inverted = true });
        var found = (await _store.FindSensorAsync(North, Id("a"), Cancellation))!.Current;
        Assert.Equal(new SensorRules { Attribute = "door", Kind = SensorKind.Switch, Inverted = true }, found.Rules with { Calibration = found.Rules.Calibration.IsDefaultOrEmpty ? [] : found.Rules.Calibration });
        Assert.True(found.Scope.IsEveryone);
        Assert.Null(found.Unit);
    }

    [Fact]
    public async Task A_change_of_rules_is_a_version_and_moves_the_settled_line()
    {
        var created = await CreateAsync("a");
        Assert.Equal(Noon + Lead, (await RulesAsync()).SettledAt);
        _time.Advance(TimeSpan.FromMinutes(1));
        var changed = (await _store.UpdateSensorAsync(North, Draft("a") with { Rules = Gauge(9) }, created.Revision, Who, Cancellation)).Value!;
        Assert.Equal((2, Noon.AddMinutes(1)), (changed.Current.Version, changed.UpdatedAt));
        Assert.True(changed.Revision > created.Revision);
        Assert.Equal(Noon.AddMinutes(1) + Lead, (await RulesAsync()).SettledAt);
    }

    [Fact]
    public async Task Another_scope_moves_the_settled_line_and_is_no_version()
    {
        await CreateAsync("a");
        _time.Advance(TimeSpan.FromMinutes(1));
        var changed = (await _store.UpdateSensorAsync(North, Draft("a") with { Scope = new SensorScope { Groups = ["Vans"] } }, null, Who, Cancellation)).Value!;
        Assert.Equal((1, Noon.AddMinutes(1) + Lead), (changed.Current.Version, (await RulesAsync()).SettledAt));
    }

    [Fact]
    public async Task Another_name_or_unit_does_neither()
    {
        var created = await CreateAsync("a");
        _time.Advance(TimeSpan.FromMinutes(1));
        var changed = (await _store.UpdateSensorAsync(North, Draft("a") with { Name = "Reefer", Unit = "°C" }, created.Revision, Who, Cancellation)).Value!;
        Assert.Equal((1, Noon + Lead), (changed.Current.Version, (await RulesAsync()).SettledAt));
        Assert.True(changed.Revision > created.Revision);
        Assert.Equal("Reefer", Assert.Single(await ListAsync("reefer")).Current.Name);
        Assert.Equal(["sensor.update", "sensor.create"], (await _store.ReadAuditAsync(North, null, 10, Cancellation)).Select(entry => entry.What));
    }

    [Fact]
    public async Task The_same_again_changes_nothing()
    {
        var created = await CreateAsync("a");
        var revision = await _store.ReadRevisionAsync(North, Cancellation);
        var again = (await _store.UpdateSensorAsync(North, Draft("a"), null, Who, Cancellation)).Value!;
        Assert.Equal((created.Revision, revision), (again.Revision, await _store.ReadRevisionAsync(North, Cancellation)));
        Assert.Single(await _store.ReadAuditAsync(North, null, 10, Cancellation));
    }

    [Fact]
    public async Task Of_two_editors_the_slower_is_stale()
    {
        var created = await CreateAsync("a");
        var newer = (await _store.UpdateSensorAsync(North, Draft("a") with { Name = "First" }, created.Revision, Who, Cancellation)).Value!;
        var late = await _store.UpdateSensorAsync(North, Draft("a") with { Name = "Second" }, created.Revision, Who, Cancellation);
        Assert.Equal((ChangeStatus.Stale, newer.Revision), (late.Status, late.Value!.Revision));
        Assert.Equal(ChangeStatus.Stale, (await _store.DeleteSensorAsync(North, Id("a"), created.Revision, Who, Cancellation)).Status);
        Assert.Equal("First", (await _store.FindSensorAsync(North, Id("a"), Cancellation))!.Current.Name);
    }

    [Fact]
    public async Task A_deleted_sensor_is_gone_from_lists_and_rules_and_stays_in_the_audit()
    {
        var created = await CreateAsync("a");
        Assert.Equal(Id("a"), Assert.Single((await RulesAsync()).Sensors).Id);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ChangeStatus.Done, (await _store.DeleteSensorAsync(North, Id("a"), created.Revision, Who, Cancellation)).Status);
        var rules = await RulesAsync();
        Assert.Empty(rules.Sensors);
        Assert.Equal(Noon.AddMinutes(1) + Lead, rules.SettledAt);
        Assert.True(rules.Revision > created.Revision);
        Assert.Empty(await ListAsync());
        Assert.Equal(ChangeStatus.NotFound, (await _store.DeleteSensorAsync(North, Id("a"), null, Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.NotFound, (await _store.UpdateSensorAsync(North, Draft("a"), null, Who, Cancellation)).Status);

        var deleted = (await _store.ReadAuditAsync(North, null, 10, Cancellation))[0];
        Assert.Equal(("sensor.delete", Id("a"), Who, (string?)null), (deleted.What, deleted.Subject, deleted.Who, deleted.After));
        Assert.Contains("temp", deleted.Before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_tenants_sensor_is_not_there()
    {
        await CreateAsync("a");
        Assert.Equal(ChangeStatus.NotFound, (await _store.UpdateSensorAsync(South, Draft("a"), null, Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.NotFound, (await _store.DeleteSensorAsync(South, Id("a"), null, Who, Cancellation)).Status);
        Assert.Empty(await _store.ListSensorsAsync(new SensorQuery { Tenant = South, Limit = 10 }, Cancellation));
        Assert.Empty((await _store.ReadRulesAsync(South, 0, Noon, _ => { }, Cancellation))!.Sensors);
        Assert.Equal(ChangeStatus.NotFound, (await _store.CreateSensorAsync(_prefix + "-nobody", Draft("b"), Who, Cancellation)).Status);
        Assert.NotNull(await _store.FindSensorAsync(North, Id("a"), Cancellation));
    }

    [Fact]
    public async Task A_tenant_has_at_most_so_many()
    {
        var store = Store(new RulesOptions { Lead = Lead, MaxSensorsPerTenant = 2 });
        await CreateAsync("a");
        Assert.Equal(ChangeStatus.Done, (await store.CreateSensorAsync(North, Draft("b"), Who, Cancellation)).Status);
        var revision = await store.ReadRevisionAsync(North, Cancellation);
        Assert.Equal(ChangeStatus.Full, (await store.CreateSensorAsync(North, Draft("c"), Who, Cancellation)).Status);
        Assert.Equal(revision, await store.ReadRevisionAsync(North, Cancellation));
        Assert.Equal(ChangeStatus.Done, (await store.CreateSensorAsync(South, Draft("d"), Who, Cancellation)).Status);
        Assert.Equal(ChangeStatus.Done, (await store.UpdateSensorAsync(North, Draft("b") with { Name = "B" }, null, Who, Cancellation)).Status);
    }

    [Fact]
    public async Task Sensors_are_listed_by_name_and_searched_also_by_attribute()
    {
        foreach (var (id, name) in new[] { ("1", "birch"), ("2", "Acorn"), ("3", "acorn"), ("4", "birch") })
            await _store.CreateSensorAsync(North, Draft(id) with { Name = name, Rules = Gauge(1) with { Attribute = id == "3" ? "io_72" : "temp" } }, Who, Cancellation);
        var names = new List<string>();
        (string, string)? after = null;
        while (await _store.ListSensorsAsync(new SensorQuery { Tenant = North, After = after, Limit = 3 }, Cancellation) is { Count: > 0 } page)
        {
            names.AddRange(page.Select(sensor => $"{sensor.Current.Name} {sensor.Current.Id[^1]}"));
            after = (page[^1].Current.Name, page[^1].Current.Id);
        }

        Assert.Equal(["Acorn 2", "acorn 3", "birch 1", "birch 4"], names);
        Assert.Equal(Id("3"), Assert.Single(await ListAsync("IO_72 corn")).Current.Id);
        Assert.Empty(await ListAsync("io%72"));
    }

    private static SensorRules Gauge(double high) => new() { Attribute = "temp", Kind = SensorKind.Gauge, High = high };

    private static IEqualityComparer<(IEnumerable<string> Vehicles, IEnumerable<string> Groups)> ScopeComparer { get; } =
        EqualityComparer<(IEnumerable<string> Vehicles, IEnumerable<string> Groups)>.Create(
            (a, b) => a.Vehicles.SequenceEqual(b.Vehicles, StringComparer.Ordinal) && a.Groups.SequenceEqual(b.Groups, StringComparer.Ordinal), _ => 0);

    private string Id(string id) => $"{_prefix}-{id}";

    private SensorDraft Draft(string id) => new() { Id = Id(id), Name = "Sensor " + id, Rules = Gauge(8) };

    private async Task<StoredSensor> CreateAsync(string id, SensorRules? rules = null) =>
        (await _store.CreateSensorAsync(North, Draft(id) with { Rules = rules ?? Gauge(8) }, Who, Cancellation)).Value!;

    private async Task<StoredRules> RulesAsync() => (await _store.ReadRulesAsync(North, 0, Noon, _ => { }, Cancellation))!;

    private Task<IReadOnlyList<StoredSensor>> ListAsync(string? search = null) => _store.ListSensorsAsync(new SensorQuery { Tenant = North, Search = search, Limit = 10 }, Cancellation);

    private RulesStore Store(RulesOptions options) => new(_fixture.Databases, Options.Create(options), _time);
}

public sealed class SqliteSensorStoreTests(SqliteFixture fixture) : SensorStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlSensorStoreTests(PostgreSqlFixture fixture) : SensorStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
