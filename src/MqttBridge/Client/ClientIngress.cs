using FleetTracker.Ingestion;
using Microsoft.Extensions.Options;

namespace FleetTracker.Mqtt;

/// <summary>Client mode: reads from the broker in front, over one or several connections.</summary>
internal sealed class ClientIngress : IHostedService, IAsyncDisposable
{
    private readonly ClientConnection[] _connections;

    public ClientIngress(
        IngestPipeline pipeline, IOptions<MqttOptions> options, IngestionMetrics metrics, TimeProvider time, ILogger<ClientIngress> logger)
    {
        var client = options.Value.Client;
        var access = ClientAccess.FromBroker(client.Tenant ?? "", client.AutoRegister);
        _connections = new ClientConnection[client.Connections];
        for (var i = 0; i < _connections.Length; i++)
            _connections[i] = new ClientConnection(i, client, options.Value.MaxPacketBytes, access, pipeline, metrics, time, logger);
    }

    /// <summary>How many connections are up, of how many.</summary>
    public (int Up, int All) Connections => (_connections.Count(connection => connection.IsUp), _connections.Length);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var connection in _connections) connection.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_connections.Select(connection => connection.StopAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
    }
}
