using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace FleetTracker.Simulation;

/// <summary>
/// One tracker's connection: QoS 1, a window of unacknowledged publishes, sent again in their order after a lost connection until the
/// server has acknowledged each. Publishes of one publisher reach the server in the order of the calls.
/// </summary>
internal sealed class MqttPublisher : IAsyncDisposable
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly string _clientId;
    private readonly MqttTarget _target;
    private readonly MqttCredentials _credentials;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _window;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, InFlight> _unacknowledged = [];
    private readonly Dictionary<ushort, long> _orders = [];
    private ArrayBufferWriter<byte> _output = new(64 * 1024);
    private bool _connected;
    private long _nextOrder;
    private ushort _nextId;
    private long _acknowledged;
    private long _resent;
    private long _lastHeard;
    private TaskCompletionSource? _drained;

    public MqttPublisher(string clientId, MqttTarget target, MqttCredentials credentials, int window, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(window, ushort.MaxValue);
        (_clientId, _target, _credentials, _clock) = (clientId, target, credentials, clock);
        _window = new SemaphoreSlim(window, window);
        _running = Task.Run(() => RunAsync(_stopping.Token));
    }

    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Publishes that were sent again after a lost connection, so that the server may have seen them twice.</summary>
    public long Resent => Interlocked.Read(ref _resent);

    /// <summary>Ends when the server refuses the client for good; runs on through everything else.</summary>
    public Task Running => _running;

    /// <summary>Returns when the publish is in the window; it is acknowledged later.</summary>
    public async ValueTask PublishAsync(string topic, ReadOnlyMemory<byte> payload, Action? onAcknowledged, CancellationToken cancellationToken)
    {
        if (!_window.Wait(0, cancellationToken)) await WaitForWindowAsync(cancellationToken);
        lock (_lock)
        {
            var message = new InFlight(NextFreeId(), topic, payload, onAcknowledged);
            _unacknowledged.Add(_nextOrder, message);
            _orders.Add(message.PacketId, _nextOrder++);
            if (!_connected) return;

            message.WasSent = true;
            MqttPackets.WritePublish(_output, topic, payload.Span, 1, message.PacketId, again: false);
        }

        Wake();
    }

    /// <summary>Returns when nothing is unacknowledged.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Task drained;
        lock (_lock)
        {
            if (_unacknowledged.Count == 0) return;
            drained = (_drained ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await UnlessRefusedAsync(drained, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _window.Dispose();
        _wake.Dispose();
    }

    private async Task WaitForWindowAsync(CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var entered = _window.WaitAsync(waiting.Token);
        try
        {
            await UnlessRefusedAsync(entered, cancellationToken);
        }
        finally
        {
            await waiting.CancelAsync();
        }
    }

    private async Task UnlessRefusedAsync(Task task, CancellationToken cancellationToken)
    {
        await Task.WhenAny(task, _running).WaitAsync(cancellationToken);
        if (!task.IsCompleted) await _running;
        await task;
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ConnectAndServeAsync(() => failures = 0, stopping);
            }
            catch (Exception lost) when (lost is SocketException or IOException or MqttProtocolException or TimeoutException)
            {
                // Lost connections are what trackers live with: wait, come back, send again.
            }
            finally
            {
                lock (_lock) _connected = false;
            }

            var pause = TimeSpan.FromMilliseconds(100 * Math.Pow(2, Math.Min(failures++, 6)));
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _clock, stopping);
        }
    }

    private async Task ConnectAndServeAsync(Action onConnected, CancellationToken stopping)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_target.Host, _target.Port, stopping);
        await socket.SendAsync(MqttPackets.Connect(_clientId, _credentials, KeepAlive), stopping);

        var reader = new MqttFrameReader(socket);
        if (!await AcceptedAsync(reader, stopping)) return;
        onConnected();
        _lastHeard = _clock.GetTimestamp();
        SendUnacknowledgedAgain();

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var reading = ReadAsync(reader, ending.Token);
        var writing = WriteAsync(socket, ending.Token);
        var first = await Task.WhenAny(reading, writing);
        await ending.CancelAsync();
        if (stopping.IsCancellationRequested) await SayGoodbyeAsync(socket);
        await Task.WhenAll(reading, writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private async Task<bool> AcceptedAsync(MqttFrameReader reader, CancellationToken stopping)
    {
        var answer = await reader.ReadAsync(stopping).AsTask().WaitAsync(TimeSpan.FromSeconds(30), _clock, stopping);
        if ((answer.Type & 0xF0) != MqttPacketType.ConnAck || answer.Body.Length < 2) throw new MqttProtocolException("the first packet is no CONNACK");

        var code = answer.Body.Span[1];
        const byte serverUnavailable = 3;
        return code is 0 or serverUnavailable ? code == 0 : throw new MqttRefusedException(_clientId, code);
    }

    private void SendUnacknowledgedAgain()
    {
        lock (_lock)
        {
            _output.ResetWrittenCount();
            foreach (var (order, message) in _unacknowledged)
            {
                // Only what may have been on the wire before is a repetition.
                if (message.WasSent) _resent++;
                MqttPackets.WritePublish(_output, message.Topic, message.Payload.Span, 1, message.PacketId, again: message.WasSent);
                message.WasSent = true;
            }

            _connected = true;
        }

        Wake();
    }

    private async Task ReadAsync(MqttFrameReader reader, CancellationToken ending)
    {
        while (true)
        {
            var packet = await reader.ReadAsync(ending);
            _lastHeard = _clock.GetTimestamp();
            if ((packet.Type & 0xF0) == MqttPacketType.PubAck) Acknowledge(BinaryPrimitives.ReadUInt16BigEndian(packet.Body.Span));
        }
    }

    private void Acknowledge(ushort packetId)
    {
        InFlight? message;
        lock (_lock)
        {
            if (!_orders.Remove(packetId, out var order)) return;
            _unacknowledged.Remove(order, out message);
            if (_unacknowledged.Count == 0)
            {
                _drained?.TrySetResult();
                _drained = null;
            }
        }

        Interlocked.Increment(ref _acknowledged);
        message?.OnAcknowledged?.Invoke();
        _window.Release();
    }

    private async Task WriteAsync(Socket socket, CancellationToken ending)
    {
        var spare = new ArrayBufferWriter<byte>(64 * 1024);
        while (true)
        {
            if (!await _wake.WaitAsync(KeepAlive / 2, ending))
            {
                if (_clock.GetElapsedTime(_lastHeard) > KeepAlive * 1.5) throw new TimeoutException("the server has not answered a PINGREQ");
                await SendAllAsync(socket, MqttPackets.PingReq, ending);
                continue;
            }

            ArrayBufferWriter<byte> full;
            lock (_lock) (full, _output) = (_output, spare);
            await SendAllAsync(socket, full.WrittenMemory, ending);
            full.ResetWrittenCount();
            spare = full;
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken ending)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, ending)..];
    }

    private static async Task SayGoodbyeAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync(MqttPackets.Disconnect, CancellationToken.None);
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Already gone, which is what was wanted.
        }
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0) _wake.Release();
    }

    private ushort NextFreeId()
    {
        do
        {
            _nextId = _nextId == ushort.MaxValue ? (ushort)1 : (ushort)(_nextId + 1);
        }
        while (_orders.ContainsKey(_nextId));

        return _nextId;
    }

    private sealed class InFlight(ushort packetId, string topic, ReadOnlyMemory<byte> payload, Action? onAcknowledged)
    {
        public ushort PacketId { get; } = packetId;

        public string Topic { get; } = topic;

        public ReadOnlyMemory<byte> Payload { get; } = payload;

        public Action? OnAcknowledged { get; } = onAcknowledged;

        public bool WasSent { get; set; }
    }
}

/// <summary>Cuts what a socket delivers into packets.</summary>
internal sealed class MqttFrameReader(Socket socket)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>True when the next packet needs no waiting.</summary>
    public bool HasWholePacket => MqttPackets.TryFrame(_buffer.AsSpan(_start, _end - _start), out _, out _);

    /// <summary>The next packet; its body is good until the next call. Throws when the connection ends.</summary>
    public async ValueTask<(byte Type, ReadOnlyMemory<byte> Body)> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (MqttPackets.TryFrame(_buffer.AsSpan(_start, _end - _start), out var bodyStart, out var end))
            {
                var packet = (_buffer[_start], (ReadOnlyMemory<byte>)_buffer.AsMemory(_start + bodyStart, end - bodyStart));
                _start += end;
                return packet;
            }

            MakeRoom();
            var read = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0) throw new IOException("The server closed the connection.");
            _end += read;
        }
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
