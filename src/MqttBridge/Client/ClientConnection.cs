using System.Buffers;
using FleetTracker.Ingestion;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace FleetTracker.Mqtt;

/// <summary>
/// One session with the broker. Acknowledges each message when it is committed, in whatever order that happens: a stalled lane holds back
/// its own messages only. Connects again for ever.
/// </summary>
internal sealed class ClientConnection : IMqttClientAdapterFactory, IAsyncDisposable
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(2);

    private readonly MqttClientOptionsSection _options;
    private readonly ClientAccess _access;
    private readonly IngestPipeline _pipeline;
    private readonly IngestionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MqttClientOptions _connect;
    private readonly TopicRoutes _routes;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private IMqttClient? _client;
    private int _open;
    private bool _isLeaving;

    public ClientConnection(
        int number, MqttClientOptionsSection options, int maxPacketBytes, ClientAccess access, IngestPipeline pipeline, IngestionMetrics metrics, TimeProvider time, ILogger logger)
    {
        _options = options;
        _access = access;
        _pipeline = pipeline;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _routes = new TopicRoutes(access);
        ClientId = $"{options.ClientId}-{number}";
        _connect = Connect(options, ClientId, maxPacketBytes);
    }

    public string ClientId { get; }

    /// <summary>Connected, and subscribed to everything.</summary>
    public bool IsUp => Volatile.Read(ref _client) is { IsConnected: true };

    public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) =>
        new ClientChannel(
            new MqttClientAdapterFactory().CreateClientAdapter(options, packetInspector, logger),
            _pipeline.Window, _metrics, _options.ReceiveMaximum, _options.MaxHeldBytes, Take);

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>
    /// Takes no more, lets what was taken be acknowledged for a while, and disconnects. The session stays at the broker, so what is not
    /// acknowledged comes again after the restart; a replica that leaves for good unsubscribes first.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _isLeaving, true);
        if (!cancellationToken.IsCancellationRequested && Volatile.Read(ref _client) is { IsConnected: true } client)
        {
            if (_options.LeaveOnStop) await UnsubscribeAsync(client, cancellationToken);
            if (Volatile.Read(ref _open) == 0) _drained.TrySetResult();
            await _drained.Task.WaitAsync(_options.DrainTimeout, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static MqttClientOptions Connect(MqttClientOptionsSection options, string clientId, int maxPacketBytes)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(options.Host, options.Port ?? (options.UseTls ? 8883 : 1883))
            .WithClientId(clientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval((uint)options.SessionExpiry.TotalSeconds)
            .WithReceiveMaximum((ushort)options.ReceiveMaximum)
            .WithMaximumPacketSize((uint)maxPacketBytes)
            .WithKeepAlivePeriod(options.KeepAlive);
        if (options.UserName is { Length: > 0 } userName) builder = builder.WithCredentials(userName, options.Password ?? "");
        if (options.UseTls) builder = builder.WithTlsOptions(tls => tls.UseTls());
        return builder.Build();
    }

    private async Task RunAsync()
    {
        var delay = FirstDelay;
        while (true)
        {
            var problem = await ServeAsync();
            if (_stopping.IsCancellationRequested) return;

            if (problem is null) delay = FirstDelay;
            ClientLog.Disconnected(_logger, ClientId, delay, problem);
            await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    /// <summary>Serves one connection to its end.</summary>
    /// <returns>Why there was none; <c>null</c> when it was up and got lost.</returns>
    private async Task<Exception?> ServeAsync()
    {
        // A client for each connection: word of the last one's end comes late, and would be taken for the end of this one.
        using var client = new MqttClientFactory().CreateMqttClient(this);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += _ =>
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        };
        try
        {
            await ConnectAsync(client).WaitAsync(LongestDelay, _time, _stopping.Token);
            _metrics.ConnectionOpened();
            Volatile.Write(ref _client, client);
            await lost.Task.WaitAsync(_stopping.Token);
            return null;
        }
        catch (Exception problem)
        {
            return problem;
        }
        finally
        {
            if (Interlocked.Exchange(ref _client, null) is not null) _metrics.ConnectionClosed();
            if (client.IsConnected) await LeaveAsync(client);
        }
    }

    private async Task ConnectAsync(IMqttClient client)
    {
        var connected = await client.ConnectAsync(_connect, _stopping.Token);
        if (connected.ResultCode != MqttClientConnectResultCode.Success)
            throw new InvalidOperationException($"The broker answered {connected.ResultCode}.");

        ClientLog.Connected(_logger, ClientId, connected.IsSessionPresent ? "resumed" : "new");

        // Also when the session was resumed: the configuration may have changed since.
        await SubscribeAsync(client);
    }

    private async Task LeaveAsync(IMqttClient client)
    {
        try
        {
            using var patience = new CancellationTokenSource(Goodbye, _time);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), patience.Token);
        }
        catch (Exception problem)
        {
            ClientLog.NotAcknowledged(_logger, ClientId, problem);
        }
    }

    // A filter that the broker refuses is a way in that is closed: not to be taken for one on which nothing comes.
    private async Task SubscribeAsync(IMqttClient client)
    {
        var subscribe = new MqttClientSubscribeOptions();
        foreach (var topic in _options.SubscribedTopics)
        {
            subscribe.TopicFilters.Add(new MqttTopicFilter
            {
                Topic = Filter(topic),
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,

                // A message that a broker kept says where a vehicle was, not where it is.
                RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe,
            });
        }

        var answer = await client.SubscribeAsync(subscribe, _stopping.Token);
        var refused = answer.Items.Where(item => (int)item.ResultCode >= 0x80).ToList();
        foreach (var item in refused) ClientLog.SubscriptionRefused(_logger, ClientId, item.TopicFilter.Topic, item.ResultCode.ToString());
        if (refused.Count > 0) throw new InvalidOperationException($"The broker refused {refused.Count} of {answer.Items.Count} subscriptions.");
    }

    private async Task UnsubscribeAsync(IMqttClient client, CancellationToken cancellationToken)
    {
        try
        {
            var unsubscribe = new MqttClientUnsubscribeOptions();
            foreach (var topic in _options.SubscribedTopics) unsubscribe.TopicFilters.Add(Filter(topic));
            await client.UnsubscribeAsync(unsubscribe, cancellationToken);
        }
        catch (Exception problem)
        {
            ClientLog.NotAcknowledged(_logger, ClientId, problem);
        }
    }

    private string Filter(string topic) => _options.Group.Length == 0 ? topic : $"$share/{_options.Group}/{topic}";

    // One at a time: the channel reads on when this returns.
    private void Take(ClientChannel channel, MqttPublishPacket message)
    {
        if (Volatile.Read(ref _isLeaving)) return;

        Interlocked.Increment(ref _open);
        var delivery = new Delivery(this, channel, message.PacketIdentifier, message.QualityOfServiceLevel);

        // Without RetainAsPublished the flag is only set on what a subscription replays, which is not new.
        if (message.Retain)
        {
            _metrics.Ignored("retained");
            delivery.Delivered(0, 0, default);
            return;
        }

        var payload = message.Payload.IsSingleSegment ? message.Payload.FirstSpan : message.Payload.ToArray();
        Span<byte> stack = stackalloc byte[256];
        var length = System.Text.Encoding.UTF8.GetByteCount(message.Topic);
        var topic = length <= stack.Length ? stack[..length] : new byte[length];
        System.Text.Encoding.UTF8.GetBytes(message.Topic, topic);
        var route = _routes.Find(topic) ?? TopicRoute.For(message.Topic, _access);
        try
        {
            _pipeline.Take(route, payload, _time.GetUtcNow().ToStored(), _access, delivery, 0);
        }
        catch (Exception problem)
        {
            // It stays unacknowledged. Were the connection to end for it, the broker would send it first thing on the next one.
            DeliveryLog.NotHandled(_logger, route.DeviceId, problem);
        }
    }

    private async Task AcknowledgeAsync(ClientChannel channel, ushort packetId, MqttQualityOfServiceLevel qos)
    {
        try
        {
            await channel.AcknowledgeAsync(packetId, qos, _stopping.Token);
        }
        catch (Exception problem)
        {
            // The session knows that it is open; the broker sends it again, and its row makes that harmless.
            ClientLog.NotAcknowledged(_logger, ClientId, problem);
        }
        finally
        {
            Close();
        }
    }

    private void Close()
    {
        if (Interlocked.Decrement(ref _open) == 0 && Volatile.Read(ref _isLeaving)) _drained.TrySetResult();
    }

    private sealed class Delivery(ClientConnection connection, ClientChannel channel, ushort packetId, MqttQualityOfServiceLevel qos) : IDeliverySink
    {
        public void Accepted(int fixes)
        {
        }

        public void Delivered(long token, int fixes, DeliveryResult result) => _ = connection.AcknowledgeAsync(channel, packetId, qos);

        public void Abandoned(int fixes) => connection.Close();
    }
}
