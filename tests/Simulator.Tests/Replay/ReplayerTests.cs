using System.Text;
using FleetTracker.Simulation;
using FleetTracker.Simulator.Tests.Mqtt;

namespace FleetTracker.Simulator.Tests.Replay;

public sealed class ReplayerTests
{
    [Theory]
    [InlineData(null, 4)]
    [InlineData("key", 6)]
    public async Task A_whole_recording_arrives_byte_for_byte_in_each_vehicle_s_order(string? enrollmentKey, int connections)
    {
        await using var broker = await TestBroker.StartAsync();
        var elements = TraceFile.Load(TraceFile.Find("hsl_hfp_v2"));
        var target = new MqttTarget { Port = broker.Port, EnrollmentKey = enrollmentKey, Gateway = new MqttCredentials("gateway:hsl", "secret") };

        var result = await new Replayer(target, TimeProvider.System).RunAsync(elements, speed: 0, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1_691, 1_691, connections), (result.Sent, result.Acknowledged, result.Connections));
        foreach (var device in elements.GroupBy(e => e.DeviceId))
        {
            var topics = device.Select(e => e.Topic).ToHashSet();
            Assert.Equal(
                device.Select(e => (e.Topic, Encoding.UTF8.GetString(e.Payload))),
                broker.Received.Where(m => topics.Contains(m.Topic)).Select(m => (m.Topic, m.Payload)));
        }

        var users = broker.Connects.Select(connect => connect.User).Distinct().Order();
        Assert.Equal(enrollmentKey is null ? ["gateway:hsl"] : elements.Select(e => e.DeviceId).Distinct().Order(), users);
    }
}
