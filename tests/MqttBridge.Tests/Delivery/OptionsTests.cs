using FleetTracker.Mqtt;

namespace FleetTracker.Ingestion;

public sealed class OptionsTests
{
    [Fact]
    public void Defaults_are_valid()
    {
        Assert.True(new MqttOptionsValidator().Validate(null, new MqttOptions()).Succeeded);
        Assert.True(new IngestionOptionsValidator().Validate(null, new IngestionOptions()).Succeeded);
    }

    [Fact]
    public void Every_problem_is_reported_at_once()
    {
        var ingestion = new IngestionOptionsValidator().Validate(null, new IngestionOptions { Lanes = 0, MaxBatchFixes = 257, RepublishAtMost = TimeSpan.FromSeconds(1) });
        Assert.Equal(3, ingestion.Failures!.Count());

        var broker = new MqttOptionsValidator().Validate(null, new MqttOptions { Listen = "here", TlsPort = 8883, MaxPacketBytes = 1 });
        Assert.Equal(3, broker.Failures!.Count());

        var client = new MqttOptions { Mode = MqttMode.Client, Client = { ClientId = "", AutoRegister = true, Group = "a/b" } };
        client.Client.Topics.Add("a/#/b");
        Assert.Equal(5, new MqttOptionsValidator().Validate(null, client).Failures!.Count());
    }
}
