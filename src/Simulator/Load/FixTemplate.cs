using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace FleetTracker.Simulation;

/// <summary>
/// A PUBLISH of a native fix, encoded once; a send copies it and overwrites the digits of the vehicle, the packet id, the time and the
/// position. A fix follows from its vehicle and time alone, so one that must be sent again comes out with the same bytes.
/// </summary>
internal sealed class FixTemplate
{
    private const long UnitsPerDegree = 10_000_000;
    private const long MicrosecondsPerSecond = 1_000_000;

    // About 12 m/s to the north and back over 5.5 km, somewhere in 80 × 90 km around Austin.
    private const long UnitsPerSecond = 1_080;
    private const long SpanUnits = UnitsPerDegree / 20;
    private const long SpreadUnits = 4 * UnitsPerDegree / 5;
    private const long SouthUnits = 298_500_000;
    private const long EastUnits = 972_000_000;
    private const int VehicleDigits = 7;

    private readonly byte[] _packet;
    private readonly int _vehicleAt;
    private readonly int _packetIdAt;
    private readonly int _timeAt;
    private readonly int _latitudeAt;
    private readonly int _longitudeAt;
    private readonly int _headingAt;
    private readonly byte[] _second = new byte[19];
    private long _secondWritten = long.MinValue;

    public FixTemplate(string devicePrefix, int qos)
    {
        var topic = $"fleet/{devicePrefix}{new string('0', VehicleDigits)}/position";
        var payload = """{"time":"2000-01-01T00:00:00.000000Z","lat":00.0000000,"lon":-00.0000000,"speed":12.0,"heading":  0}"""u8;
        var buffer = new ArrayBufferWriter<byte>(256);
        MqttPackets.WritePublish(buffer, topic, payload, (byte)qos, packetId: 0, again: false);
        _packet = buffer.WrittenSpan.ToArray();
        Qos = qos;

        var payloadAt = _packet.Length - payload.Length;
        _vehicleAt = _packet.AsSpan().IndexOf(Encoding.ASCII.GetBytes(topic)) + "fleet/".Length + devicePrefix.Length;
        _packetIdAt = payloadAt - 2;
        _timeAt = payloadAt + After(payload, "\"time\":\""u8);
        _latitudeAt = payloadAt + After(payload, "\"lat\":"u8);
        _longitudeAt = payloadAt + After(payload, "\"lon\":-"u8);
        _headingAt = payloadAt + After(payload, "\"heading\":"u8);
    }

    public int Length => _packet.Length;

    private int Qos { get; }

    public void Write(Span<byte> packet, int vehicle, long fixedAtMicroseconds, ushort packetId, bool again)
    {
        _packet.CopyTo(packet);
        Digits(packet.Slice(_vehicleAt, VehicleDigits), vehicle);
        if (Qos > 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[_packetIdAt..], packetId);
            if (again) packet[0] |= 0x08;
        }

        WriteTime(packet[_timeAt..], fixedAtMicroseconds);
        var (latitude, longitude, north) = PositionOf(vehicle, fixedAtMicroseconds);
        WriteDegrees(packet[_latitudeAt..], latitude);
        WriteDegrees(packet[_longitudeAt..], longitude);
        if (!north) "180"u8.CopyTo(packet[_headingAt..]);
    }

    private static int After(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> name) => payload.IndexOf(name) + name.Length;

    /// <summary>In units of 1e-7 degrees, the longitude to the west.</summary>
    private static (long Latitude, long Longitude, bool North) PositionOf(int vehicle, long fixedAtMicroseconds)
    {
        var scattered = (ulong)vehicle * 0x9E3779B97F4A7C15UL;
        var south = SouthUnits + (long)((scattered >> 33) % SpreadUnits);
        var west = EastUnits + (long)((scattered >> 13) % (SpreadUnits + (SpreadUnits / 8)));
        var phase = (long)(scattered >> 40) % (2 * SpanUnits);

        var along = (((fixedAtMicroseconds / 1_000 * UnitsPerSecond) / 1_000) + phase) % (2 * SpanUnits);
        var north = along < SpanUnits;
        return (south + (north ? along : (2 * SpanUnits) - along), west, north);
    }

    private void WriteTime(Span<byte> target, long microseconds)
    {
        var second = Math.DivRem(microseconds, MicrosecondsPerSecond, out var fraction);
        if (second != _secondWritten)
        {
            var text = DateTimeOffset.FromUnixTimeSeconds(second).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
            Encoding.ASCII.GetBytes(text, _second);
            _secondWritten = second;
        }

        _second.CopyTo(target);
        Digits(target.Slice(20, 6), fraction);
    }

    private static void WriteDegrees(Span<byte> target, long units)
    {
        var degrees = Math.DivRem(units, UnitsPerDegree, out var fraction);
        Digits(target[..2], degrees);
        Digits(target.Slice(3, 7), fraction);
    }

    private static void Digits(Span<byte> target, long value)
    {
        for (var i = target.Length - 1; i >= 0; i--)
        {
            var rest = value / 10;
            target[i] = (byte)('0' + (value - (rest * 10)));
            value = rest;
        }
    }
}
