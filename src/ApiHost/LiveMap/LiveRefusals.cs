using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace FleetTracker.LiveMap;

/// <summary>
/// Closes connections with a reason. SignalR gives a reason only to an exception of the hub, which it reports as an error of the server with
/// its stack; a refusal is none. The close message itself can be sent by who holds the connection, and that is the lifetime manager alone.
/// </summary>
internal sealed class LiveRefusals(ILogger<DefaultHubLifetimeManager<LiveHub>> logger, TimeProvider time) : DefaultHubLifetimeManager<LiveHub>(logger)
{
    /// <summary>A client closes when it reads the reason; one that does not is cut off.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, HubConnectionContext> _connections = new(StringComparer.Ordinal);

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        _connections[connection.ConnectionId] = connection;
        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _connections.TryRemove(connection.ConnectionId, out _);
        return base.OnDisconnectedAsync(connection);
    }

    public async Task CloseAsync(string connectionId, string reason)
    {
        if (!_connections.TryGetValue(connectionId, out var connection)) return;
        await connection.WriteAsync(new CloseMessage(reason), connection.ConnectionAborted);
        _ = CutOffAsync(connection);
    }

    private async Task CutOffAsync(HubConnectionContext connection)
    {
        try
        {
            await Task.Delay(Patience, time, connection.ConnectionAborted);
            connection.Abort();
        }
        catch (OperationCanceledException)
        {
            // It left by itself.
        }
    }
}
