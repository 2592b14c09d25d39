using System.Buffers;
using FleetTracker.Ingestion;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace FleetTracker.Mqtt;

/// <summary>
/// One session with the broker. Acknowledges each message when it is committed, in whatever order that happens: a stalled lane holds back
/// its own messages only. Connects again for ever.
/// </summary>
internal sealed class ClientConnection : IAsyncDisposable
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
    private int _generation;
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
        _client = new MqttClientFactory().CreateMqttClient();
        _client.ApplicationMessageReceivedAsync += TakeAsync;
        _client.DisconnectedAsync += _ =>
        {
            Volatile.Read(ref _lost).TrySetResult();
            return Task.CompletedTask;
        };
    }

    public string ClientId { get; }

    public bool IsUp => _client.IsConnected;

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
        Interlocked.Increment(ref _generation);
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

    private async Task TakeAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        received.AutoAcknowledge = false;
        if (Volatile.Read(ref _isLeaving)) return;

        Interlocked.Increment(ref _open);
        var message = received.ApplicationMessage;
        var delivery = new Delivery(received, this, Volatile.Read(ref _generation));

        // Without RetainAsPublished the flag is only set on what a subscription replays, which is not new.
        if (message.Retain)
        {
            _metrics.Ignored("retained");
            delivery.Delivered(0, 0, default);
            return;
        }

        if (_pipeline.Window.IsFull)
        {
            _metrics.WaitedForWindow("bridge");
            await _pipeline.Window.WaitForRoomAsync().WaitAsync(_stopping.Token);
        }

        Take(message, delivery);
    }

    private void Take(MqttApplicationMessage message, Delivery delivery)
    {
        var payload = message.Payload.IsSingleSegment ? message.Payload.FirstSpan : message.Payload.ToArray();
        Span<byte> stack = stackalloc byte[256];
        var length = System.Text.Encoding.UTF8.GetByteCount(message.Topic);
        var topic = length <= stack.Length ? stack[..length] : new byte[length];
        System.Text.Encoding.UTF8.GetBytes(message.Topic, topic);
        var route = _routes.Find(topic) ?? TopicRoute.For(message.Topic, _access);
        _pipeline.Take(route, payload, _time.GetUtcNow().ToStored(), _access, delivery, 0);
    }

    private async Task AcknowledgeAsync(MqttApplicationMessageReceivedEventArgs received, int generation)
    {
        try
        {
            // Packet ids belong to a connection: acknowledged on a later one, this id could be that of a message nobody stored yet. The broker
            // sends the message again, and its row makes that harmless.
            if (generation != Volatile.Read(ref _generation)) return;
            await received.AcknowledgeAsync(_stopping.Token);
        }
        catch (Exception problem)
        {
            // The session knows that it is open; the broker sends it again.
            ClientLog.NotAcknowledged(_logger, ClientId, problem);
        }
        finally
        {
            if (Interlocked.Decrement(ref _open) == 0 && Volatile.Read(ref _isLeaving)) _drained.TrySetResult();
        }
    }

    private sealed class Delivery(MqttApplicationMessageReceivedEventArgs received, ClientConnection connection, int generation) : IDeliverySink
    {
        public void Accepted(int fixes)
        {
        }

        public void Delivered(long token, int fixes, DeliveryResult result) => _ = connection.AcknowledgeAsync(received, generation);
    }
}
