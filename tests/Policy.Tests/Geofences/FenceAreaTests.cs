using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace FleetTracker.Geofences;

/// <summary>Held against answers that were computed or thought out elsewhere.</summary>
public sealed class FenceAreaTests
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "data");

    [Fact]
    public void Points_on_and_beside_the_edges_of_countries_are_told_apart()
    {
        var countries = Fences("countries_10m_hard.geojson.gz");
        var wrong = new List<string>();
        var (asked, verticesCalledOutside) = (0, 0);
        foreach (var line in File.ReadLines(Path.Combine(Data, "points_in_countries.csv")).Skip(1))
        {
            var fields = line.Split(',');
            asked++;
            var (country, latitude, longitude) = (countries[fields[1]], Number(fields[3]), Number(fields[4]));
            if (country.Covers(latitude, longitude) == (fields[5] != "outside")) continue;

            // The list has six points outside that are, to the last digit, corners of the outline in the file (docs/correctness.md): an edge is inside.
            if (country.Corners.Contains((latitude, longitude))) verticesCalledOutside++;
            else wrong.Add(line);
        }

        Assert.Equal((190, 6), (asked, verticesCalledOutside));
        Assert.Empty(wrong);
    }

    [Fact]
    public void An_outline_over_the_antimeridian_is_read_the_short_way_round()
    {
        var fences = Fences("antimeridian_crossing_single_ring.geojson");
        using var points = JsonDocument.Parse(File.ReadAllText(Path.Combine(Data, "antimeridian_ring_points.json")));
        var asked = 0;
        foreach (var one in points.RootElement.GetProperty("cases").EnumerateArray())
        {
            var fence = fences[one.GetProperty("fence").GetString()!];
            foreach (var point in one.GetProperty("points").EnumerateArray())
            {
                asked++;
                Assert.Equal(point[2].GetBoolean(), fence.Covers(point[0].GetDouble(), point[1].GetDouble()));
            }
        }

        Assert.Equal(11, asked);
    }

    [Theory]
    [InlineData(80, 0, true)]
    [InlineData(90, 123, true)]
    [InlineData(70, -180, true)]
    [InlineData(60, 45, false)]
    [InlineData(-90, 0, false)]
    public void An_outline_around_the_earth_encloses_its_pole(double latitude, double longitude, bool isInside)
    {
        using var ring = JsonDocument.Parse("""{"type":"Polygon","coordinates":[[[-180,65],[-60,65],[60,65],[180,65],[-180,65]]]}""");
        Assert.Equal(isInside, FenceGeoJson.ReadArea(ring.RootElement).Covers(latitude, longitude));
    }

    /// <summary>Real buses, real neighborhoods, every transition in its place.</summary>
    [Fact]
    public void Buses_enter_and_leave_the_neighborhoods_of_austin_as_they_did()
    {
        var fences = Fences("austin_neighborhoods.geojson.gz").OrderBy(fence => fence.Key, StringComparer.Ordinal).ToArray();
        var expected = Lines("austin_transitions.csv.gz").Skip(1).Order(StringComparer.Ordinal).ToArray();
        var seen = new List<string>();
        foreach (var bus in AustinFixes().GroupBy(fix => fix.Vehicle, StringComparer.Ordinal))
        {
            HashSet<string>? inside = null;
            foreach (var (_, at, latitude, longitude) in bus.OrderBy(fix => fix.At))
            {
                var now = fences.Where(fence => fence.Value.Covers(latitude, longitude)).Select(fence => fence.Key).ToHashSet(StringComparer.Ordinal);
                var time = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                if (inside is null)
                {
                    seen.AddRange(now.Select(fence => $"{bus.Key},{time},{fence},initial"));
                }
                else
                {
                    seen.AddRange(inside.Except(now, StringComparer.Ordinal).Select(fence => $"{bus.Key},{time},{fence},exit"));
                    seen.AddRange(now.Except(inside, StringComparer.Ordinal).Select(fence => $"{bus.Key},{time},{fence},enter"));
                }

                inside = now;
            }
        }

        Assert.NotEmpty(expected);
        Assert.Equal(expected, seen.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Vehicle, DateTimeOffset At, double Latitude, double Longitude)> AustinFixes()
    {
        var from = DateTimeOffset.Parse("2017-04-18T17:00:00Z", CultureInfo.InvariantCulture);
        foreach (var line in Lines("capmetro_bus_austin.csv.gz").Skip(1))
        {
            var fields = line.Split(',');
            var at = DateTimeOffset.Parse(fields[1], CultureInfo.InvariantCulture);
            if (at >= from) yield return (fields[0], at, Number(fields[2]), Number(fields[3]));
        }
    }

    private static Dictionary<string, FenceArea> Fences(string name)
    {
        using var file = JsonDocument.Parse(string.Join('\n', Lines(name)));
        return file.RootElement.GetProperty("features").EnumerateArray().ToDictionary(
            feature => feature.GetProperty("id").ToString(), feature => new FenceArea(FenceGeoJson.ReadPolygons(feature.GetProperty("geometry"))), StringComparer.Ordinal);
    }

    private static IEnumerable<string> Lines(string name)
    {
        using var file = File.OpenRead(Path.Combine(Data, name));
        using Stream content = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(content);
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
