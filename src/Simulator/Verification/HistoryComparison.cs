using System.Globalization;

namespace FleetTracker.Simulation;

/// <summary>What of a fix must come back exactly as it was sent.</summary>
internal readonly record struct FixValues(
    long FixedAtMicroseconds, double? Latitude, double? Longitude, double? Speed, double? Heading, double? Accuracy)
{
    public static FixValues Of(TraceElement sent) => new(
        Microseconds(sent.FixedAt), sent.Latitude, sent.Longitude,
        NotNegative(sent.SpeedMetersPerSecond), Direction(sent.HeadingDegrees), NotNegative(sent.AccuracyMeters));

    public static FixValues Of(HistoryRow row) => new(
        Microseconds(row.FixedAt), row.Latitude, row.Longitude, row.SpeedMetersPerSecond, row.HeadingDegrees, row.AccuracyMeters);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{NativeJson.Time(DateTimeOffset.UnixEpoch.AddTicks(FixedAtMicroseconds * TimeSpan.TicksPerMicrosecond))} ({Text(Latitude)}, {Text(Longitude)}) speed {Text(Speed)} heading {Text(Heading)} accuracy {Text(Accuracy)}");

    /// <summary>Trackers write -1 for "unknown".</summary>
    private static double? NotNegative(double? value) => value >= 0 ? value : null;

    /// <summary>360 is north as 0 is, and what is no direction was not given.</summary>
    private static double? Direction(double? degrees) => degrees switch { 360 => 0, >= 0 and < 360 => degrees, _ => null };

    private static string Text(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "none";

    private static long Microseconds(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}

/// <summary>
/// Compares what was sent for one device with the history of its vehicle, point for point: the same values equally often, each with the
/// verdict that its own content gives, in ascending time.
/// </summary>
internal sealed class HistoryComparison(string deviceId, TimeSpan lateWindow)
{
    private readonly Dictionary<FixValues, int> _open = [];
    private readonly List<string> _differences = [];
    private readonly List<FixValues> _unexpected = [];
    private long? _previous;

    public void Expect(TraceElement sent)
    {
        var values = FixValues.Of(sent);
        _open[values] = _open.GetValueOrDefault(values) + 1;
    }

    public void Observe(HistoryRow row)
    {
        var values = FixValues.Of(row);
        if (_previous > values.FixedAtMicroseconds) Differ($"{values} comes after a later one");
        _previous = values.FixedAtMicroseconds;

        var expected = VerdictOf(row);
        if (!SameWord(row.Verdict, expected)) Differ($"{values} has the verdict '{row.Verdict}', not '{expected}'");

        var left = _open.GetValueOrDefault(values);
        if (left == 0) _unexpected.Add(values);
        else if (left == 1) _open.Remove(values);
        else _open[values] = left - 1;
    }

    /// <summary>All that differs, a sent and a stored fix of the same time side by side.</summary>
    public IReadOnlyList<string> Finish()
    {
        var unexpected = _unexpected.ToLookup(values => values.FixedAtMicroseconds);
        var told = new HashSet<FixValues>();
        foreach (var (sent, times) in _open.OrderBy(entry => entry.Key.FixedAtMicroseconds))
        {
            var stored = unexpected[sent.FixedAtMicroseconds].FirstOrDefault(values => !told.Contains(values));
            if (stored != default && told.Add(stored)) Differ($"sent {sent}, stored {stored}");
            else Differ($"missing{(times > 1 ? $" {times} times" : "")}: {sent}");
        }

        foreach (var values in _unexpected.Where(values => !told.Contains(values)).OrderBy(values => values.FixedAtMicroseconds)) Differ($"never sent, or stored once too often: {values}");
        return _differences;
    }

    internal static bool SameWord(string one, string other) =>
        string.Equals(Plain(one), Plain(other), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string word) =>
        word.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    private string VerdictOf(HistoryRow row)
    {
        if (row.Latitude is null || row.Longitude is null) return "noPosition";
        if (row is { Latitude: 0, Longitude: 0 }) return "nullIsland";
        return row.ReceivedAt - row.FixedAt > lateWindow ? "beyondWindow" : "accepted";
    }

    private void Differ(string what) => _differences.Add($"{deviceId}: {what}");
}
