using System.Text;
using FleetTracker.Devices;
using FleetTracker.Ingestion;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace FleetTracker.Mqtt;

/// <summary>What a credential of one tenant can do under a name that is another's: nothing.</summary>
public sealed class TenantIsolationTests
{
    private const string Position = """{"lat":1,"lon":2}""";

    private static readonly MqttAccess Rival = new() { Kind = MqttAccessKind.EnrollmentKey, Tenant = "rival", MayEnroll = true };
    private static readonly MqttAccess Acme = new() { Kind = MqttAccessKind.EnrollmentKey, Tenant = "acme", MayEnroll = true };

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Key_of_another_tenant_does_not_open_a_known_device(byte version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        await using var owner = await broker.OpenAsync("truck-1", version);

        broker.Directory.Credentials["truck-1"] = Rival;
        await using var intruder = await broker.OpenAsync("truck-1", version);

        Assert.Equal(version == 5 ? 0x86 : 4, intruder.ConnAck[3]);
        Assert.Equal(1, broker.Counts["fleettracker.ingestion.connections.refused/foreign_tenant"]);
        await owner.PingAsync();
        Assert.Equal([0xD0, 0], await owner.ReadAsync());
    }

    [Theory]
    [InlineData(4, 3)]
    [InlineData(5, 0x88)]
    public async Task Device_that_cannot_be_looked_up_is_neither_refused_nor_let_in(byte version, byte code)
    {
        await using var broker = await BrokerFixture.StartAsync(mqtt => mqtt.AuthenticationTimeout = TimeSpan.FromMilliseconds(50));
        broker.Directory.LookupFailure = new TimeoutException("The registry is away.");
        broker.Directory.Credentials["truck-1"] = Rival;
        await using var raw = await broker.OpenAsync("truck-1", version);

        Assert.Equal(code, raw.ConnAck[3]);
        Assert.Equal(1, broker.Counts["fleettracker.ingestion.connections.refused/server_unavailable"]);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task Same_user_and_client_id_of_another_tenant_is_another_session(MqttProtocolVersion version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Credentials["fresh"] = Acme;
        using var mine = await broker.ConnectAsync("fresh", version, configure: Resuming);
        broker.Directory.Credentials["fresh"] = Rival;
        using var theirs = await broker.ConnectAsync("fresh", version, configure: Resuming);

        await mine.PingAsync(TestTime.Token);
        await theirs.PingAsync(TestTime.Token);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task Will_is_judged_by_the_connection_that_brought_it(MqttProtocolVersion version)
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Credentials["gateway:depot"] = new() { Kind = MqttAccessKind.Gateway, Tenant = "acme", TopicFilters = ["fleet/truck-1/#"] };
        using var first = await broker.ConnectAsync("gateway:depot", version, configure: Resuming);
        broker.Directory.Credentials["gateway:depot"] = new() { Kind = MqttAccessKind.Gateway, Tenant = "acme", TopicFilters = ["fleet/truck-2/#"] };
        var second = await broker.ConnectAsync("gateway:depot", version, configure: options =>
        {
            Resuming(options);
            options.WithWillTopic("fleet/truck-1/position").WithWillPayload(Encoding.UTF8.GetBytes(Position));
        });

        second.Dispose();

        var batch = await broker.Lanes.NextAsync();
        Assert.Empty(batch.Fixes);
        Assert.Equal("foreign_topic", Assert.Single(batch.Quarantine).Reason);
    }

    [Fact]
    public async Task Subscription_to_a_device_of_another_tenant_is_refused()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Add("anna:phone").Add("anna:tablet", tenant: "rival");
        broker.Directory.Credentials["anna"] = Rival;
        using var rival = await broker.ConnectAsync("anna");

        Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, await SubscribeAsync(rival, "owntracks/anna/phone/cmd"));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await SubscribeAsync(rival, "owntracks/anna/tablet/cmd"));
    }

    [Fact]
    public async Task Command_does_not_reach_a_subscriber_of_another_tenant()
    {
        await using var broker = await BrokerFixture.StartAsync();
        broker.Directory.Add("anna:phone").Add("anna:tablet", tenant: "rival");
        broker.Directory.Credentials["anna"] = Rival;
        using var rival = await broker.ConnectAsync("anna");
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        rival.ApplicationMessageReceivedAsync += message =>
        {
            received.TrySetResult(message.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await SubscribeAsync(rival, "owntracks/anna/+/cmd"));

        foreach (var device in (string[])["phone", "tablet"])
        {
            var command = new MqttApplicationMessageBuilder().WithTopic($"owntracks/anna/{device}/cmd").WithPayload("{}").Build();
            await broker.Server.Server.InjectApplicationMessage(new(command) { SenderClientId = "downlink" }, TestTime.Token);
        }

        Assert.Equal("owntracks/anna/tablet/cmd", await received.Task.WaitAsync(TestTime.Limit, TestTime.Token));
    }

    private static void Resuming(MqttClientOptionsBuilder options) => options.WithClientId("one").WithCleanSession(false).WithSessionExpiryInterval(100);

    private static async Task<MqttClientSubscribeResultCode> SubscribeAsync(IMqttClient client, string filter)
    {
        var answer = await client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, TestTime.Token);
        return Assert.Single(answer.Items).ResultCode;
    }
}
