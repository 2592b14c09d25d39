using System.Text;
using FleetTracker.Devices;
using FleetTracker.Mqtt;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Ingestion;

/// <summary>From a message to its lane, with the registry and the lanes in the test's hands.</summary>
public sealed class IngestPipelineTests : IDisposable
{
    private const string Payload = """{"lat":1,"lon":2}""";

    private readonly FakeTimeProvider _time = new(Decoded.Now);
    private readonly FakeLanes _lanes = new();
    private readonly FakeDirectory _directory = new();
    private readonly CountedOutcomes _counts = new();
    private readonly CountingSink _sink = new();
    private readonly DeviceCache _devices;
    private readonly Enrollments _enrollments;
    private readonly StatusReporter _statuses;
    private readonly IngestPipeline _pipeline;

    public IngestPipelineTests()
    {
        var options = Options.Create(new IngestionOptions { Lanes = 4, QuarantinePerDevicePerMinute = 3, QuarantinePayloadBytes = 16 });
        var metrics = new IngestionMetrics(_counts);
        _devices = new DeviceCache(_directory, options, metrics, _time, NullLogger<DeviceCache>.Instance);
        _enrollments = new Enrollments(_directory, _devices, options, metrics, _time, NullLogger<Enrollments>.Instance);
        _statuses = new StatusReporter(_directory, metrics, _time, NullLogger<StatusReporter>.Instance);
        _pipeline = new IngestPipeline(
            new ConfiguredLaneCount(options), _lanes, _devices, _enrollments, _statuses, new QuarantineLimiter(options, _time), options,
            Options.Create(new FixOptions()), metrics, _time, NullLogger<IngestPipeline>.Instance);
        _lanes.Pipeline = _pipeline;
        _directory.Add("truck-1");
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _devices.Dispose();
        _enrollments.Dispose();
        _statuses.Dispose();
        _counts.Dispose();
    }

    [Fact]
    public async Task Fix_goes_to_the_lane_of_its_vehicle()
    {
        Take("fleet/truck-1/position", Payload, Device("truck-1"));
        var batch = await _lanes.NextAsync();
        await _sink.First.WaitAsync(TestTime.Limit, TestTime.Token);

        Assert.Equal(Lanes.Of("v-truck-1", 4), batch.Lane);
        Assert.Equal(_time.GetUtcNow(), batch.Fixes[0].ReceivedAt);
        Assert.Equal(0, _pipeline.Window.Count);
    }

    [Fact]
    public async Task Device_is_asked_for_once_while_its_answer_is_good()
    {
        for (var i = 0; i < 5; i++)
        {
            Take("fleet/truck-1/position", Payload, Device("truck-1"));
            await _lanes.NextAsync();
        }

        Assert.Single(_directory.Asked);
    }

    [Fact]
    public async Task Devices_are_asked_for_in_batches()
    {
        _directory.Failure = new TimeoutException();
        for (var i = 0; i < 50; i++)
        {
            _directory.Add($"d{i}");
            Take($"fleet/d{i}/position", Payload, Gateway());
        }

        await _directory.Calls.WaitAsync(TestTime.Limit, TestTime.Token);
        _directory.Failure = null;
        while (_lanes.Fixes.Count < 50)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            if (!_lanes.TryNext(out _)) await Task.Yield();
        }

        Assert.True(_directory.Asked.Count < 40, $"{_directory.Asked.Count} calls");
    }

    [Fact]
    public async Task Failed_lookup_holds_back_and_refuses_nobody()
    {
        _directory.Failure = new TimeoutException();
        Take("fleet/truck-1/position", Payload, Device("truck-1"));
        await _directory.Calls.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.Equal((0, 1), (_sink.Delivered, _pipeline.Window.Count));

        _directory.Failure = null;
        while (_sink.Delivered == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Null(_sink.LastRefusal);
        Assert.Single(_lanes.Fixes);
        Assert.Empty(_lanes.Quarantine);
    }

    [Fact]
    public async Task Vehicle_is_that_which_carried_the_device_at_the_time_of_the_fix()
    {
        var swap = Decoded.Now.AddHours(-1);
        _directory.Devices["truck-1"] = FakeDirectory.Record("truck-1", "acme", new Pairing("old", null, swap), new Pairing("new", swap, null));

        Take("fleet/truck-1/position", """{"time":"2026-03-01T10:59:59Z","lat":1,"lon":2}""", Device("truck-1"));
        Assert.Equal("old", (await _lanes.NextAsync()).Fixes[0].VehicleId);
        Take("fleet/truck-1/position", """{"time":"2026-03-01T11:00:00Z","lat":1,"lon":2}""", Device("truck-1"));
        Assert.Equal("new", (await _lanes.NextAsync()).Fixes[0].VehicleId);
    }

    [Fact]
    public async Task Registration_is_not_used_beyond_its_lifetime()
    {
        Take("fleet/truck-1/position", Payload, Device("truck-1"));
        await _lanes.NextAsync();
        _directory.Devices["truck-1"] = FakeDirectory.Record("truck-1", "acme", new Pairing("moved", null, null));

        _time.Advance(TimeSpan.FromSeconds(31));
        Take("fleet/truck-1/position", Payload, Device("truck-1"));
        Assert.Equal("moved", (await _lanes.NextAsync()).Fixes[0].VehicleId);
    }

    [Fact]
    public async Task Refusal_rests_on_what_the_registry_says_now()
    {
        _directory.Devices["truck-1"] = FakeDirectory.Record("truck-1", "acme");
        Take("fleet/truck-1/position", Payload, Device("truck-1"));
        Assert.Equal(Refusals.NotPaired, (await _lanes.NextAsync()).Quarantine[0].Reason);

        // A first pairing holds at once, though the registration without it is still in memory.
        _directory.Add("truck-1");
        _time.Advance(TimeSpan.FromSeconds(2));
        Take("fleet/truck-1/position", Payload, Device("truck-1"));
        Assert.Single((await _lanes.NextAsync()).Fixes);
    }

    [Fact]
    public async Task First_contact_enrolls_once_for_all_its_messages()
    {
        var access = new ClientAccess(new MqttAccess { Kind = MqttAccessKind.EnrollmentKey, Tenant = "acme", MayEnroll = true }, "fresh");
        for (var i = 0; i < 20; i++) Take("fleet/fresh/position", Payload, access);
        while (_sink.Delivered < 20) await Task.Yield();

        Assert.Equal(("fresh", new Enrollment("acme", null, "enrollment-key")), _directory.Enrolled.Distinct().Single());
        Assert.Equal(20, _lanes.Fixes.Count);
    }

    [Fact]
    public async Task Fixes_that_wait_for_their_device_stay_in_order()
    {
        var access = new ClientAccess(new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme", MayEnroll = true }, "gateway:depot");
        var start = _time.GetUtcNow().AddMinutes(-10);
        for (var i = 0; i < 500; i++)
        {
            foreach (var device in new[] { "first", "second" })
                Take($"fleet/{device}/position", $$"""{"time":"{{start.AddSeconds(i):O}}","lat":60.1,"lon":24.9}""", access);
        }

        while (_sink.Delivered < 1000) await Task.Yield();
        Assert.All(_lanes.Fixes.GroupBy(fix => fix.DeviceId), device => Assert.Equal(device.Select(fix => fix.FixedAt).Order(), device.Select(fix => fix.FixedAt)));
        Assert.Equal(1000, _lanes.Fixes.Count);
    }

    [Fact]
    public async Task Broker_in_front_speaks_for_every_tenant()
    {
        _directory.Add("other", tenant: "rival");
        Take("fleet/other/position", Payload, ClientAccess.FromBroker("acme", mayEnroll: false));
        Assert.Equal("rival", (await _lanes.NextAsync()).Fixes[0].Tenant);

        Take("fleet/nobody/position", Payload, ClientAccess.FromBroker("acme", mayEnroll: false));
        var refused = (await _lanes.NextAsync()).Quarantine[0];
        Assert.Equal(("acme", Refusals.UnknownDevice), (refused.Tenant, refused.Reason));
    }

    [Fact]
    public async Task Quarantined_payload_is_cut_and_a_flood_is_counted_but_not_kept()
    {
        for (var i = 0; i < 10; i++) Take("fleet/truck-1/position", "this is no JSON at all", Device("truck-1"));
        while (_sink.Delivered < 10) await Task.Yield();

        Assert.Equal(3, _lanes.Quarantine.Count);
        Assert.Equal(("this is no JSON ", true), (Encoding.UTF8.GetString(_lanes.Quarantine[0].Payload.AsSpan()), _lanes.Quarantine[0].Truncated));
        Assert.Equal((10, 7), (_counts["rejected/not_json"], _counts["fleettracker.ingestion.quarantine.dropped"]));

        _time.Advance(TimeSpan.FromMinutes(1));
        Take("fleet/truck-1/position", "again", Device("truck-1"));
        while (_sink.Delivered < 11) await Task.Yield();
        Assert.Equal(4, _lanes.Quarantine.Count);
    }

    [Fact]
    public async Task Status_is_reported_before_it_is_acknowledged()
    {
        _directory.Failure = new TimeoutException();
        Take("fleet/truck-1/status", """{"online":true}""", Device("truck-1"));
        await _directory.Calls.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.Equal(0, _sink.Delivered);

        _directory.Failure = null;
        while (_sink.Delivered == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var status = Assert.Single(_directory.Statuses);
        Assert.Equal(("acme", "truck-1", true), (status.Tenant, status.DeviceId, status.Online));
    }

    [Fact]
    public async Task Command_acknowledgement_is_accepted()
    {
        Take("fleet/truck-1/command/ack", """{"id":"1","status":"done"}""", Device("truck-1"));
        await _sink.First.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.Equal(1, _counts["fleettracker.ingestion.ignored/command_ack"]);
    }

    [Fact]
    public void Message_that_fails_on_its_way_in_gives_its_share_of_the_window_back()
    {
        _sink.Failure = new InvalidOperationException("The connection is broken.");

        Assert.Throws<InvalidOperationException>(() => Take("fleet/truck-1/position", Payload, Device("truck-1")));
        Assert.Equal((0, 0, 0), (_sink.Delivered, _sink.InFlight, _pipeline.Window.Count));
    }

    [Fact]
    public async Task Message_that_fails_while_it_waits_gives_its_share_of_the_window_back()
    {
        _directory.Devices["truck-1"] = new DeviceRecord { DeviceId = "truck-1", Tenant = "acme", Pairings = default };
        Take("fleet/truck-1/position", Payload, Device("truck-1"));

        await _sink.WasAbandoned.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.Equal((0, 0, 0), (_sink.Delivered, _sink.InFlight, _pipeline.Window.Count));
    }

    [Fact]
    public async Task Status_of_another_tenants_device_is_refused_and_counted()
    {
        _directory.Add("other", tenant: "rival");
        Take("fleet/other/status", """{"online":false}""", Gateway());
        await _sink.First.WaitAsync(TestTime.Limit, TestTime.Token);

        Assert.Equal((Refusals.ForeignTenant, 1), (_sink.LastRefusal, _counts["rejected/foreign_tenant"]));
        Assert.Empty(_directory.Statuses);
    }

    [Fact]
    public async Task Full_window_wakes_its_waiters_when_there_is_room()
    {
        var window = new IngestWindow(8);
        window.Enter(8);
        Assert.True(window.IsFull);
        var room = window.WaitForRoomAsync();
        window.Leave(1);
        Assert.False(room.IsCompleted);
        window.Leave(1);
        await room.WaitAsync(TestTime.Limit, TestTime.Token);
        Assert.True(window.WaitForRoomAsync().IsCompleted);
    }

    private static ClientAccess Device(string name) => new(new MqttAccess { Kind = MqttAccessKind.Device, Tenant = "acme" }, name);

    private static ClientAccess Gateway() => new(new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme" }, "gateway:a");

    private void Take(string topic, string payload, ClientAccess access) =>
        _pipeline.Take(TopicRoute.For(topic, access), Encoding.UTF8.GetBytes(payload), _time.GetUtcNow().ToStored(), access, _sink, 0);
}
