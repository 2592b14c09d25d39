using FleetTracker.Health;
using FleetTracker.Mqtt;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>Ready while messages can come in: the broker listens, or a connection to the broker in front is up.</summary>
internal sealed class BridgeReadiness(IOptions<MqttOptions> options, IServiceProvider services) : IReadinessCheck
{
    public string Name => "mqtt";

    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Check());

    private ReadinessResult Check()
    {
        if (options.Value.Mode == MqttMode.Broker)
        {
            return services.GetRequiredService<BrokerServer>().Server.IsStarted
                ? ReadinessResult.Ok()
                : ReadinessResult.Failed("The broker has not started.");
        }

        var (up, all) = services.GetRequiredService<ClientIngress>().Connections;
        return up == all ? ReadinessResult.Ok()
            : up > 0 ? ReadinessResult.Degraded($"{up} of {all} connections to the broker are up.")
            : ReadinessResult.Failed("No connection to the broker is up.");
    }
}
