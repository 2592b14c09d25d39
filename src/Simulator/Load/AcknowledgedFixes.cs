using System.Buffers.Binary;
using System.Text;

namespace FleetTracker.Simulation;

/// <summary>Is told every fix that the server acknowledged, on the generator's thread.</summary>
public interface IAcknowledgementSink
{
    void Acknowledged(int vehicle, long fixedAtMicroseconds);

    /// <summary>Called a few times per second.</summary>
    void Flush();
}

/// <summary>
/// A file of everything acknowledged, so that a test which kills servers can later ask whether each of these fixes is stored, and once.
/// A fix enters it after its acknowledgement: a record that ends early says less, never something wrong.
/// </summary>
public sealed class AcknowledgedLog : IAcknowledgementSink, IDisposable
{
    private const int EntrySize = 12;
    private readonly FileStream _file;

    public AcknowledgedLog(string path, string devicePrefix)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
        _file.Write(Encoding.ASCII.GetBytes(devicePrefix + '\n'));
    }

    public void Acknowledged(int vehicle, long fixedAtMicroseconds)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteInt32LittleEndian(entry, vehicle);
        BinaryPrimitives.WriteInt64LittleEndian(entry[4..], fixedAtMicroseconds);
        _file.Write(entry);
    }

    public void Flush() => _file.Flush(flushToDisk: false);

    public void Dispose() => _file.Dispose();

    /// <summary>Everything in the file, a torn last entry left out.</summary>
    public static AcknowledgedFixes Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
        var prefix = new StringBuilder();
        for (var c = file.ReadByte(); c >= 0 && c != '\n'; c = file.ReadByte()) prefix.Append((char)c);

        var fixes = new AcknowledgedFixes(prefix.ToString());
        Span<byte> entry = stackalloc byte[EntrySize];
        while (file.ReadAtLeast(entry, EntrySize, throwOnEndOfStream: false) == EntrySize)
            fixes.Acknowledged(BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[4..]));
        return fixes;
    }
}

/// <summary>Acknowledged fixes in memory, by device, and their comparison with a history.</summary>
public sealed class AcknowledgedFixes(string devicePrefix) : IAcknowledgementSink
{
    private readonly Dictionary<int, List<long>> _byVehicle = [];

    public long Count { get; private set; }

    public IEnumerable<string> DeviceIds => _byVehicle.Keys.Order().Select(DeviceIdOf);

    public void Acknowledged(int vehicle, long fixedAtMicroseconds)
    {
        if (!_byVehicle.TryGetValue(vehicle, out var times)) _byVehicle.Add(vehicle, times = []);
        times.Add(fixedAtMicroseconds);
        Count++;
    }

    public void Flush()
    {
    }

    public IEnumerable<DateTimeOffset> Of(string deviceId) =>
        _byVehicle.TryGetValue(VehicleOf(deviceId), out var times) ? times.Select(At) : [];

    /// <summary>Acknowledged fixes of the device that its history lacks, and those that it has more than once.</summary>
    public HistoryDefects Compare(string deviceId, IEnumerable<DateTimeOffset> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var stored = new HashSet<DateTimeOffset>();
        var twice = history.Where(at => !stored.Add(at)).ToList();
        return new HistoryDefects([.. Of(deviceId).Where(at => !stored.Contains(at)).Order()], twice);
    }

    private static DateTimeOffset At(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    private string DeviceIdOf(int vehicle) => $"{devicePrefix}{vehicle:D7}";

    private int VehicleOf(string deviceId) =>
        deviceId.StartsWith(devicePrefix, StringComparison.Ordinal)
        && int.TryParse(deviceId.AsSpan(devicePrefix.Length), System.Globalization.CultureInfo.InvariantCulture, out var vehicle) ? vehicle : -1;
}

/// <summary>Where a history breaks the promise that acknowledged means stored, once.</summary>
public sealed record HistoryDefects(IReadOnlyList<DateTimeOffset> Lost, IReadOnlyList<DateTimeOffset> StoredTwice)
{
    public bool None => Lost.Count == 0 && StoredTwice.Count == 0;
}
