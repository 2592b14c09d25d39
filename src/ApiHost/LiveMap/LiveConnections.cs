using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace FleetTracker.LiveMap;

/// <summary>The live connections of this host, within their limits.</summary>
internal sealed class LiveConnections(IOptions<LiveMapOptions> options, LiveMapMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, LiveConnection> _connections = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perUser = new(StringComparer.Ordinal);

    /// <summary>Why the connection cannot be taken, or <c>null</c> when it was: then its replica is let go when it is removed.</summary>
    public string? Add(LiveConnection connection)
    {
        lock (_gate)
        {
            var mine = _perUser.GetValueOrDefault(connection.User.UserId);
            if (_connections.Count >= options.Value.MaxConnections) return "This host has as many live connections as it takes.";
            if (mine >= options.Value.MaxConnectionsPerUser) return $"You have {mine} live connections, which is as many as one user may have; close a map that is not needed.";
            _perUser[connection.User.UserId] = mine + 1;
            _connections[connection.Id] = connection;
        }

        metrics.Connected(+1);
        return null;
    }

    public LiveConnection? Find(string id) => _connections.GetValueOrDefault(id);

    public void Remove(string id)
    {
        LiveConnection? connection;
        lock (_gate)
        {
            if (!_connections.TryRemove(id, out connection)) return;
            var mine = _perUser[connection.User.UserId] - 1;
            if (mine == 0) _perUser.Remove(connection.User.UserId);
            else _perUser[connection.User.UserId] = mine;
        }

        metrics.Connected(-1);
        connection.Replica.Detach(connection.View);
    }

    public void CloseSession(string sessionId)
    {
        foreach (var connection in _connections.Values)
        {
            if (string.Equals(connection.User.SessionId, sessionId, StringComparison.Ordinal)) connection.Abort();
        }
    }

    public void Tick(DateTimeOffset now, Freshness fresh)
    {
        foreach (var connection in _connections.Values) connection.Tick(now, fresh);
    }
}
