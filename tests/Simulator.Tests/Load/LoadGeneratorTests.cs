using System.Text.Json;
using FleetTracker.Simulation;
using FleetTracker.Simulator.Tests.Mqtt;

namespace FleetTracker.Simulator.Tests.Load;

public sealed class LoadGeneratorTests
{
    [Theory]
    [InlineData(LoadShape.Devices, 20, 20)]
    [InlineData(LoadShape.Gateways, 3, 50)]
    public async Task Everything_acknowledged_has_reached_the_server_once_and_in_order_per_vehicle(LoadShape shape, int connections, int vehicles)
    {
        await using var broker = await TestBroker.StartAsync();
        var acknowledged = new AcknowledgedFixes("load-");

        var report = await RunAsync(new LoadOptions
        {
            Shape = shape, Port = broker.Port, Connections = connections, Vehicles = vehicles, EnrollmentKey = "key", Count = 500,
        }, acknowledged);

        Assert.True(report.Acknowledged >= 500);
        Assert.Equal((report.TotalSent, 0, 0), (report.TotalAcknowledged, report.Unacknowledged, report.LostConnections));
        Assert.Equal(report.TotalAcknowledged, acknowledged.Count);
        Assert.Equal(vehicles, acknowledged.DeviceIds.Count());
        foreach (var device in acknowledged.DeviceIds)
        {
            var received = broker.Received.Where(m => m.Topic == $"fleet/{device}/position").Select(m => TimeOf(m.Payload)).ToList();
            Assert.Equal(received.Order(), received);
            Assert.Equal(received.Count, acknowledged.Of(device).Count());
            Assert.True(acknowledged.Compare(device, received).None);
        }
    }

    [Fact]
    public async Task Devices_come_under_their_own_names_with_the_enrollment_key()
    {
        await using var broker = await TestBroker.StartAsync();

        await RunAsync(new LoadOptions { Shape = LoadShape.Devices, Port = broker.Port, Connections = 3, EnrollmentKey = "key", Count = 1 });

        Assert.Equal([("load-0000000", "key"), ("load-0000001", "key"), ("load-0000002", "key")], broker.Connects.Order());
    }

    [Fact]
    public async Task A_refused_connection_ends_the_run()
    {
        await using var broker = await TestBroker.StartAsync(accepts: _ => false);

        await Assert.ThrowsAsync<MqttRefusedException>(
            () => RunAsync(new LoadOptions { Shape = LoadShape.Gateways, Port = broker.Port, Connections = 1 }));
    }

    [Fact]
    public async Task A_fix_in_flight_when_the_connection_is_lost_is_sent_again_with_the_same_content()
    {
        using var server = new ScriptedServer();
        var run = RunAsync(new LoadOptions { Shape = LoadShape.Gateways, Port = server.Port, Connections = 1, Vehicles = 1, Window = 1, Count = 1 });

        (bool Again, ushort PacketId, string Payload) lost;
        using (var connection = await server.AcceptAsync()) lost = await connection.NextPublishAsync();
        using var second = await server.AcceptAsync();
        var again = await second.NextPublishAsync();

        Assert.Equal((false, true), (lost.Again, again.Again));
        Assert.Equal(lost.Payload, again.Payload);
        await second.AcknowledgeAsync(again.PacketId);
        for (var i = 0; i < 2 && !run.IsCompleted; i++) await second.AcknowledgeAsync((await second.NextPublishAsync()).PacketId);
        Assert.Equal(1, (await run).Resent);
    }

    private static Task<LoadReport> RunAsync(LoadOptions options, IAcknowledgementSink? sink = null) =>
        new LoadGenerator(options with { WarmUp = TimeSpan.Zero }, TimeProvider.System, sink).RunAsync(TestContext.Current.CancellationToken);

    private static DateTimeOffset TimeOf(string payload) => JsonDocument.Parse(payload).RootElement.GetProperty("time").GetDateTimeOffset();
}
