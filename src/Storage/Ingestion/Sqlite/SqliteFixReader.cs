using System.Collections.Concurrent;
using System.Text;
using FleetTracker.Ingestion;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>Rows of history without ADO.NET, which asks the engine several times for each value: a day of one vehicle is tens of thousands.</summary>
internal sealed class SqliteFixReader(SqliteConnection connection, ConcurrentDictionary<long, string> devices, string tenant, string vehicleId)
{
    private const string Columns =
        "p.fixed_at, p.digest, p.received_at, p.device, p.verdict, p.latitude, p.longitude, p.altitude, p.speed, p.heading, p.accuracy, p.ignition, p.odometer, "
        + "p.attributes";

    /// <summary>By the number of the row.</summary>
    public const string Select = $"SELECT {Columns} FROM positions p";

    /// <summary>In order of the keys, as far as they are written.</summary>
    public const string SelectByKey = $"SELECT {Columns} FROM position_keys k CROSS JOIN positions p ON p.row = k.row";

    private byte[] _attributesUtf8 = [];
    private string? _attributes;
    private long _deviceNumber = -1;
    private string _device = "";

    public Fix Read(SqliteStatement row) => new()
    {
        Tenant = tenant,
        VehicleId = vehicleId,
        FixedAt = Instants.FromUnixMicroseconds(row.Long(0)),
        Digest = row.Long(1),
        ReceivedAt = Instants.FromUnixMicroseconds(row.Long(2)),
        DeviceId = Device(row.Long(3)),
        Verdict = (FixVerdict)row.Long(4),
        Latitude = row.Double(5),
        Longitude = row.Double(6),
        AltitudeMeters = row.Double(7),
        SpeedMetersPerSecond = row.Double(8),
        HeadingDegrees = row.Double(9),
        AccuracyMeters = row.Double(10),
        Ignition = row.IsNull(11) ? null : row.Long(11) != 0,
        OdometerMeters = row.Double(12),
        Attributes = row.IsNull(13) ? null : Attributes(row.Utf8(13)),
    };

    private string Device(long number)
    {
        if (number == _deviceNumber) return _device;
        _device = devices.TryGetValue(number, out var known) ? known : Find(number);
        _deviceNumber = number;
        return _device;
    }

    private string Find(long number)
    {
        using var command = connection.Command("SELECT device_id FROM reporting_devices WHERE number = $number", ("$number", number));
        var device = (string?)command.ExecuteScalar() ?? throw new InvalidOperationException($"there is no device {number}");

        // Numbers are given once, so what is remembered stays true; the bound only keeps memory from growing with every device ever seen.
        if (devices.Count > SqliteTelemetryReader.RememberedDevices) devices.Clear();
        return devices[number] = device;
    }

    /// <summary>Rows that follow each other often say the same.</summary>
    private string Attributes(ReadOnlySpan<byte> utf8)
    {
        if (_attributes is not null && utf8.SequenceEqual(_attributesUtf8)) return _attributes;
        _attributesUtf8 = utf8.ToArray();
        return _attributes = Encoding.UTF8.GetString(utf8);
    }
}
