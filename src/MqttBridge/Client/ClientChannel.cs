using System.Net;
using System.Security.Cryptography.X509Certificates;
using FleetTracker.Ingestion;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace FleetTracker.Mqtt;

/// <summary>
/// One connection to the broker in front, below MQTTnet's client. Takes every PUBLISH before the client sees it, because the client would put
/// them into a queue without a bound. While the window is full, QoS 0 is dropped and the rest is held here, so that pings are still answered;
/// what is held, the broker bounds by the receive maximum, and we by its bytes.
/// </summary>
internal sealed class ClientChannel(
    IMqttChannelAdapter broker, IngestWindow window, IngestionMetrics metrics, int receiveMaximum, long maxHeldBytes, Action<ClientChannel, MqttPublishPacket> take)
    : IMqttChannelAdapter
{
    private readonly Lock _gate = new();
    private readonly Queue<MqttPublishPacket> _held = new();
    private readonly CancellationTokenSource _closed = new();
    private TaskCompletionSource? _waitingForBytes;
    private long _heldBytes;
    private bool _isReleasing;

    public long BytesReceived => broker.BytesReceived;

    public long BytesSent => broker.BytesSent;

    public X509Certificate2 ClientCertificate => broker.ClientCertificate;

    public EndPoint RemoteEndPoint => broker.RemoteEndPoint;

    public EndPoint LocalEndPoint => broker.LocalEndPoint;

    public bool IsSecureConnection => broker.IsSecureConnection;

    public MqttPacketFormatterAdapter PacketFormatterAdapter => broker.PacketFormatterAdapter;

    public Task ConnectAsync(CancellationToken cancellationToken) => broker.ConnectAsync(cancellationToken);

    public Task DisconnectAsync(CancellationToken cancellationToken) => broker.DisconnectAsync(cancellationToken);

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) => broker.SendPacketAsync(packet, cancellationToken);

    public void ResetStatistics() => broker.ResetStatistics();

    /// <returns>The next packet that is the client's; <c>null</c> when the connection is over.</returns>
    public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        while (await broker.ReceivePacketAsync(cancellationToken) is { } packet)
        {
            if (packet is not MqttPublishPacket publish) return packet;

            var isPromised = publish.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce;
            var isFull = window.IsFull;
            if (isPromised && (isFull || Volatile.Read(ref _isReleasing))) await HoldAsync(publish).WaitAsync(cancellationToken);
            else if (isFull) metrics.Refused(Refusals.WindowFull);
            else take(this, publish);
        }

        return null!;
    }

    /// <summary>Tells the broker that the message is stored. Packet ids belong to this connection: on a later one they are another message's.</summary>
    public Task AcknowledgeAsync(ushort packetId, MqttQualityOfServiceLevel qos, CancellationToken cancellationToken) => qos switch
    {
        MqttQualityOfServiceLevel.AtLeastOnce => SendPacketAsync(new MqttPubAckPacket { PacketIdentifier = packetId }, cancellationToken),
        MqttQualityOfServiceLevel.ExactlyOnce => SendPacketAsync(new MqttPubRecPacket { PacketIdentifier = packetId }, cancellationToken),
        _ => Task.CompletedTask,
    };

    public void Dispose()
    {
        // The broker sends again what is held.
        lock (_gate) _held.Clear();
        _closed.Cancel();
        broker.Dispose();
    }

    /// <summary>Completes when reading may go on: at once, unless too many bytes are held.</summary>
    private Task HoldAsync(MqttPublishPacket publish)
    {
        bool starts;
        var mayGoOn = Task.CompletedTask;
        lock (_gate)
        {
            if (_held.Count >= receiveMaximum) throw new MqttProtocolViolationException("The broker sends more messages than the receive maximum allows.");
            _held.Enqueue(publish);
            _heldBytes += publish.Payload.Length;
            if (_heldBytes >= maxHeldBytes)
            {
                _waitingForBytes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                mayGoOn = _waitingForBytes.Task;
            }

            starts = !_isReleasing;
            Volatile.Write(ref _isReleasing, true);
        }

        if (starts)
        {
            metrics.WaitedForWindow("bridge");
            _ = ReleaseAsync();
        }

        return mayGoOn;
    }

    private async Task ReleaseAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            await window.WaitForRoomAsync().WaitAsync(_closed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_closed.IsCancellationRequested || Next() is not { } publish) return;
            take(this, publish);
        }
    }

    private MqttPublishPacket? Next()
    {
        TaskCompletionSource? waiting = null;
        MqttPublishPacket? publish;
        lock (_gate)
        {
            if (_held.TryDequeue(out publish)) _heldBytes -= publish.Payload.Length;
            else Volatile.Write(ref _isReleasing, false);
            if (_heldBytes < maxHeldBytes) (waiting, _waitingForBytes) = (_waitingForBytes, null);
        }

        waiting?.TrySetResult();
        return publish;
    }
}
