using System.Globalization;
using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>A stretch of time of one vehicle, by whoever says so.</summary>
internal readonly record struct Stretch(string Vehicle, DateTimeOffset From, DateTimeOffset To, string Subject = "")
{
    public TimeSpan Length => To - From;

    public TimeSpan Common(Stretch other)
    {
        if (!string.Equals(Vehicle, other.Vehicle, StringComparison.Ordinal) || !string.Equals(Subject, other.Subject, StringComparison.Ordinal)) return TimeSpan.Zero;
        var common = (To < other.To ? To : other.To) - (From > other.From ? From : other.From);
        return common > TimeSpan.Zero ? common : TimeSpan.Zero;
    }
}

/// <summary>An enter or exit, or being inside at the first fix.</summary>
internal readonly record struct Transition(string Vehicle, DateTimeOffset At, string FenceId, string Event);

/// <summary>A folder with <c>traces</c>, <c>geofences</c> and <c>reference</c>.</summary>
internal sealed class Recordings(DirectoryInfo folder)
{
    public bool Has(string path) => File.Exists(Path.Combine(folder.FullName, path));

    /// <summary>
    /// Rows of each vehicle in the order of their arrival, received at once. Rows of one instant keep the order of the file, as the references have it:
    /// their digest is their number.
    /// </summary>
    /// <param name="believesZero">Whether 0,0 is a place, as it is to the references of raw fixes.</param>
    public IReadOnlyDictionary<string, List<Fix>> Rows(string trace, DateTimeOffset from = default, bool believesZero = false)
    {
        var vehicles = new Dictionary<string, List<Fix>>(StringComparer.Ordinal);
        using var reader = TraceFile.Open(Path.Combine(folder.FullName, "traces", trace + ".csv.gz"));
        var number = 0;
        foreach (var row in CsvTrace.Rows(reader))
        {
            number++;
            if (row.FixedAt < from) continue;
            if (!vehicles.TryGetValue(row.Vehicle, out var rows)) vehicles[row.Vehicle] = rows = [];
            var newest = rows.Count > 0 ? rows[^1].ReceivedAt : row.FixedAt;
            rows.Add(new Fix
            {
                Tenant = "default",
                VehicleId = row.Vehicle,
                DeviceId = row.Vehicle,
                FixedAt = row.FixedAt,
                ReceivedAt = row.FixedAt > newest ? row.FixedAt : newest,
                Digest = number,
                Verdict = row is { Latitude: 0, Longitude: 0 } && !believesZero ? FixVerdict.NullIsland : FixVerdict.Accepted,
                Latitude = row.Latitude,
                Longitude = row.Longitude,
                SpeedMetersPerSecond = row.Speed,
                HeadingDegrees = row.Heading,
                AccuracyMeters = row.Accuracy,
            });
        }

        return vehicles;
    }

    /// <param name="refused">Gets the ids of those that the engine refuses, since their outline crosses itself.</param>
    public FenceSnapshot Fences(string name, ISet<string> refused)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "geofences", name + ".geojson")));
        var fences = new List<Fence>();
        foreach (var feature in file.RootElement.GetProperty("features").EnumerateArray())
        {
            var id = feature.GetProperty("id").ToString();
            try
            {
                fences.Add(Compile(id, feature.GetProperty("geometry").GetRawText()));
            }
            catch (FenceGeometryException)
            {
                refused.Add(id);
            }
        }

        return FenceSnapshot.Build(fences);
    }

    public List<Transition> Transitions(string trace, string fences, ISet<string> refused) =>
    [
        .. Lines($"reference/geofence_transitions.{trace}.{fences}.csv").Select(fields => new Transition(fields[0], Time(fields[1]), fields[2], fields[3]))
            .Where(transition => !refused.Contains(transition.FenceId)),
    ];

    public List<Stretch> Trips(string file, string from, string to)
    {
        var header = File.ReadLines(Path.Combine(folder.FullName, "traces", file)).First().Split(',');
        var (fromField, toField) = (Array.IndexOf(header, from), Array.IndexOf(header, to));
        return [.. Lines("traces/" + file).Select(fields => new Stretch(fields[0], Time(fields[fromField]), Time(fields[toField])))];
    }

    private static Fence Compile(string id, string geometry) => Fence.Compile(new Geofence
    {
        Id = id,
        Tenant = "default",
        Name = id,
        Version = 1,
        ValidFrom = DateTimeOffset.MinValue,
        ShapeKind = GeofenceShapeKind.Area,
        Geometry = geometry,
    });

    private IEnumerable<string[]> Lines(string path) => File.ReadLines(Path.Combine(folder.FullName, path)).Skip(1).Select(line => line.Split(','));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
