using System.Diagnostics;
using System.Globalization;
using FleetTracker.Devices;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Devices;

/// <summary>What every registry promises. Each test has tenants of its own.</summary>
public abstract class FleetStoreCompliance(StorageFixture fixture) : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);

    private readonly IFleetStore _store = fixture.Fleet;
    private readonly string _prefix = Guid.NewGuid().ToString("N")[..12];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string North => _prefix + "-north";

    private string South => _prefix + "-south";

    public async ValueTask InitializeAsync()
    {
        await _store.EnsureTenantAsync(North, "North", Noon, Cancellation);
        await _store.EnsureTenantAsync(South, "South", Noon, Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_tenant_is_created_once()
    {
        Assert.False(await _store.EnsureTenantAsync(North, "Again", Noon, Cancellation));
        Assert.Equal([North, South], (await _store.ListTenantsAsync(Cancellation)).Where(id => id.StartsWith(_prefix, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_first_contact_gets_a_vehicle_of_its_own_for_all_time()
    {
        var record = Assert.Single(await _store.RegisterDevicesAsync([Device(North, "a", group: "Vans")], Cancellation));
        Assert.Equal((Id("a"), North), (record!.DeviceId, record.Tenant));
        Assert.Equal([new Pairing(Vehicle("a"), null, null)], record.Pairings);

        var vehicle = await _store.FindVehicleAsync(North, Vehicle("a"), Cancellation);
        Assert.Equal(("Car a", Id("a")), (vehicle!.Name, vehicle.DeviceId));
        Assert.Equal(["Vans"], vehicle.Groups);
        Assert.Null(vehicle.DeviceOnline);
        Assert.Null(await _store.FindVehicleAsync(South, Vehicle("a"), Cancellation));
    }

    [Fact]
    public async Task A_device_that_another_tenant_had_first_comes_back_with_that_tenant()
    {
        await _store.RegisterDevicesAsync([Device(North, "a")], Cancellation);
        var records = await _store.RegisterDevicesAsync([Device(South, "b"), Device(South, "a") with { VehicleId = "other" }], Cancellation);
        Assert.Equal([(Id("b"), South), (Id("a"), North)], records.Select(record => (record!.DeviceId, record.Tenant)));
        Assert.Equal(Vehicle("a"), records[1]!.Pairings[0].VehicleId);
        Assert.Single(await _store.ListVehiclesAsync(new VehicleQuery { Tenant = South, Limit = 10 }, Cancellation));
    }

    [Fact]
    public async Task Registering_again_changes_nothing()
    {
        var first = await _store.RegisterDevicesAsync([Device(North, "a")], Cancellation);
        var changes = await _store.ReadVehicleChangesAsync(North, 0, 10, Cancellation);
        var again = await _store.RegisterDevicesAsync([Device(North, "a") with { VehicleId = "other" }, Device(North, "a")], Cancellation);
        Assert.Equal([first[0]!.Pairings[0], first[0]!.Pairings[0]], again.Select(record => record!.Pairings[0]));
        Assert.Empty((await _store.ReadVehicleChangesAsync(North, changes.Revision, 10, Cancellation)).Upserts);
    }

    [Fact]
    public async Task Device_ids_differ_by_case()
    {
        await _store.RegisterDevicesAsync([Device(North, "a"), Device(North, "A") with { VehicleId = Vehicle("upper") }], Cancellation);
        var records = await _store.FindDevicesAsync([Id("A"), Id("unknown"), Id("a"), Id("A")], Cancellation);
        Assert.Equal([Vehicle("upper"), null, Vehicle("a"), Vehicle("upper")], records.Select(record => record?.VehicleAt(Noon)));
    }

    [Fact]
    public async Task First_contacts_that_race_agree_on_one_owner()
    {
        var ids = Enumerable.Range(0, 40).Select(i => $"r{i:D2}").ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(racer => _store.RegisterDevicesAsync(
            [.. (racer % 2 == 0 ? ids : Enumerable.Reverse(ids)).Select(id => Device(racer < 3 ? North : South, id) with { VehicleId = $"{Vehicle(id)}-{racer}" })],
            Cancellation)));
        foreach (var device in answers.SelectMany(records => records).GroupBy(record => record!.DeviceId, StringComparer.Ordinal))
            Assert.Single(device.Select(record => (record!.Tenant, record.Pairings[0].VehicleId)).Distinct());
    }

    [Fact]
    public async Task Ten_thousand_first_contacts_take_seconds()
    {
        var watch = Stopwatch.StartNew();
        foreach (var batch in Enumerable.Range(0, 10_000).Chunk(500))
            await _store.RegisterDevicesAsync([.. batch.Select(i => Device(North, $"{i}", group: "All"))], Cancellation);
        TestContext.Current.SendDiagnosticMessage("10,000 first contacts: {0}", watch.Elapsed);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal([new VehicleGroup("All", 10_000)], await _store.ListGroupsAsync(North, null, 10, Cancellation));
        Assert.All(await _store.FindDevicesAsync([.. Enumerable.Range(0, 10_000).Select(i => Id($"{i}"))], Cancellation), Assert.NotNull);
    }

    [Fact]
    public async Task Vehicles_are_listed_by_code_point_and_page()
    {
        string[] names = ["b", "a", "Z", "ä", "a", "_"];
        await _store.RegisterDevicesAsync([.. names.Select((name, i) => Device(North, $"{i}") with { VehicleName = name })], Cancellation);
        var query = new VehicleQuery { Tenant = North, Limit = 2 };
        var listed = new List<RegisteredVehicle>();
        for (var page = await _store.ListVehiclesAsync(query, Cancellation); page.Count > 0; page = await _store.ListVehiclesAsync(query, Cancellation))
        {
            listed.AddRange(page);
            query = query with { After = (page[^1].Name, page[^1].Id) };
        }

        Assert.Equal(["Z", "_", "a", "a", "b", "ä"], listed.Select(vehicle => vehicle.Name));
        Assert.Equal([Vehicle("1"), Vehicle("4")], listed.Where(vehicle => string.Equals(vehicle.Name, "a", StringComparison.Ordinal)).Select(vehicle => vehicle.Id));
    }

    [Fact]
    public async Task Vehicles_are_found_by_part_of_name_id_or_device_and_by_group()
    {
        await _store.RegisterDevicesAsync(
            [
                Device(North, "a", group: "Vans") with { VehicleName = "Grüner LKW 100%" },
                Device(North, "b", group: "Cars") with { VehicleName = "Ten_ton" },
                Device(South, "c") with { VehicleName = "Grüner LKW" },
            ],
            Cancellation);

        Assert.Equal([Vehicle("a")], await SearchAsync("GRÜNER"));
        Assert.Equal([Vehicle("a")], await SearchAsync("0%"));
        Assert.Equal([Vehicle("b")], await SearchAsync("n_t"));
        Assert.Empty(await SearchAsync("T_n"));
        Assert.Equal([Vehicle("b")], await SearchAsync(Id("B")));
        Assert.Empty(await SearchAsync("\\"));
        Assert.Equal([Vehicle("b")], (await _store.ListVehiclesAsync(new VehicleQuery { Tenant = North, Group = "Cars", Limit = 9 }, Cancellation)).Select(v => v.Id));
        Assert.Empty(await _store.ListVehiclesAsync(new VehicleQuery { Tenant = South, Group = "Cars", Limit = 9 }, Cancellation));
    }

    [Fact]
    public async Task Every_word_of_a_search_is_part_of_the_name_an_id_or_a_group()
    {
        await _store.RegisterDevicesAsync(
            [
                Device(North, "a", group: "Zürich ÖPNV/Nacht") with { VehicleName = "Bus 12" },
                Device(North, "b", group: "Day_shift") with { VehicleName = "Bus 21" },
                Device(North, "c") with { VehicleName = "Van 12" },
                Device(South, "d", group: "Zürich ÖPNV/Nacht") with { VehicleName = "Bus 12" },
            ],
            Cancellation);

        Assert.Equal([Vehicle("a")], await SearchAsync("öpnv"));
        Assert.Equal([Vehicle("a")], await SearchAsync("  12   BUS "));
        Assert.Equal([Vehicle("a")], await SearchAsync("nacht bus"));
        Assert.Equal([Vehicle("b")], await SearchAsync($"day_ {Id("b")}"));
        Assert.Equal([Vehicle("a"), Vehicle("c")], await SearchAsync("12"));
        Assert.Empty(await SearchAsync("nacht van"));
        Assert.Empty(await SearchAsync("day%shift"));
        Assert.Equal([Vehicle("a"), Vehicle("b"), Vehicle("c")], await SearchAsync("  "));
        var paged = await _store.ListVehiclesAsync(
            new VehicleQuery { Tenant = North, Search = "bus", Group = "Day_shift", After = ("Bus 12", Vehicle("a")), Limit = 10 }, Cancellation);
        Assert.Equal([Vehicle("b")], paged.Select(vehicle => vehicle.Id));
    }

    [Fact]
    public async Task Changes_come_in_order_and_page_without_a_gap()
    {
        await _store.RegisterDevicesAsync([.. Enumerable.Range(0, 25).Select(i => Device(North, $"{i:D2}"))], Cancellation);
        var seen = new List<string>();
        long revision = 0;
        for (var changes = await _store.ReadVehicleChangesAsync(North, revision, 7, Cancellation); changes.Upserts.Length > 0;
             changes = await _store.ReadVehicleChangesAsync(North, revision, 7, Cancellation))
        {
            seen.AddRange(changes.Upserts.Select(vehicle => vehicle.Id));
            revision = changes.Revision;
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => Vehicle($"{i:D2}")), seen);
        Assert.Equal(revision, (await _store.ReadVehicleChangesAsync(North, revision, 7, Cancellation)).Revision);
        Assert.Empty((await _store.ReadVehicleChangesAsync(South, 0, 7, Cancellation)).Upserts);
    }

    [Fact]
    public async Task A_reader_by_revision_misses_no_change_of_writers_at_work()
    {
        var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; i < 15; i++)
                await _store.RegisterDevicesAsync([.. Enumerable.Range(0, 5).Select(n => Device(North, $"{writer}-{i}-{n}"))], Cancellation);
        }));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long revision = 0;
        while (true)
        {
            var isLast = writers.IsCompleted;
            var changes = await _store.ReadVehicleChangesAsync(North, revision, 1000, Cancellation);
            foreach (var vehicle in changes.Upserts) Assert.True(seen.Add(vehicle.Id));
            revision = changes.Revision;
            if (isLast && changes.Upserts.IsEmpty) break;
        }

        await writers;
        Assert.Equal(4 * 15 * 5, seen.Count);
    }

    [Fact]
    public async Task A_deleted_group_takes_its_vehicles_and_devices_along_and_is_seen_as_removals()
    {
        await _store.RegisterDevicesAsync([Device(North, "a", group: "Demo"), Device(North, "b", group: "Demo"), Device(North, "c", group: "Own"), Device(South, "d", group: "Demo")], Cancellation);
        var before = await _store.ReadVehicleChangesAsync(North, 0, 10, Cancellation);
        Assert.Equal(3, before.Upserts.Length);

        Assert.Equal([Vehicle("a"), Vehicle("b")], await _store.DeleteGroupWithVehiclesAsync(North, "Demo", Cancellation));
        Assert.Empty(await _store.DeleteGroupWithVehiclesAsync(North, "Demo", Cancellation));

        var after = await _store.ReadVehicleChangesAsync(North, before.Revision, 10, Cancellation);
        Assert.Empty(after.Upserts);
        Assert.Equal([Vehicle("a"), Vehicle("b")], after.Removals);
        Assert.True(after.Revision > before.Revision);
        Assert.Equal([Vehicle("c")], (await _store.ReadVehicleChangesAsync(North, 0, 10, Cancellation)).Upserts.Select(vehicle => vehicle.Id));
        Assert.Equal([true, true, false, false], (await _store.FindDevicesAsync([Id("a"), Id("b"), Id("c"), Id("d")], Cancellation)).Select(record => record is null));
        Assert.Equal([new VehicleGroup("Own", 1)], await _store.ListGroupsAsync(North, null, 10, Cancellation));
        Assert.Equal([new VehicleGroup("Demo", 1)], await _store.ListGroupsAsync(South, null, 10, Cancellation));
    }

    [Fact]
    public async Task A_gateway_that_was_deleted_registers_nothing_any_more()
    {
        var name = _prefix + "depot";
        await _store.PutGatewayAsync(new GatewayCredential { Name = name, Tenant = North, SecretHash = [1], TopicFilters = [], Group = "Yard" }, Noon, Cancellation);
        NewDevice Brought(string id) => Device(North, id, group: "Yard") with { RegisteredBy = "gateway:" + name };
        Assert.NotNull(Assert.Single(await _store.RegisterDevicesAsync([Brought("a")], Cancellation)));

        await _store.DeleteGroupWithVehiclesAsync(North, "Yard", Cancellation);
        await _store.DeleteGatewayAsync(North, name, Cancellation);
        var records = await _store.RegisterDevicesAsync([Brought("a"), Device(North, "own")], Cancellation);
        Assert.Equal([null, Id("own")], records.Select(record => record?.DeviceId));
        Assert.DoesNotContain(await _store.ListGroupsAsync(North, null, 100, Cancellation), group => group.Name == "Yard");
    }

    [Fact]
    public async Task A_deleted_vehicle_that_comes_back_is_no_longer_removed()
    {
        await _store.RegisterDevicesAsync([Device(North, "a", group: "Demo")], Cancellation);
        var before = await _store.ReadVehicleChangesAsync(North, 0, 10, Cancellation);
        await _store.DeleteGroupWithVehiclesAsync(North, "Demo", Cancellation);
        await _store.RegisterDevicesAsync([Device(North, "a", group: "Demo")], Cancellation);
        var after = await _store.ReadVehicleChangesAsync(North, before.Revision, 10, Cancellation);
        Assert.Equal([Vehicle("a")], after.Upserts.Select(vehicle => vehicle.Id));
        Assert.Empty(after.Removals);
    }

    [Fact]
    public async Task Which_vehicles_a_tenant_has_not_is_one_question()
    {
        await _store.RegisterDevicesAsync([Device(North, "a"), Device(South, "b")], Cancellation);
        Assert.Equal(
            new[] { Vehicle("b"), "nobody's" }.Order(StringComparer.Ordinal),
            (await _store.FindUnknownVehiclesAsync(North, [Vehicle("a"), Vehicle("b"), "nobody's"], Cancellation)).Order(StringComparer.Ordinal));
        Assert.Empty(await _store.FindUnknownVehiclesAsync(North, [], Cancellation));
    }

    [Fact]
    public async Task The_newest_word_of_a_device_wins()
    {
        await _store.RegisterDevicesAsync([Device(North, "a")], Cancellation);
        await _store.StoreDeviceStatusesAsync([Status("a", true, 10), Status("a", false, 20), Status("a", true, 15), Status("ghost", true, 10)], Cancellation);
        await _store.StoreDeviceStatusesAsync([Status("a", true, 12), Status("a", true, 30) with { Tenant = South }], Cancellation);
        var vehicle = await _store.FindVehicleAsync(North, Vehicle("a"), Cancellation);
        Assert.Equal((false, Noon.AddSeconds(20)), (vehicle!.DeviceOnline, vehicle.DeviceStatusAt));
    }

    [Fact]
    public async Task A_device_that_comes_or_goes_is_a_change_and_a_renewed_word_is_none()
    {
        await _store.RegisterDevicesAsync([Device(North, "a"), Device(North, "b")], Cancellation);
        var before = await _store.ReadVehicleChangesAsync(North, 0, 10, Cancellation);
        await _store.StoreDeviceStatusesAsync([Status("a", true, 10)], Cancellation);
        var after = await _store.ReadVehicleChangesAsync(North, before.Revision, 10, Cancellation);
        Assert.Equal([(Vehicle("a"), (bool?)true)], after.Upserts.Select(vehicle => (vehicle.Id, vehicle.DeviceOnline)));
        await _store.StoreDeviceStatusesAsync([Status("a", true, 20)], Cancellation);
        Assert.Empty((await _store.ReadVehicleChangesAsync(North, after.Revision, 10, Cancellation)).Upserts);
    }

    [Fact]
    public async Task An_enrollment_key_names_its_tenant()
    {
        Assert.False(await _store.HasEnrollmentKeysAsync(North, Cancellation));
        byte[] hash = [.. Guid.NewGuid().ToByteArray(), 0];
        await _store.AddEnrollmentKeyAsync(North, [.. hash], "first", Noon, Cancellation);
        Assert.Equal(North, await _store.FindEnrollmentKeyAsync([.. hash], Cancellation));
        Assert.Null(await _store.FindEnrollmentKeyAsync([1, 2], Cancellation));
        Assert.True(await _store.HasEnrollmentKeysAsync(North, Cancellation));
        Assert.False(await _store.HasEnrollmentKeysAsync(South, Cancellation));
    }

    [Fact]
    public async Task A_gateway_is_replaced_by_its_tenant_alone()
    {
        var gateway = new GatewayCredential { Name = Id("gw"), Tenant = North, SecretHash = [1, 2], TopicFilters = ["fleet/+/position", "a,b"], Group = "Vans" };
        Assert.True(await _store.PutGatewayAsync(gateway, Noon, Cancellation));
        Assert.False(await _store.PutGatewayAsync(gateway with { Tenant = South, SecretHash = [3] }, Noon, Cancellation));
        var stored = await _store.FindGatewayAsync(gateway.Name, Cancellation);
        Assert.Equal(gateway.SecretHash.AsEnumerable(), stored!.SecretHash);
        Assert.Equal(gateway.TopicFilters.AsEnumerable(), stored.TopicFilters);
        Assert.Equal((North, "Vans", true), (stored.Tenant, stored.Group, stored.MayEnroll));

        Assert.True(await _store.PutGatewayAsync(gateway with { MayEnroll = false, Group = null, TopicFilters = [] }, Noon, Cancellation));
        stored = Assert.Single(await _store.ListGatewaysAsync(North, null, 10, Cancellation));
        Assert.Equal(((string?)null, false, 0), (stored.Group, stored.MayEnroll, stored.TopicFilters.Length));

        Assert.False(await _store.DeleteGatewayAsync(South, gateway.Name, Cancellation));
        Assert.True(await _store.DeleteGatewayAsync(North, gateway.Name, Cancellation));
        Assert.Null(await _store.FindGatewayAsync(gateway.Name, Cancellation));
    }

    [Fact]
    public async Task Groups_and_gateways_are_listed_by_code_point_and_page()
    {
        string[] names = ["b", "a/b", "Z", "a", "_"];
        string[] sorted = ["Z", "_", "a", "a/b", "b"];
        await _store.RegisterDevicesAsync([.. names.Select((name, i) => Device(North, $"{i}", group: name))], Cancellation);
        foreach (var name in names)
            await _store.PutGatewayAsync(new GatewayCredential { Name = Id(name), Tenant = North, SecretHash = [1] }, Noon, Cancellation);

        Assert.Equal(sorted, await PagesAsync(async after => [.. (await _store.ListGroupsAsync(North, after, 2, Cancellation)).Select(group => group.Name)]));
        Assert.Equal(sorted.Select(Id), await PagesAsync(async after => [.. (await _store.ListGatewaysAsync(North, after, 2, Cancellation)).Select(gateway => gateway.Name)]));
        Assert.Empty(await _store.ListGroupsAsync(South, null, 2, Cancellation));

        static async Task<List<string>> PagesAsync(Func<string?, Task<string[]>> read)
        {
            var all = new List<string>();
            for (var page = await read(null); page.Length > 0; page = await read(all[^1]))
            {
                Assert.InRange(page.Length, 1, 2);
                all.AddRange(page);
            }

            return all;
        }
    }

    [Fact]
    public Task The_store_answers_a_ping() => _store.PingAsync(Cancellation);

    private async Task<IEnumerable<string>> SearchAsync(string text) =>
        (await _store.ListVehiclesAsync(new VehicleQuery { Tenant = North, Search = text, Limit = 10 }, Cancellation)).Select(vehicle => vehicle.Id);

    private string Id(string name) => $"{_prefix}:{name}";

    private string Vehicle(string name) => $"veh-{_prefix}-{name}";

    private NewDevice Device(string tenant, string name, string? group = null) => new()
    {
        DeviceId = Id(name), Tenant = tenant, VehicleId = Vehicle(name), VehicleName = "Car " + name, Group = group, RegisteredBy = "broker", RegisteredAt = Noon,
    };

    private DeviceStatus Status(string name, bool online, int second) => new(North, Id(name), online, Noon.AddSeconds(second));
}

public sealed class SqliteFleetStoreTests(SqliteFixture fixture) : FleetStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlFleetStoreTests(PostgreSqlFixture fixture) : FleetStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
