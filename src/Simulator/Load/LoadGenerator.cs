using System.Buffers.Binary;
using System.Net;
using HdrHistogram;

namespace FleetTracker.Simulation;

/// <summary>
/// Puts load on an MQTT server and measures how fast it acknowledges. One thread, raw sockets, packets encoded beforehand: next to the
/// server on a small machine, every microsecond spent here is one that the server does not have.
/// </summary>
public sealed class LoadGenerator
{
    private const int ConnectsAtOnce = 64;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(300);

    private readonly LoadOptions _options;
    private readonly TimeProvider _clock;
    private readonly IAcknowledgementSink? _sink;
    private readonly FixTemplate _template;
    private readonly SocketReadiness _readiness;
    private readonly LoadConnection[] _connections;
    private readonly int[] _cursors;
    private readonly long[] _newestFixAt;
    private readonly LongHistogram _latency = new(1, 120_000_000, 3);
    private readonly byte[] _input = new byte[64 * 1024];
    private readonly ReadySocket[] _ready = new ReadySocket[1024];
    private readonly long _epochMicroseconds;
    private readonly long _epochTimestamp;

    private readonly TaskCompletionSource _measuring = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _measured = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Pacer _pacer;
    private Phase _phase = Phase.FirstFixes;
    private int _next;
    private int _connecting;
    private int _open;
    private bool _sendEverywhere;
    private long _firstFixesSent;
    private long _totalSent;
    private long _totalAcknowledged;
    private long _acknowledged;
    private long _lost;
    private long _resent;
    private long _maxLagTicks;

    public LoadGenerator(LoadOptions options, TimeProvider clock, IAcknowledgementSink? sink = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        options.Validate();
        (_options, _clock, _sink) = (options, clock, sink);
        _template = new FixTemplate(options.DevicePrefix, options.Qos);
        _readiness = SocketReadiness.Create(options.ConnectionCount);
        _connections = [.. Enumerable.Range(0, options.ConnectionCount)
            .Select(i => new LoadConnection(i, options.WindowSize, _template, _readiness))];
        _cursors = [.. Enumerable.Range(0, options.ConnectionCount)];
        _newestFixAt = new long[options.VehicleCount];
        _epochMicroseconds = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        _epochTimestamp = clock.GetTimestamp();
        _pacer = new Pacer(0, clock);
    }

    private enum Phase
    {
        /// <summary>Every vehicle sends once, which enrolls its device.</summary>
        FirstFixes,
        WarmUp,
        Measuring,
        Ending,
    }

    /// <summary>Completes when the warm-up is over, so that others measure the same time.</summary>
    public Task Measuring => _measuring.Task;

    /// <summary>Completes when the measurement is over; acknowledgements may still be waited for.</summary>
    public Task Measured => _measured.Task;

    /// <summary>Acknowledged within the measurement so far; may be read while it runs.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Acknowledged since the start; may be read while it runs.</summary>
    public long TotalAcknowledged => Interlocked.Read(ref _totalAcknowledged);

    /// <summary>
    /// Runs on a thread of its own until the measurement is over and everything is acknowledged. Canceling ends the measurement early; the
    /// report then holds what was measured.
    /// </summary>
    public Task<LoadReport> RunAsync(CancellationToken cancellationToken)
    {
        var finished = new TaskCompletionSource<LoadReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                finished.SetResult(Run(cancellationToken));
            }
            catch (Exception failure)
            {
                _measuring.TrySetException(failure);
                _measured.TrySetException(failure);
                finished.SetException(failure);
            }
            finally
            {
                foreach (var connection in _connections) connection.Close();
                _readiness.Dispose();
            }
        })
        { IsBackground = true, Name = "load" }.Start();
        return finished.Task;
    }

    private LoadReport Run(CancellationToken cancellationToken)
    {
        var server = new IPEndPoint(Dns.GetHostAddresses(_options.Host).OrderBy(a => a.AddressFamily).First(), _options.Port);

        // A gateway's first fixes, one per vehicle, may be many: they go at the rate that the rest will go at.
        Enter(Phase.FirstFixes);
        Loop(server, () => _firstFixesSent == _options.VehicleCount && _totalAcknowledged >= _firstFixesSent, cancellationToken);

        var warmUp = Enter(Phase.WarmUp);
        Loop(server, () => _clock.GetElapsedTime(warmUp) >= _options.WarmUp, cancellationToken);

        _latency.Reset();
        var measuring = Enter(Phase.Measuring);
        var cpu = Environment.CpuUsage.TotalTime;
        _measuring.TrySetResult();
        Loop(server, () => _clock.GetElapsedTime(measuring) >= _options.Duration || _acknowledged >= _options.Count, cancellationToken);
        var elapsed = _clock.GetElapsedTime(measuring);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        _measured.TrySetResult();

        var ending = Enter(Phase.Ending);
        Loop(server, () => InFlight() == 0 || _clock.GetElapsedTime(ending) >= _options.Patience, CancellationToken.None);
        _sink?.Flush();
        return Report(elapsed, cpu);
    }

    private long Enter(Phase phase)
    {
        _phase = phase;
        _pacer = new Pacer(_options.Rate, _clock);
        _sendEverywhere = true;
        return _clock.GetTimestamp();
    }

    private void Loop(IPEndPoint server, Func<bool> isOver, CancellationToken cancellationToken)
    {
        var flushed = _clock.GetTimestamp();
        while (!isOver() && !cancellationToken.IsCancellationRequested)
        {
            OpenConnections(server);
            Send();
            var count = _readiness.Wait(_ready, WaitTime());
            for (var i = 0; i < count; i++) Handle(_ready[i]);

            if (_sink is null || _clock.GetElapsedTime(flushed) < TimeSpan.FromMilliseconds(100)) continue;
            _sink.Flush();
            flushed = _clock.GetTimestamp();
        }
    }

    private TimeSpan WaitTime()
    {
        var longest = TimeSpan.FromMilliseconds(_lost > 0 || _connecting > 0 ? 50 : 200);
        if (_phase == Phase.Ending) return longest;
        if (_options.Rate == 0) return _options.Qos == 0 ? TimeSpan.Zero : longest;

        // A millisecond is the finest wait there is; what becomes due meanwhile goes out together.
        var next = _pacer.UntilNext();
        return next > longest ? longest : next < ShortestWait ? ShortestWait : next;
    }

    private void OpenConnections(IPEndPoint server)
    {
        if (_open == _connections.Length || _connecting >= ConnectsAtOnce) return;

        var now = _clock.GetTimestamp();
        for (var i = 0; i < _connections.Length && _connecting < ConnectsAtOnce; i++)
        {
            var connection = _connections[i];
            if (connection.IsOpen || now < connection.RetryAt) continue;
            if (connection.TryOpen(server, ConnectOf(i)))
            {
                _connecting++;
                _open++;
                continue;
            }

            // Nobody listens: the others need not find out one by one.
            connection.Close();
            foreach (var other in _connections) other.RetryAt = now + (long)(RetryPause.TotalSeconds * _clock.TimestampFrequency);
            return;
        }
    }

    private byte[] ConnectOf(int index)
    {
        var deviceId = _options.DeviceId(index);
        var credentials = _options is { Shape: LoadShape.Devices, EnrollmentKey: { } key } ? new MqttCredentials(deviceId, key) : _options.Credentials;
        return MqttPackets.Connect($"sim-{deviceId}", credentials, _options.KeepAlive);
    }

    /// <summary>Sends what is due, one fix per connection in turn.</summary>
    private void Send()
    {
        // Without a rate, an acknowledgement makes its own connection send, so there is nothing to look for.
        var acknowledgementsDrive = _options is { Rate: 0, Qos: 1 };
        if (acknowledgementsDrive && !_sendEverywhere) return;
        _sendEverywhere = false;
        if (_phase == Phase.Ending) return;
        if (_options.Rate > 0) _maxLagTicks = _phase == Phase.Measuring ? Math.Max(_maxLagTicks, _pacer.Lag().Ticks) : 0;

        var due = _options.Qos == 0 ? Math.Min(_pacer.Due(), 20L * _connections.Length) : _pacer.Due();
        var idle = 0;
        while (due > 0 && idle < _connections.Length)
        {
            var index = _next;
            _next = _next + 1 == _connections.Length ? 0 : _next + 1;
            if (TrySendOn(index))
            {
                due--;
                idle = 0;
            }
            else
            {
                idle++;
            }
        }

        // Paced fixes go out now; a burst goes out as one write per connection.
        foreach (var connection in _connections)
        {
            if (connection.IsUp && connection.HasOutput && !connection.TryFlush()) Lose(connection);
        }
    }

    private bool TrySendOn(int index)
    {
        var connection = _connections[index];
        if (_phase == Phase.FirstFixes && _cursors[index] >= _options.VehicleCount) return false;
        if (_options.Qos == 0 ? !connection.IsUp || connection.HasOutput : !connection.CanSend) return false;

        var vehicle = NextVehicle(index);
        var now = _clock.GetTimestamp();
        var fixedAt = FixTimeOf(vehicle, now);
        _pacer.Take();
        _totalSent++;
        if (_options.Qos == 0)
        {
            connection.SendUnacknowledged(vehicle, fixedAt);
            Count(vehicle, fixedAt);
            return true;
        }

        connection.Send(vehicle, fixedAt, now);
        return true;
    }

    /// <summary>The vehicles of a connection in turn; a vehicle never changes its connection, so its fixes stay in order.</summary>
    private int NextVehicle(int index)
    {
        if (_phase == Phase.FirstFixes) _firstFixesSent++;
        else if (_cursors[index] >= _options.VehicleCount) _cursors[index] = index;

        var vehicle = _cursors[index];
        _cursors[index] += _connections.Length;
        return vehicle;
    }

    /// <summary>Now, but after the vehicle's fix before: two fixes of one vehicle never share a time.</summary>
    private long FixTimeOf(int vehicle, long now)
    {
        var micros = _epochMicroseconds + (long)((now - _epochTimestamp) * (1e6 / _clock.TimestampFrequency));
        return _newestFixAt[vehicle] = Math.Max(micros, _newestFixAt[vehicle] + 1);
    }

    private void Handle(ReadySocket ready)
    {
        var connection = _connections[ready.Index];
        if (!connection.IsOpen) return;
        if (ready.CanRead && !TryRead(connection, ready.Index)) Lose(connection);
        else if (connection.HasOutput && !connection.TryFlush()) Lose(connection);
    }

    private bool TryRead(LoadConnection connection, int index)
    {
        var filled = connection.Receive(_input);
        if (filled < 0) return false;

        var rest = _input.AsSpan(0, filled);
        var now = _clock.GetTimestamp();
        while (rest.Length >= 2 && MqttPackets.TryFrame(rest, out var bodyStart, out var end))
        {
            if (!TryTake(connection, rest[0], rest[bodyStart..end], now)) return false;
            rest = rest[end..];
        }

        connection.Keep(rest);
        if (_options is { Rate: 0, Qos: 1 } && _phase != Phase.Ending)
            while (TrySendOn(index)) { }
        return true;
    }

    private bool TryTake(LoadConnection connection, byte type, ReadOnlySpan<byte> body, long now)
    {
        switch (type)
        {
            case MqttPacketType.PubAck:
                if (connection.Acknowledge(BinaryPrimitives.ReadUInt16BigEndian(body), out var slot))
                {
                    var micros = (long)((now - slot.SentAt) * (1e6 / _clock.TimestampFrequency));
                    _latency.RecordValue(Math.Clamp(micros, 1, 120_000_000));
                    Count(slot.Vehicle, slot.FixedAt);
                }

                return true;

            case MqttPacketType.ConnAck:
                const byte serverUnavailable = 3;
                if (body[1] == serverUnavailable) return false;
                if (body[1] != 0) throw new MqttRefusedException("sim", body[1]);
                _connecting--;
                _resent += connection.Resume(now);
                _sendEverywhere = true;
                return true;

            default:
                return true;
        }
    }

    private void Count(int vehicle, long fixedAt)
    {
        _totalAcknowledged++;
        if (_phase == Phase.Measuring) _acknowledged++;
        _sink?.Acknowledged(vehicle, fixedAt);
    }

    private void Lose(LoadConnection connection)
    {
        if (!connection.IsUp) _connecting--;
        _open--;
        _lost++;
        connection.Close();
        connection.RetryAt = _clock.GetTimestamp() + (long)(RetryPause.TotalSeconds * _clock.TimestampFrequency);
    }

    private long InFlight()
    {
        var sum = 0L;
        foreach (var connection in _connections) sum += connection.InFlight;
        return sum;
    }

    private LoadReport Report(TimeSpan elapsed, TimeSpan cpu) => new()
    {
        Shape = _options.Shape,
        Connections = _connections.Length,
        Window = _options.WindowSize,
        Vehicles = _options.VehicleCount,
        Qos = _options.Qos,
        Seconds = elapsed.TotalSeconds,
        Acknowledged = _acknowledged,
        RatePerSecond = _acknowledged / Math.Max(elapsed.TotalSeconds, 1e-6),
        P50Ms = Percentile(50),
        P90Ms = Percentile(90),
        P99Ms = Percentile(99),
        P999Ms = Percentile(99.9),
        MaxMs = Percentile(100),
        CpuMicrosecondsPerFix = cpu.TotalMicroseconds / Math.Max(_acknowledged, 1),
        MaxLagMs = TimeSpan.FromTicks(_maxLagTicks).TotalMilliseconds,
        LostConnections = _lost,
        Resent = _resent,
        TotalSent = _totalSent,
        TotalAcknowledged = _totalAcknowledged,
        Unacknowledged = InFlight(),
    };

    private double Percentile(double percentile) => _latency.TotalCount == 0 ? 0 : _latency.GetValueAtPercentile(percentile) / 1_000.0;
}
