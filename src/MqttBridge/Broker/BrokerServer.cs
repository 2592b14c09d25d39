using System.Collections.Concurrent;
using FleetTracker.Devices;
using FleetTracker.Ingestion;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace FleetTracker.Mqtt;

/// <summary>Where MQTTnet's server gets its clients from: whatever Kestrel accepted.</summary>
internal sealed class BrokerServerAdapter : IMqttServerAdapter
{
    public Func<IMqttChannelAdapter, Task> ClientHandler { get; set; } = static _ => Task.CompletedTask;

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger) => Task.CompletedTask;

    public Task StopAsync() => Task.CompletedTask;

    public void Dispose()
    {
    }
}

/// <summary>
/// Broker mode: an MQTT server for trackers. Sessions, subscriptions, pings and wills are MQTTnet's; uplink publishes never reach it (see
/// <see cref="BrokerConnection"/>).
/// </summary>
internal sealed class BrokerServer : IHostedService, IDisposable
{
    private static readonly object AccessKey = new();

    private readonly IngestPipeline _pipeline;
    private readonly DeviceCache _devices;
    private readonly IDeviceDirectory _directory;
    private readonly MqttOptions _options;
    private readonly IngestionOptions _ingestion;
    private readonly IngestionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<BrokerServer> _logger;
    private readonly CommandAccess _commands;
    private readonly BrokerServerAdapter _adapter = new();
    private readonly MqttServer _server;
    private readonly ConcurrentDictionary<string, BrokerConnection> _connections = new(StringComparer.Ordinal);
    private int _connectionCount;
    private bool _isStarted;

    public BrokerServer(
        IngestPipeline pipeline,
        DeviceCache devices,
        IDeviceDirectory directory,
        IOptions<MqttOptions> options,
        IOptions<IngestionOptions> ingestion,
        IngestionMetrics metrics,
        TimeProvider time,
        ILogger<BrokerServer> logger)
    {
        _pipeline = pipeline;
        _devices = devices;
        _directory = directory;
        _options = options.Value;
        _ingestion = ingestion.Value;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _commands = new CommandAccess(devices, _ingestion.DeviceLifetime, _options.AuthenticationTimeout, time);
        var server = new MqttServerOptions
        {
            DefaultCommunicationTimeout = _options.ConnectTimeout,
            MaxPendingMessagesPerClient = _options.MaxPendingCommandsPerClient,
            PendingMessagesOverflowStrategy = MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage,
        };
        _server = new MqttServerFactory().CreateMqttServer(server, [_adapter], new MqttServerLog(logger));
        _server.ValidatingConnectionAsync += ValidateAsync;
        _server.InterceptingSubscriptionAsync += CheckSubscriptionAsync;
        _server.InterceptingPublishAsync += TakeWillAsync;
        _server.InterceptingClientEnqueueAsync += CheckReceiverAsync;
    }

    /// <summary>For the downlink: publishes to whoever subscribed.</summary>
    public MqttServer Server => _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync();
        Volatile.Write(ref _isStarted, true);
        BrokerLog.Started(_logger);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_isStarted) return;
        Volatile.Write(ref _isStarted, false);
        await _server.StopAsync(new MqttServerStopOptions
        {
            DefaultClientDisconnectOptions = new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown },
        });
    }

    public void Dispose()
    {
        _server.Dispose();
        _adapter.Dispose();
    }

    /// <summary>Serves one accepted connection to its end.</summary>
    public async Task ServeAsync(ConnectionContext connection)
    {
        if (!Volatile.Read(ref _isStarted)) return;
        if (Interlocked.Increment(ref _connectionCount) > _options.MaxConnections)
        {
            Interlocked.Decrement(ref _connectionCount);
            Refuse(connection.ConnectionId, "too_many_connections");
            return;
        }

        using var client = new BrokerConnection(connection, _pipeline, _options, _metrics, _time, _logger);
        _connections[client.Id] = client;
        try
        {
            await _adapter.ClientHandler(client);
        }
        finally
        {
            _connections.TryRemove(client.Id, out _);
            Interlocked.Decrement(ref _connectionCount);
            if (client.Access is not null) _metrics.ConnectionClosed();
        }
    }

    private async Task ValidateAsync(ValidatingConnectionEventArgs connect)
    {
        var connection = (BrokerConnection)connect.ChannelAdapter;
        if (string.IsNullOrEmpty(connect.ClientId)) connect.AssignedClientIdentifier = Guid.NewGuid().ToString("N");

        var userName = connect.UserName ?? "";
        if (userName.Length == 0)
        {
            Refuse(connect, connection, "no_user_name");
        }
        else if (!ClientAccess.IsLegalUserName(userName))
        {
            Refuse(connect, connection, Refusals.IllegalDeviceId);
        }
        else if (await AuthenticateAsync(userName, connect.Password ?? "") is not { } access)
        {
            connect.ReasonCode = MqttConnectReasonCode.ServerUnavailable;
            Refuse(connection.Id, "server_unavailable");
        }
        else if (access.Kind == MqttAccessKind.None || access.Refusal is not null)
        {
            Refuse(connect, connection, access.Refusal ?? "refused");
        }
        else
        {
            var granted = new ClientAccess(access, userName);
            connect.SessionItems[AccessKey] = granted;
            connection.Grant(granted, connect.AssignedClientIdentifier, connect.KeepAlivePeriod ?? 0);
            _metrics.ConnectionOpened();
            BrokerLog.Accepted(_logger, connection.Id, userName);
        }
    }

    /// <returns><c>null</c> when the credentials or the device cannot be checked, which refuses nobody for good and lets nobody in.</returns>
    private async Task<MqttAccess?> AuthenticateAsync(string userName, string password)
    {
        using var timeout = new CancellationTokenSource(_options.AuthenticationTimeout, _time);
        try
        {
            var access = await _directory.AuthenticateAsync(userName, password, timeout.Token);
            return access.Kind is MqttAccessKind.None or MqttAccessKind.Gateway || await IsFreeOrOwnAsync(userName, access.Tenant, timeout.Token)
                ? access
                : new MqttAccess { Kind = MqttAccessKind.None, Refusal = Refusals.ForeignTenant };
        }
        catch (Exception problem)
        {
            BrokerLog.CannotAuthenticate(_logger, problem);
            return null;
        }
    }

    // A tenant's key is good for any name. Were the name of another tenant's device let in, it would speak and listen in that device's place.
    private async Task<bool> IsFreeOrOwnAsync(string deviceId, string tenant, CancellationToken cancellationToken) =>
        await _devices.FindAsync(deviceId, _ingestion.UnknownDeviceLifetime).AsTask().WaitAsync(cancellationToken) is not { } record || record.Tenant == tenant;

    private void Refuse(ValidatingConnectionEventArgs connect, BrokerConnection connection, string reason)
    {
        connect.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
        Refuse(connection.Id, reason);
    }

    private void Refuse(string connectionId, string reason)
    {
        _metrics.ConnectionRefused(reason);
        BrokerLog.Refused(_logger, connectionId, reason);
    }

    private async Task CheckSubscriptionAsync(InterceptingSubscriptionEventArgs subscription)
    {
        if (subscription.SessionItems[AccessKey] is ClientAccess access && await _commands.MaySubscribeAsync(access, subscription.TopicFilter.Topic)) return;

        subscription.ProcessSubscription = false;
        subscription.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
        BrokerLog.SubscriptionRefused(_logger, subscription.ClientId);
    }

    private async Task CheckReceiverAsync(InterceptingClientApplicationMessageEnqueueEventArgs message) =>
        message.AcceptEnqueue = await _commands.MayReceiveAsync(message.ReceiverClientId, message.ApplicationMessage.Topic);

    // Only wills come this way with a client's access; what we publish ourselves goes to its subscribers. What a resumed session kept tells
    // nothing of the connection that brought the will: its credential may have lost rights since.
    private Task TakeWillAsync(InterceptingPublishEventArgs publish)
    {
        if (publish.SessionItems?[AccessKey] is null) return Task.CompletedTask;

        publish.ProcessPublish = false;
        var message = publish.ApplicationMessage;
        if (message.Topic is not { Length: > 0 } topic || AccessOf(message) is not { } access) return Task.CompletedTask;

        var payload = message.Payload.IsSingleSegment ? message.Payload.FirstSpan : System.Buffers.BuffersExtensions.ToArray(message.Payload);
        _pipeline.Take(TopicRoute.For(topic, access), payload, _time.GetUtcNow().ToStored(), access, NobodyWaits.Instance, 0);
        return Task.CompletedTask;
    }

    private ClientAccess? AccessOf(MqttApplicationMessage will) =>
        will.UserProperties is [{ Name: BrokerConnection.WillProperty } connection] && _connections.TryGetValue(connection.ReadValueAsString(), out var client)
            ? client.Access
            : null;

    /// <summary>A will has no sender left to acknowledge to.</summary>
    private sealed class NobodyWaits : IDeliverySink
    {
        public static readonly NobodyWaits Instance = new();

        public void Accepted(int fixes)
        {
        }

        public void Delivered(long token, int fixes, DeliveryResult result)
        {
        }

        public void Abandoned(int fixes)
        {
        }
    }
}

/// <summary>
/// Kestrel's side of the broker. Kestrel makes it while the host is still being built, so the server behind it, which needs the lane count,
/// is found with the first connection.
/// </summary>
internal sealed class BrokerConnectionHandler(IServiceProvider services) : ConnectionHandler
{
    private BrokerServer? _server;

    public override Task OnConnectedAsync(ConnectionContext connection) =>
        (_server ??= services.GetRequiredService<BrokerServer>()).ServeAsync(connection);
}
