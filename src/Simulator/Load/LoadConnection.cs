using System.Net;
using System.Net.Sockets;

namespace FleetTracker.Simulation;

/// <summary>
/// One connection of the load generator: a non-blocking socket, the publishes in flight on it by packet id, and bytes that the socket has
/// not taken yet. Used by one thread.
/// </summary>
internal sealed class LoadConnection
{
    private readonly FixTemplate _template;
    private readonly SocketReadiness _readiness;
    private readonly int _index;
    private readonly int _window;
    private readonly Slot[] _slots;
    private readonly ushort[] _free;
    private readonly byte[] _input = new byte[256];
    private byte[] _output;
    private Socket? _socket;
    private int _inputEnd;
    private int _outputStart;
    private int _outputEnd;
    private int _freeCount;
    private bool _watchesWrites;

    public LoadConnection(int index, int window, FixTemplate template, SocketReadiness readiness)
    {
        (_index, _window, _template, _readiness) = (index, window, template, readiness);
        _slots = new Slot[window + 1];
        _free = new ushort[window];
        for (var i = 0; i < window; i++) _free[i] = (ushort)(window - i);
        _freeCount = window;
        _output = new byte[Math.Max(1024, (window + 2) * template.Length)];
    }

    public bool IsOpen => _socket is not null;

    /// <summary>Between CONNACK and the loss of the connection.</summary>
    public bool IsUp { get; private set; }

    public bool CanSend => IsUp && _freeCount > 0;

    public bool HasOutput => _outputEnd > _outputStart;

    public int InFlight => _window - _freeCount;

    /// <summary>Stopwatch time from which on it may connect again.</summary>
    public long RetryAt { get; set; }

    /// <summary>Returns false when nobody listens.</summary>
    public bool TryOpen(IPEndPoint server, ReadOnlySpan<byte> connect)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(server);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }

        socket.Blocking = false;
        _readiness.Add(_index, _socket = socket);
        (_inputEnd, _outputStart, _outputEnd, _watchesWrites) = (0, 0, connect.Length, false);
        if (_output.Length < connect.Length) _output = new byte[connect.Length];
        connect.CopyTo(_output);
        return TryFlush();
    }

    public void Close()
    {
        if (_socket is null) return;
        _readiness.Remove(_index, _socket);
        _socket.Dispose();
        _socket = null;
        IsUp = false;
    }

    /// <summary>The server has accepted the connection; whatever was in flight before goes out again.</summary>
    public int Resume(long now)
    {
        IsUp = true;
        var resent = 0;
        for (ushort id = 1; id <= _window; id++)
        {
            if (!_slots[id].InUse) continue;
            _slots[id].SentAt = now;
            Append(_slots[id].Vehicle, _slots[id].FixedAt, id, again: true);
            resent++;
        }

        return resent;
    }

    /// <summary>Puts a fix into the output; <see cref="TryFlush"/> sends it.</summary>
    public void Send(int vehicle, long fixedAt, long now)
    {
        var id = _free[--_freeCount];
        _slots[id] = new Slot { InUse = true, Vehicle = vehicle, FixedAt = fixedAt, SentAt = now };
        Append(vehicle, fixedAt, id, again: false);
    }

    /// <summary>Puts a fix into the output that nobody will acknowledge.</summary>
    public void SendUnacknowledged(int vehicle, long fixedAt) => Append(vehicle, fixedAt, 0, again: false);

    /// <summary>True when the slot was in flight; an acknowledgement may come twice.</summary>
    public bool Acknowledge(ushort id, out Slot slot)
    {
        slot = default;
        if (id == 0 || id > _window || !_slots[id].InUse) return false;
        slot = _slots[id];
        _slots[id] = default;
        _free[_freeCount++] = id;
        return true;
    }

    /// <summary>Sends what the socket takes and watches for room when it does not take all. False when the connection is lost.</summary>
    public bool TryFlush()
    {
        while (HasOutput)
        {
            var sent = _socket!.Send(_output.AsSpan(_outputStart, _outputEnd - _outputStart), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) break;
            if (error != SocketError.Success) return false;
            _outputStart += sent;
        }

        if (!HasOutput) (_outputStart, _outputEnd) = (0, 0);
        if (_watchesWrites != HasOutput) _readiness.WatchWrites(_index, _socket!, _watchesWrites = HasOutput);
        return true;
    }

    /// <summary>
    /// Reads what has arrived, behind the part of a packet that was left from before. Returns how much of the buffer is filled, or -1 when
    /// the connection is lost.
    /// </summary>
    public int Receive(byte[] buffer)
    {
        _input.AsSpan(0, _inputEnd).CopyTo(buffer);
        var read = _socket!.Receive(buffer.AsSpan(_inputEnd), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return _inputEnd;
        return error == SocketError.Success && read > 0 ? _inputEnd + read : -1;
    }

    /// <summary>Keeps the part of a packet that has not arrived whole.</summary>
    public void Keep(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > _input.Length) throw new MqttProtocolException("a server packet is larger than a tracker expects");
        rest.CopyTo(_input);
        _inputEnd = rest.Length;
    }

    private void Append(int vehicle, long fixedAt, ushort id, bool again)
    {
        if (_output.Length - _outputEnd < _template.Length)
        {
            _output.AsSpan(_outputStart, _outputEnd - _outputStart).CopyTo(_output);
            (_outputStart, _outputEnd) = (0, _outputEnd - _outputStart);
            if (_output.Length - _outputEnd < _template.Length) Array.Resize(ref _output, _output.Length * 2);
        }

        _template.Write(_output.AsSpan(_outputEnd), vehicle, fixedAt, id, again);
        _outputEnd += _template.Length;
    }

    /// <summary>A publish in flight.</summary>
    internal struct Slot
    {
        public bool InUse;
        public int Vehicle;
        public long FixedAt;
        public long SentAt;
    }
}
