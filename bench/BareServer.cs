using System.CommandLine;
using System.Net;
using MQTTnet.Server;

namespace FleetTracker.Bench;

/// <summary>
/// What ingest is measured against: an MQTT server that acknowledges everything and does nothing with it. A process of its own, so that it
/// competes for the processor as the real one does.
/// </summary>
internal static class BareServer
{
    private static readonly Option<int> Port = new("--mqtt-port") { DefaultValueFactory = _ => 1883 };

    public static Command Create()
    {
        var command = new Command("bare-server", "An MQTT server that drops everything, as the baseline of the ingest benchmark.") { Port };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(Port), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int port, CancellationToken cancellationToken)
    {
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointPort(port)
            .WithConnectionBacklog(1_000)
            .WithoutEncryptedEndpoint()
            .Build();
        using var server = new MqttServerFactory().CreateMqttServer(options);
        server.InterceptingPublishAsync += arguments =>
        {
            arguments.ProcessPublish = false;
            return Task.CompletedTask;
        };
        await server.StartAsync();
        Console.WriteLine("ready");

        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.StopAsync();
        return 0;
    }
}
