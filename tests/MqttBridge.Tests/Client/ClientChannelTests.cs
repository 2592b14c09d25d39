using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using FleetTracker.Ingestion;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace FleetTracker.Mqtt;

/// <summary>What is kept of what the broker in front sends while nothing can be stored.</summary>
public sealed class ClientChannelTests : IDisposable
{
    private readonly FakeBroker _broker = new();
    private readonly IngestWindow _window = new(1);
    private readonly CountedOutcomes _counts = new();
    private readonly Channel<ushort> _taken = Channel.CreateUnbounded<ushort>();
    private readonly ClientChannel _channel;

    public ClientChannelTests()
    {
        _channel = new ClientChannel(_broker, _window, new IngestionMetrics(_counts), receiveMaximum: 3, maxHeldBytes: 20, (_, packet) => _taken.Writer.TryWrite(packet.PacketIdentifier));
        _window.Enter(1);
    }

    public void Dispose()
    {
        _channel.Dispose();
        _counts.Dispose();
    }

    [Fact]
    public async Task Ping_is_answered_while_messages_are_held()
    {
        _broker.Send(1, bytes: 1);
        _broker.Send(MqttPingRespPacket.Instance);

        Assert.IsType<MqttPingRespPacket>(await ReceiveAsync());
        Assert.Equal(0, _taken.Reader.Count);
    }

    [Fact]
    public async Task Quality_0_is_never_held()
    {
        for (var i = 0; i < 10; i++) _broker.Send(0, bytes: 1);
        _broker.Send(MqttPingRespPacket.Instance);

        await ReceiveAsync();
        Assert.Equal(10, _counts["rejected/window_full"]);
    }

    [Fact]
    public async Task Broker_that_exceeds_the_receive_maximum_is_left()
    {
        for (ushort id = 1; id <= 4; id++) _broker.Send(id, bytes: 1);

        await Assert.ThrowsAsync<MqttProtocolViolationException>(ReceiveAsync);
    }

    [Fact]
    public async Task Reading_stops_at_the_bytes_that_may_be_held_and_goes_on_in_order()
    {
        _broker.Send(1, bytes: 10);
        _broker.Send(2, bytes: 10);
        _broker.Send(MqttPingRespPacket.Instance);
        var received = ReceiveAsync();
        Assert.Equal(1, _broker.Waiting);

        _window.Leave(1);
        await received;
        _broker.Send(3, bytes: 10);
        _broker.Send(MqttPingRespPacket.Instance);
        await ReceiveAsync();
        for (var id = 1; id <= 3; id++) Assert.Equal(id, await _taken.Reader.ReadAsync(TestTime.Token).AsTask().WaitAsync(TestTime.Limit, TestTime.Token));
    }

    private Task<MqttPacket> ReceiveAsync() => _channel.ReceivePacketAsync(TestTime.Token).WaitAsync(TestTime.Limit, TestTime.Token);

    private sealed class FakeBroker : IMqttChannelAdapter
    {
        private readonly Channel<MqttPacket> _packets = Channel.CreateUnbounded<MqttPacket>();

        public int Waiting => _packets.Reader.Count;

        public long BytesReceived => 0;

        public long BytesSent => 0;

        public X509Certificate2 ClientCertificate => null!;

        public EndPoint RemoteEndPoint => null!;

        public EndPoint LocalEndPoint => null!;

        public bool IsSecureConnection => false;

        public MqttPacketFormatterAdapter PacketFormatterAdapter => null!;

        public void Send(MqttPacket packet) => _packets.Writer.TryWrite(packet);

        /// <summary>Quality 1, or 0 when it has no id.</summary>
        public void Send(ushort packetId, int bytes) => Send(new MqttPublishPacket
        {
            PacketIdentifier = packetId,
            Payload = new ReadOnlySequence<byte>(new byte[bytes]),
            QualityOfServiceLevel = packetId == 0 ? MqttQualityOfServiceLevel.AtMostOnce : MqttQualityOfServiceLevel.AtLeastOnce,
        });

        public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DisconnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task<MqttPacket> ReceivePacketAsync(CancellationToken cancellationToken) => await _packets.Reader.ReadAsync(cancellationToken);

        public void ResetStatistics()
        {
        }

        public void Dispose()
        {
        }
    }
}
