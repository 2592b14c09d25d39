using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FleetTracker.Simulation;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace FleetTracker.Simulator.Tests.Mqtt;

/// <summary>A real MQTT server in the test, which keeps what it decoded.</summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private readonly MqttServer _server;

    private TestBroker(MqttServer server, int port) => (_server, Port) = (server, port);

    public int Port { get; }

    public ConcurrentQueue<(string Client, string? User, string Topic, string Payload)> Received { get; } = [];

    /// <summary>The user name of every connection and the password it came with.</summary>
    public ConcurrentQueue<(string? User, string? Password)> Connects { get; } = [];

    public static async Task<TestBroker> StartAsync(Func<string?, bool>? accepts = null)
    {
        var port = FreePort();
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointPort(port).Build();
        var broker = new TestBroker(new MqttServerFactory().CreateMqttServer(options), port);
        broker._server.ValidatingConnectionAsync += connect =>
        {
            broker.Connects.Enqueue((connect.UserName, connect.Password));
            if (accepts?.Invoke(connect.UserName) == false) connect.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
            return Task.CompletedTask;
        };
        broker._server.InterceptingPublishAsync += publish =>
        {
            broker.Received.Enqueue(
                (publish.ClientId, publish.UserName, publish.ApplicationMessage.Topic, Encoding.UTF8.GetString(publish.ApplicationMessage.Payload)));
            publish.ProcessPublish = false;
            return Task.CompletedTask;
        };
        await broker._server.StartAsync();
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        _server.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>A server of which the test decides each step.</summary>
internal sealed class ScriptedServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public ScriptedServer() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Takes the next connection and answers its CONNECT.</summary>
    public async Task<ScriptedConnection> AcceptAsync(byte code = 0)
    {
        var socket = await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        var connection = new ScriptedConnection(socket);
        await connection.NextAsync();
        await connection.SendAsync([MqttPacketType.ConnAck, 2, 0, code]);
        return connection;
    }

    public void Dispose() => _listener.Dispose();
}

internal sealed class ScriptedConnection(Socket socket) : IDisposable
{
    private readonly MqttFrameReader _reader = new(socket);

    public async Task<(byte Type, byte[] Body)> NextAsync()
    {
        var (type, body) = await _reader.ReadAsync(TestContext.Current.CancellationToken);
        return (type, body.ToArray());
    }

    /// <summary>The next publish: whether it says that it is a repetition, its packet id and its payload.</summary>
    public async Task<(bool Again, ushort PacketId, string Payload)> NextPublishAsync()
    {
        var (type, body) = await NextAsync();
        Assert.Equal(MqttPacketType.Publish, type & 0xF0);
        var topicLength = (body[0] << 8) | body[1];
        var packetId = (ushort)((body[2 + topicLength] << 8) | body[3 + topicLength]);
        return ((type & 0x08) != 0, packetId, Encoding.UTF8.GetString(body.AsSpan(4 + topicLength)));
    }

    public Task AcknowledgeAsync(ushort packetId) => SendAsync(MqttPackets.PubAck(packetId));

    public async Task SendAsync(byte[] bytes) => await socket.SendAsync(bytes, TestContext.Current.CancellationToken);

    public void Dispose() => socket.Dispose();
}
