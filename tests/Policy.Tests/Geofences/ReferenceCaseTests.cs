using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.IO;

namespace FleetTracker.Geofences;

/// <summary>The cases that other engines hold themselves to. Where we answer differently is argued in docs/correctness.md.</summary>
public sealed class ReferenceCaseTests
{
    // Their plane is larger than the Earth in degrees. A power of two changes no digit.
    private static readonly AffineTransformation Shrunk = AffineTransformation.ScaleInstance(1.0 / 8, 1.0 / 8);

    [Fact]
    public void Points_lie_in_on_and_outside_of_polygons_as_jts_has_it()
    {
        var asked = 0;
        foreach (var one in Cases("jts_point_in_polygon_cases.json"))
        {
            var (a, b) = (Read(one.GetProperty("A")), Read(one.GetProperty("B")));
            var (points, polygons) = a.Dimension == Dimension.Point ? (a, b) : (b, a);
            var area = new FenceArea(polygons);
            var places = points.Coordinates.Select(point => area.Locate(point.X, point.Y)).ToHashSet();
            Assert.All(points.Coordinates, point => Assert.Equal(area.Locate(point.X, point.Y) != Location.Exterior, area.Covers(point.Y, point.X)));
            foreach (var test in one.GetProperty("tests").EnumerateArray())
            {
                if (Expected(test, places, areaIsFirst: test.GetProperty("arg1").GetString() == (polygons == a ? "A" : "B")) is not { } holds) continue;
                asked++;
                Assert.True(holds, $"{one.GetProperty("desc")}: {test}");
            }
        }

        Assert.Equal(284, asked);
    }

    [Fact]
    public void Objects_enter_leave_and_cross_fences_as_in_tile38()
    {
        var asked = 0;
        foreach (var one in Cases("tile38_fence_cases.json"))
        {
            // Objects that roam near each other are no fences.
            if (!one.TryGetProperty("fences", out var drawn)) continue;

            var fence = Tile38Fence(drawn.GetProperty("f"));
            (double Latitude, double Longitude)? before = null;
            var seen = new List<string[]>();
            foreach (var update in one.GetProperty("updates").EnumerateArray())
            {
                var (latitude, longitude) = (update[1].GetDouble(), update[2].GetDouble());
                var (was, now) = (before is { } last && fence.Covers(last.Latitude, last.Longitude), fence.Covers(latitude, longitude));
                var crossed = before is { } from && !was && !now && fence.MetersInside(from.Latitude, from.Longitude, latitude, longitude) > 0;
                seen.Add(now ? was ? ["inside"] : ["enter", "inside"] : was ? ["exit", "outside"] : crossed ? ["cross", "outside"] : ["outside"]);
                before = (latitude, longitude);
            }

            if (one.TryGetProperty("detect", out var detect))
            {
                var wanted = detect.EnumerateArray().Select(word => word.GetString()).ToHashSet(StringComparer.Ordinal);
                seen = [.. seen.Select(words => words.Where(wanted.Contains).ToArray())];
            }

            var expected = one.TryGetProperty("expectedPerUpdate", out var perUpdate)
                ? perUpdate.EnumerateArray().Select(words => string.Join(',', words.EnumerateArray().Select(word => word.GetString()!.Split(':')[0])))
                : one.GetProperty("expectedSequence").EnumerateArray().Select(word => word.GetString()!);
            Assert.Equal(expected, seen.Select(words => string.Join(',', words)));
            asked += seen.Count;
        }

        Assert.Equal(7, asked);
    }

    [Fact]
    public void Points_and_ways_meet_fences_as_in_traccar()
    {
        var asked = 0;
        foreach (var one in Cases("traccar_geofence_cases.json"))
        {
            if (!one.TryGetProperty("shape", out var shape)) continue;

            var fence = TraccarFence(shape);
            foreach (var point in Rows(one, "contains"))
            {
                asked++;
                Assert.True(point[2].GetBoolean() == fence.Covers(point[0].GetDouble(), point[1].GetDouble()), $"{one.GetProperty("name")}: {point}");
            }

            foreach (var way in Rows(one, "intersectsSegment"))
            {
                asked++;
                var meters = fence.MetersInside(way[0].GetDouble(), way[1].GetDouble(), way[2].GetDouble(), way[3].GetDouble());
                Assert.True(way[4].GetBoolean() == meters > 0, $"{one.GetProperty("name")}: {way}, {meters} m");
            }
        }

        Assert.Equal(16, asked);
    }

    [Fact]
    public void Distances_to_a_line_are_those_of_traccar()
    {
        var rows = Cases("traccar_geofence_cases.json").SelectMany(one => Rows(one, "distanceToSegmentM")).ToArray();
        Assert.Equal(2, rows.Length);
        foreach (var row in rows)
        {
            var numbers = row.EnumerateArray().Select(number => number.GetDouble()).ToArray();
            var line = new Line(numbers[2], numbers[3], numbers[4], numbers[5]);
            Assert.Equal(numbers[6], line.Meters(new LocalFrame(numbers[0], numbers[1])), numbers[7]);
        }
    }

    private static bool? Expected(JsonElement test, HashSet<Location> places, bool areaIsFirst)
    {
        var (some, outside) = (places.Any(place => place != Location.Exterior), places.Contains(Location.Exterior));
        var allCovered = !outside;
        bool Is(bool answer) => answer == (test.GetProperty("expected").GetString() == "true");
        return test.GetProperty("op").GetString() switch
        {
            "intersects" => Is(some),
            "disjoint" => Is(!some),
            "touches" => Is(places.Contains(Location.Boundary) && !places.Contains(Location.Interior)),
            "covers" => Is(areaIsFirst && allCovered),
            "coveredBy" => Is(!areaIsFirst && allCovered),
            "contains" => Is(areaIsFirst && allCovered && places.Contains(Location.Interior)),
            "within" => Is(!areaIsFirst && allCovered && places.Contains(Location.Interior)),
            "crosses" => Is(places.Contains(Location.Interior) && outside),
            "relate" when !areaIsFirst => Is(test.GetProperty("pattern").GetString()!.StartsWith(
                string.Concat(Mark(places, Location.Interior), Mark(places, Location.Boundary), Mark(places, Location.Exterior)), StringComparison.Ordinal)),
            // Equality and overlap are about areas alone.
            _ => null,
        };
    }

    private static char Mark(HashSet<Location> places, Location place) => places.Contains(place) ? '0' : 'F';

    private static Geometry Read(JsonElement wellKnownText) => Shrunk.Transform(new WKTReader().Read(wellKnownText.GetString()));

    private static Fence Tile38Fence(JsonElement fence)
    {
        if (fence.TryGetProperty("circle", out var circle)) return Drawn.Circle(circle[0].GetDouble(), circle[1].GetDouble(), circle[2].GetDouble());
        var bounds = fence.GetProperty("bounds");
        return Drawn.Box(bounds[1].GetDouble(), bounds[0].GetDouble(), bounds[3].GetDouble(), bounds[2].GetDouble());
    }

    private static Fence TraccarFence(JsonElement shape)
    {
        (double, double)[] Points() => [.. shape.GetProperty("latLon").EnumerateArray().Select(point => (point[0].GetDouble(), point[1].GetDouble()))];
        return shape.GetProperty("type").GetString() switch
        {
            "circle" => Drawn.Circle(shape.GetProperty("lat").GetDouble(), shape.GetProperty("lon").GetDouble(), shape.GetProperty("radiusM").GetDouble()),
            "polyline" => Drawn.Corridor(shape.GetProperty("distanceM").GetDouble(), Points()),
            _ => Drawn.Area([.. Points().Distinct()]),
        };
    }

    private static JsonElement.ArrayEnumerator Rows(JsonElement one, string name) => one.TryGetProperty(name, out var rows) ? rows.EnumerateArray() : default;

    private static List<JsonElement> Cases(string name)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", name)));
        return [.. file.RootElement.GetProperty("cases").Clone().EnumerateArray()];
    }
}
