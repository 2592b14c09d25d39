using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using FleetTracker.Ingestion;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace FleetTracker.Mqtt;

/// <summary>
/// One tracker's connection, between Kestrel and MQTTnet's server. Takes every PUBLISH before the server sees it and acknowledges it itself
/// once the pipeline says that it is durable; everything else is the server's. Reading happens on the server's receive loop, one call at a
/// time; acknowledgements come from any thread.
/// </summary>
internal sealed class BrokerConnection : IMqttChannelAdapter, IDeliverySink
{
    /// <summary>The user property of a will that holds the id of the connection that brought it.</summary>
    public const string WillProperty = "connection";

    private const byte PubAck = 0x40;
    private const byte PubRec = 0x50;
    private const byte PubComp = 0x70;
    private const byte Disconnect = 0xE0;
    private const byte NotAuthorized = 0x87;
    private const byte TopicNameInvalid = 0x90;

    // A packet that changes nothing (no message of ours has the id 0) and tells the server's keep-alive monitor that the client is there.
    private static readonly MqttPubAckPacket SignOfLife = new() { PacketIdentifier = 0 };

    private readonly ConnectionContext _connection;
    private readonly PipeReader _input;
    private readonly OutboundBuffer _output;
    private readonly IngestPipeline _pipeline;
    private readonly MqttOptions _options;
    private readonly IngestionMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _encoding = new();
    private readonly int _resumeAt;
    private MqttConnectPacket? _connect;
    private ClientAccess? _access;
    private TopicRoutes? _routes;
    private Dictionary<ushort, byte[]>? _aliases;
    private TaskCompletionSource? _waitingForRoom;
    private TimeSpan _signOfLifeEvery = Timeout.InfiniteTimeSpan;
    private long _lastSeenByServer;
    private int _unacknowledged;
    private bool _isVersion5;
    private bool _isAccepted;

    public BrokerConnection(
        ConnectionContext connection, IngestPipeline pipeline, MqttOptions options, IngestionMetrics metrics, TimeProvider time, ILogger logger)
    {
        _connection = connection;
        _input = connection.Transport.Input;
        _output = new OutboundBuffer(connection.Transport.Output);
        _pipeline = pipeline;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _resumeAt = options.MaxUnacknowledgedPerConnection - (options.MaxUnacknowledgedPerConnection / 4);
    }

    public string Id => _connection.ConnectionId;

    /// <summary>For whom it speaks; <c>null</c> until its credentials were accepted.</summary>
    public ClientAccess? Access => _access;

    public long BytesReceived { get; private set; }

    public long BytesSent => _output.Total;

    public X509Certificate2 ClientCertificate => _connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate!;

    public EndPoint RemoteEndPoint => _connection.RemoteEndPoint!;

    public EndPoint LocalEndPoint => _connection.LocalEndPoint!;

    public bool IsSecureConnection => _connection.Features.Get<ITlsHandshakeFeature>() is not null;

    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; } = new(new MqttBufferWriter(256, 64 * 1024));

    /// <summary>The credentials are good. From here on publishes are taken.</summary>
    /// <param name="access">For whom it speaks.</param>
    /// <param name="assignedId">The client id of a version 5 client that brought none.</param>
    /// <param name="keepAliveSeconds">As the client announced it; 0 for none.</param>
    public void Grant(ClientAccess access, string? assignedId, ushort keepAliveSeconds)
    {
        NameSession(access, assignedId);
        _routes = new TopicRoutes(access);
        _access = access;
        if (keepAliveSeconds > 0) _signOfLifeEvery = TimeSpan.FromSeconds(keepAliveSeconds) / 2;
    }

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        _output.Close();
        await _input.CompleteAsync();
        await _connection.Transport.Output.CompleteAsync();
    }

    public void Dispose() => _output.Close();

    public void ResetStatistics() => BytesReceived = 0;

    /// <returns>The next packet that is the server's; <c>null</c> when the connection is over.</returns>
    public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadResult read;
            try
            {
                read = await _input.ReadAsync(cancellationToken);
            }
            catch (Exception problem) when (problem is IOException or ConnectionAbortedException or ConnectionResetException or InvalidOperationException)
            {
                return null!;
            }

            var step = Consume(read.Buffer, out var consumed, out var packet, out var reason);
            _input.AdvanceTo(consumed, step == Step.NeedsMore ? read.Buffer.End : consumed);
            switch (step)
            {
                case Step.Packet:
                    return packet!;
                case Step.Broken:
                    await BreakAsync(reason);
                    return null!;
                case Step.NoRoom when !await WaitForRoomAsync(cancellationToken):
                    return SignOfLifeSent();
                case Step.NeedsMore when read.IsCompleted:
                    return null!;
                case Step.NeedsMore or Step.NoRoom:
                default:
                    break;
            }
        }
    }

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnAckPacket connected) Announce(connected);
        var sent = AppendAsync(packet);

        // A client that does not read hears no goodbye: the server says it under a lock that every CONNECT needs.
        return packet is MqttDisconnectPacket && _output.Waiting > _options.MaxOutboundBytes / 2 ? Task.CompletedTask : sent.WaitAsync(cancellationToken);
    }

    public void Accepted(int fixes) => Interlocked.Add(ref _unacknowledged, fixes);

    public void Abandoned(int fixes) => Leave(fixes);

    public void Delivered(long token, int fixes, DeliveryResult result)
    {
        Leave(fixes);

        var (packetId, type) = ((ushort)token, (byte)(token >> 16));
        if (type == 0) return;

        var reason = !_isVersion5 ? (byte)0 : result.Refusal switch
        {
            Refusals.ForeignTopic or Refusals.ForeignTenant or Refusals.IllegalDeviceId => NotAuthorized,
            Refusals.UnknownTopic or Refusals.TopicTooLong => TopicNameInvalid,
            _ => (byte)0,
        };
        Span<byte> packet = stackalloc byte[5];
        _output.Append(packet[..PacketFrames.WriteAcknowledgement(packet, type, packetId, reason)]);
    }

    private void Leave(int fixes)
    {
        var left = Interlocked.Add(ref _unacknowledged, -fixes);
        if (left < _resumeAt) Volatile.Read(ref _waitingForRoom)?.TrySetResult();
    }

    private Task AppendAsync(MqttPacket packet)
    {
        lock (_encoding)
        {
            try
            {
                var encoded = PacketFormatterAdapter.Encode(packet);
                return _output.AppendAsync(encoded.Packet, encoded.Payload);
            }
            finally
            {
                PacketFormatterAdapter.Cleanup();
            }
        }
    }

    // Who has not been let in yet has no claim on memory.
    private int MaxPacketBytes => _isAccepted ? _options.MaxPacketBytes : Math.Min(_options.MaxConnectBytes, _options.MaxPacketBytes);

    private Step Consume(in ReadOnlySequence<byte> buffer, out SequencePosition consumed, out MqttPacket? packet, out byte reason)
    {
        packet = null;
        reason = 0;
        var receivedAt = _time.GetUtcNow().ToStored();
        var rest = buffer;
        var step = Step.NeedsMore;
        while (step == Step.NeedsMore && !rest.IsEmpty)
        {
            var framing = PacketFrames.ReadHeader(rest, out var headerLength, out var remainingLength);
            if (framing == PacketFrames.Framing.Incomplete) break;
            if (framing == PacketFrames.Framing.Malformed || headerLength + remainingLength > MaxPacketBytes)
            {
                reason = framing == PacketFrames.Framing.Malformed ? DisconnectReason.MalformedPacket : DisconnectReason.PacketTooLarge;
                step = Step.Broken;
                break;
            }

            var length = headerLength + remainingLength;
            if (rest.Length < length) break;

            // Each packet may want an answer; a client that reads none gets no further ones.
            if (_output.Waiting > _options.MaxOutboundBytes)
            {
                step = Step.NoRoom;
                break;
            }

            var taken = TakePacket(rest, headerLength, length, receivedAt, out packet, out reason);
            if (taken != Step.NoRoom)
            {
                rest = rest.Slice(length);
                BytesReceived += length;
            }

            step = taken;
        }

        consumed = rest.Start;
        return step;
    }

    private Step TakePacket(in ReadOnlySequence<byte> data, int headerLength, int length, DateTimeOffset receivedAt, out MqttPacket? packet, out byte reason)
    {
        packet = null;
        var first = data.FirstSpan[0];
        var isOurs = _isAccepted && first >> 4 is PacketFrames.Publish or PacketFrames.PubRel;
        if (!isOurs)
        {
            reason = PacketFrames.IsFromClient(first >> 4, _isAccepted)
                ? TryDecode(first, data.Slice(headerLength, length - headerLength).ToArray(), length, out packet)
                : DisconnectReason.ProtocolError;
            return reason == 0 ? Step.Packet : Step.Broken;
        }

        if (data.FirstSpan.Length >= length) return TakeOurs(first, data.FirstSpan[headerLength..length], receivedAt, out packet, out reason);

        // The packet lies across two pieces of the pipe's memory.
        var copy = ArrayPool<byte>.Shared.Rent(length);
        data.Slice(headerLength, length - headerLength).CopyTo(copy);
        var step = TakeOurs(first, copy.AsSpan(0, length - headerLength), receivedAt, out packet, out reason);
        ArrayPool<byte>.Shared.Return(copy);
        return step;
    }

    private Step TakeOurs(byte first, ReadOnlySpan<byte> body, DateTimeOffset receivedAt, out MqttPacket? packet, out byte reason)
    {
        packet = null;
        if (first >> 4 == PacketFrames.PubRel)
        {
            reason = body.Length < 2 ? DisconnectReason.MalformedPacket : (byte)0;
            if (reason == 0) Acknowledge(PubComp, System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(body));
            return reason == 0 ? Step.NeedsMore : Step.Broken;
        }

        reason = PublishFrame.TryRead(first, body, _isVersion5, out var publish);
        if (reason != 0) return Step.Broken;

        var hasRoom = Volatile.Read(ref _unacknowledged) < _options.MaxUnacknowledgedPerConnection && !_pipeline.Window.IsFull;
        if (!hasRoom && publish.Qos > 0) return Step.NoRoom;

        reason = ResolveTopic(publish, out var route);
        if (route is null) return Step.Broken;

        if (hasRoom)
        {
            var type = publish.Qos switch { 1 => PubAck, 2 => PubRec, _ => (byte)0 };
            _pipeline.Take(route, publish.Payload, receivedAt, _access!, this, ((long)type << 16) | publish.PacketId);
        }
        else
        {
            _pipeline.Dropped();
        }

        // The server does not see publishes; without a word its keep-alive monitor would take the client for dead.
        if (!IsSignOfLifeDue()) return Step.NeedsMore;
        packet = SignOfLifeSent();
        return Step.Packet;
    }

    private byte ResolveTopic(in PublishFrame publish, out TopicRoute? route)
    {
        route = null;
        var topic = publish.Topic;
        if (publish.HasTopicAlias)
        {
            if (publish.TopicAlias == 0 || publish.TopicAlias > _options.MaxTopicAliases) return DisconnectReason.TopicAliasInvalid;
            if (topic.IsEmpty)
            {
                if (_aliases is null || !_aliases.TryGetValue(publish.TopicAlias, out var known)) return DisconnectReason.ProtocolError;
                topic = known;
            }
            else
            {
                (_aliases ??= [])[publish.TopicAlias] = TopicRoute.Cut(topic).ToArray();
            }
        }

        route = _routes!.Find(topic);
        return route is null ? DisconnectReason.TopicNameInvalid : (byte)0;
    }

    private byte TryDecode(byte first, byte[] body, int length, out MqttPacket? packet)
    {
        packet = null;
        try
        {
            var received = new ReceivedMqttPacket(first, new ArraySegment<byte>(body), length);
            if (PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.Unknown) PacketFormatterAdapter.DetectProtocolVersion(received);
            packet = PacketFormatterAdapter.Decode(received);
        }
        catch (Exception)
        {
            // The decoder throws whatever its reading of the bytes runs into; all of it says the same of the packet.
            return DisconnectReason.MalformedPacket;
        }

        if (packet is MqttConnectPacket connect) (_connect, _isVersion5) = (connect, PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500);
        _lastSeenByServer = _time.GetTimestamp();
        return 0;
    }

    // The server resumes sessions by the client id that it finds in the packet.
    private void NameSession(ClientAccess access, string? assignedId)
    {
        var clientId = _connect!.ClientId;
        if (string.IsNullOrEmpty(clientId))
        {
            // Version 3.1.1 without an id and without a clean session stays without: the server refuses it.
            if (!_isVersion5 && !_connect.CleanSession) return;
            clientId = _isVersion5 ? assignedId! : Guid.NewGuid().ToString("N");
        }

        _connect.ClientId = SessionKeys.Of(access, clientId);
        if (_connect.WillFlag) _connect.WillUserProperties = [new MqttUserProperty(WillProperty, System.Text.Encoding.UTF8.GetBytes(Id))];
    }

    private void Announce(MqttConnAckPacket connected)
    {
        _isAccepted = connected.ReasonCode == MQTTnet.Protocol.MqttConnectReasonCode.Success && _access is not null;
        connected.TopicAliasMaximum = (ushort)_options.MaxTopicAliases;
        connected.ReceiveMaximum = (ushort)_options.MaxUnacknowledgedPerConnection;
        connected.MaximumPacketSize = (uint)_options.MaxPacketBytes;
    }

    private void Acknowledge(byte typeAndFlags, ushort packetId)
    {
        Span<byte> packet = stackalloc byte[5];
        _output.Append(packet[..PacketFrames.WriteAcknowledgement(packet, typeAndFlags, packetId, 0)]);
    }

    private bool IsSignOfLifeDue() => _signOfLifeEvery > TimeSpan.Zero && _time.GetElapsedTime(_lastSeenByServer) > _signOfLifeEvery;

    private MqttPubAckPacket SignOfLifeSent()
    {
        _lastSeenByServer = _time.GetTimestamp();
        return SignOfLife;
    }

    /// <returns>False when a sign of life is due first: that we do not read is not the client's silence.</returns>
    private async Task<bool> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (_output.Waiting > _options.MaxOutboundBytes)
        {
            // No sign of life here: this is the client's silence, and its keep-alive may end it.
            _metrics.WaitedForWindow("outbound");
            await _output.WaitUntilDrainedAsync().WaitAsync(cancellationToken);
            return true;
        }

        Task room;
        if (_pipeline.Window.IsFull)
        {
            _metrics.WaitedForWindow("bridge");
            room = _pipeline.Window.WaitForRoomAsync();
        }
        else
        {
            _metrics.WaitedForWindow("connection");
            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            // A full fence: what was delivered before it saw nobody waiting, and the read below must not come first.
            Interlocked.Exchange(ref _waitingForRoom, waiting);
            if (Volatile.Read(ref _unacknowledged) < _resumeAt) waiting.TrySetResult();
            room = waiting.Task;
        }

        try
        {
            await room.WaitAsync(_signOfLifeEvery, _time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task BreakAsync(byte reason)
    {
        _metrics.ConnectionBroken(DisconnectReason.Word(reason));
        BrokerLog.Broken(_logger, Id, _access?.UserName ?? "", DisconnectReason.Word(reason));
        if (_isVersion5) await _output.AppendAsync([Disconnect, 1, reason], default);
    }

    private enum Step
    {
        NeedsMore = 0,
        Packet = 1,
        NoRoom = 2,
        Broken = 3,
    }
}
