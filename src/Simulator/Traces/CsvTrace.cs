using System.Globalization;

namespace FleetTracker.Simulation;

/// <summary>
/// <c>vehicle_id,timestamp_utc,lat,lon,speed_mps,heading_deg,accuracy_m</c>, rows in order of arrival, empty = not given. A row becomes
/// a native fix of the device <c>{dataset}-{vehicle_id}</c>.
/// </summary>
public static class CsvTrace
{
    public const string Header = "vehicle_id,timestamp_utc,lat,lon,speed_mps,heading_deg,accuracy_m";

    public static IEnumerable<TraceElement> Read(TextReader reader, string dataset, string prefix = "", TimeSpan shift = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return Rows(reader).Select(row => ToElement(row, dataset, prefix, shift));
    }

    internal static IEnumerable<CsvRow> Rows(TextReader reader)
    {
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0 || (number == 1 && line.StartsWith("vehicle_id,", StringComparison.Ordinal))) continue;
            yield return ParseRow(line, number);
        }
    }

    private static CsvRow ParseRow(string line, int number)
    {
        var fields = line.Split(',');
        if (fields.Length != 7) throw new TraceFormatException($"line {number}: expected 7 fields, found {fields.Length}");
        if (fields[0].Length == 0) throw new TraceFormatException($"line {number}: no vehicle id");
        if (!TraceTime.TryParse(fields[1], out var fixedAt)) throw new TraceFormatException($"line {number}: '{fields[1]}' is no RFC 3339 time");

        return new CsvRow(
            fields[0], fixedAt,
            Number(fields[2], "lat", number) ?? throw new TraceFormatException($"line {number}: no lat"),
            Number(fields[3], "lon", number) ?? throw new TraceFormatException($"line {number}: no lon"),
            Number(fields[4], "speed_mps", number), Number(fields[5], "heading_deg", number), Number(fields[6], "accuracy_m", number));
    }

    private static double? Number(string text, string field, int number)
    {
        if (text.Length == 0) return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new TraceFormatException($"line {number}: {field} '{text}' is no number");
    }

    private static TraceElement ToElement(CsvRow row, string dataset, string prefix, TimeSpan shift)
    {
        var deviceId = DeviceNames.For(dataset, row.Vehicle, prefix);
        var fixedAt = row.FixedAt + shift;
        return new TraceElement
        {
            DeviceId = deviceId,
            Topic = NativeJson.Topic(deviceId),
            Payload = NativeJson.Encode(fixedAt, row.Latitude, row.Longitude, row.Speed, row.Heading, row.Accuracy),
            FixedAt = fixedAt,
            RecordedAt = fixedAt,
            Latitude = row.Latitude,
            Longitude = row.Longitude,
            SpeedMetersPerSecond = row.Speed,
            HeadingDegrees = row.Heading,
            AccuracyMeters = row.Accuracy,
        };
    }
}

/// <summary>One row of a trace, as written.</summary>
internal readonly record struct CsvRow(
    string Vehicle, DateTimeOffset FixedAt, double Latitude, double Longitude, double? Speed, double? Heading, double? Accuracy);

internal static class TraceTime
{
    public static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
}
