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

    private readonly MqttClientOptionsSection _options;
    private readonly ClientAccess _access;
    private readonly IngestPipeline _pipeline;
    private readonly IngestionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IMqttClient _client;
    private readonly MqttClientOptions _connect;
    private readonly TopicRoutes _routes;
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
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
        _client = new MqttClientFactory().CreateMqttClient(this);
        _client.DisconnectedAsync += _ =>
        {
            Volatile.Read(ref _lost).TrySetResult();
            return Task.CompletedTask;
        };
    }

    public string ClientId { get; }

    public bool IsUp => _client.IsConnected;

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
        if (!cancellationToken.IsCancellationRequested && _client.IsConnected)
        {
            if (_options.LeaveOnStop) await UnsubscribeAsync(cancellationToken);
            if (Volatile.Read(ref _open) == 0) _drained.TrySetResult();
            await _drained.Task.WaitAsync(_options.DrainTimeout, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_client.IsConnected) return;
        try
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), cancellationToken);
        }
        catch (Exception problem)
        {
            ClientLog.NotAcknowledged(_logger, ClientId, problem);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _client.Dispose();
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
        while (!_stopping.IsCancellationRequested)
        {
            Exception? problem = null;
            try
            {
                Volatile.Write(ref _lost, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                await ConnectAsync();
                delay = FirstDelay;
                await _lost.Task.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                problem = failure;
            }

            ClientLog.Disconnected(_logger, ClientId, delay, problem);
            await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private async Task ConnectAsync()
    {
        if (_client.IsConnected) await _client.DisconnectAsync(new MqttClientDisconnectOptions(), _stopping.Token);
        var connected = await _client.ConnectAsync(_connect, _stopping.Token);
        if (connected.ResultCode != MqttClientConnectResultCode.Success)
            throw new InvalidOperationException($"The broker answered {connected.ResultCode}.");

        ClientLog.Connected(_logger, ClientId, connected.IsSessionPresent ? "resumed" : "new");
        _metrics.ConnectionOpened();
        _ = _lost.Task.ContinueWith(
            static (_, metrics) => ((IngestionMetrics)metrics!).ConnectionClosed(), _metrics, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

        // Also when the session was resumed: the configuration may have changed since.
        await SubscribeAsync();
    }

    private async Task SubscribeAsync()
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

        var answer = await _client.SubscribeAsync(subscribe, _stopping.Token);
        foreach (var item in answer.Items)
        {
            if ((int)item.ResultCode >= 0x80) ClientLog.SubscriptionRefused(_logger, ClientId, item.TopicFilter.Topic, item.ResultCode.ToString());
        }
    }

    private async Task UnsubscribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var unsubscribe = new MqttClientUnsubscribeOptions();
            foreach (var topic in _options.SubscribedTopics) unsubscribe.TopicFilters.Add(Filter(topic));
            await _client.UnsubscribeAsync(unsubscribe, cancellationToken);
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
        _pipeline.Take(route, payload, _time.GetUtcNow().ToStored(), _access, delivery, 0);
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
            if (Interlocked.Decrement(ref _open) == 0 && Volatile.Read(ref _isLeaving)) _drained.TrySetResult();
        }
    }

    private sealed class Delivery(ClientConnection connection, ClientChannel channel, ushort packetId, MqttQualityOfServiceLevel qos) : IDeliverySink
    {
        public void Accepted(int fixes)
        {
        }

        public void Delivered(long token, int fixes, DeliveryResult result) => _ = connection.AcknowledgeAsync(channel, packetId, qos);
    }
}
