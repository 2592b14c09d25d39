using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>Real buses and real neighborhoods, through everything that a vehicle's rows go through.</summary>
public sealed class RecordedVisitsTests
{
    /// <summary>A backlog arrives in batches, many of them behind what is known: each such is a rebuild.</summary>
    private const int BatchRows = 64;

    [Fact]
    public void With_every_filter_opened_wide_enters_and_exits_are_those_of_the_raw_fixes()
    {
        var options = new VehicleOptions
        {
            MaxSpeedMetersPerSecond = 1e9,
            MaxAccuracyMeters = 100_000,
            StandRadiusMeters = 0,
            FenceMinDwell = TimeSpan.Zero,
            FenceMarginMeters = 0,
            FenceMaxMarginMeters = 0,
            FenceCrossings = false,
        };
        Assert.True(new VehicleOptionsValidator().Validate(null, options).Succeeded);

        var rules = TenantRules.None with { Options = options, Fences = Neighborhoods() };
        var said = Buses().SelectMany(bus => Transitions(bus.Key, [.. bus], rules)).Order(StringComparer.Ordinal);
        Assert.Equal(Lines("austin_transitions.csv.gz").Skip(1).Order(StringComparer.Ordinal), said);
    }

    private static IEnumerable<string> Transitions(string bus, Fix[] arrived, TenantRules rules)
    {
        var archive = new Archive(rules);
        var now = arrived.Max(row => row.FixedAt);
        foreach (var batch in arrived.Chunk(BatchRows)) archive.Commit(batch, now);
        archive.Elapse(now);
        var first = arrived.Min(PositionKey.Of);
        foreach (var outcome in archive.Said)
        {
            var name = outcome.Kind switch
            {
                "geofence.enter" => outcome.At == first ? "initial" : "enter",
                "geofence.exit" => "exit",
                _ => null,
            };
            if (name is not null) yield return $"{bus},{outcome.At.FixedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)},{outcome.Subject},{name}";
        }
    }

    private static IEnumerable<IGrouping<string, Fix>> Buses()
    {
        // The reference begins here.
        var from = DateTimeOffset.Parse("2017-04-18T17:00:00Z", CultureInfo.InvariantCulture);
        return Lines("capmetro_bus_austin.csv.gz").Skip(1).Select(ToFix).Where(fix => fix.FixedAt >= from).GroupBy(fix => fix.VehicleId, StringComparer.Ordinal);
    }

    /// <summary>Received at once; rows of one instant in the order of the file.</summary>
    private static Fix ToFix(string line, int number)
    {
        var fields = line.Split(',');
        var at = DateTimeOffset.Parse(fields[1], CultureInfo.InvariantCulture);
        return new Fix
        {
            Tenant = "default",
            VehicleId = fields[0],
            DeviceId = fields[0],
            FixedAt = at,
            ReceivedAt = at,
            Digest = number,
            Verdict = FixVerdict.Accepted,
            Latitude = Number(fields[2]),
            Longitude = Number(fields[3]),
            SpeedMetersPerSecond = Number(fields[4]),
            HeadingDegrees = Number(fields[5]),
            AccuracyMeters = Number(fields[6]),
        };
    }

    private static double? Number(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);

    private static FenceSnapshot Neighborhoods()
    {
        using var file = JsonDocument.Parse(string.Join('\n', Lines("austin_neighborhoods.geojson.gz")));
        return FenceSnapshot.Build([.. file.RootElement.GetProperty("features").EnumerateArray().Select(feature => Fence.Compile(new Geofence
        {
            Id = feature.GetProperty("id").ToString(),
            Tenant = "default",
            Name = feature.GetProperty("id").ToString(),
            Version = 1,
            ValidFrom = DateTimeOffset.MinValue,
            ShapeKind = GeofenceShapeKind.Area,
            Geometry = feature.GetProperty("geometry").GetRawText(),
        }))]);
    }

    private static IEnumerable<string> Lines(string name)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", name));
        using var content = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(content);
        while (reader.ReadLine() is { } line) yield return line;
    }
}
