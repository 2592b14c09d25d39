using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;

namespace FleetTracker.Geofences;

/// <summary>The geometry of a Placemark as GeoJSON, and back. Altitudes are left out.</summary>
internal static class KmlGeometry
{
    private static readonly string[] Known = ["Polygon", "MultiGeometry", "Point", "LineString"];
    private static readonly string[] Unknown = ["LinearRing", "Model", "Track", "MultiTrack"];

    /// <summary>A MultiGeometry in another one, and so on: nobody draws that.</summary>
    private const int MaxDepth = 8;

    public static string ToGeoJson(XElement placemark, int maxPoints)
    {
        var found = placemark.Elements().Where(child => Known.Contains(child.Name.LocalName, StringComparer.Ordinal)).ToArray();
        if (found.Length == 0)
        {
            var other = placemark.Elements().FirstOrDefault(child => Unknown.Contains(child.Name.LocalName, StringComparer.Ordinal));
            throw new FenceGeometryException("geometry", other is null
                ? "is missing; must be a Polygon, a MultiGeometry of Polygons, a Point or a LineString"
                : $"must be a Polygon, a MultiGeometry of Polygons, a Point or a LineString, is a {other.Name.LocalName}");
        }

        if (found.Length > 1) throw new FenceGeometryException("geometry", $"must be one, are {found.Length}");
        var reader = new Reader(maxPoints);
        var parts = Parts(found[0], 0).ToArray();
        if (parts.Length == 0) throw new FenceGeometryException("MultiGeometry", "has no Polygon");
        if (parts.Length == 1) return reader.One(parts[0]);

        var strange = parts.FirstOrDefault(part => part.Name.LocalName != "Polygon");
        if (strange is not null) throw new FenceGeometryException("MultiGeometry", $"must have Polygons alone, has a {strange.Name.LocalName}");
        return $$"""{"type":"MultiPolygon","coordinates":[{{string.Join(',', parts.Select((part, i) => reader.Polygon(part, $"Polygon[{i}]")))}}]}""";
    }

    public static XElement FromGeoJson(JsonElement geometry, XNamespace kml)
    {
        var coordinates = geometry.GetProperty("coordinates");
        return geometry.GetProperty("type").GetString() switch
        {
            "Point" => new XElement(kml + "Point", new XElement(kml + "coordinates", Position(coordinates))),
            "LineString" => new XElement(kml + "LineString", new XElement(kml + "coordinates", Positions(coordinates))),
            "Polygon" => Polygon(coordinates, kml),
            _ => new XElement(kml + "MultiGeometry", coordinates.EnumerateArray().Select(polygon => Polygon(polygon, kml))),
        };
    }

    private static IEnumerable<XElement> Parts(XElement geometry, int depth)
    {
        if (geometry.Name.LocalName != "MultiGeometry") return [geometry];
        if (depth == MaxDepth) throw new FenceGeometryException("MultiGeometry", $"is nested more than {MaxDepth} deep");
        return geometry.Elements().SelectMany(child => Parts(child, depth + 1));
    }

    private static XElement Polygon(JsonElement rings, XNamespace kml) => new(
        kml + "Polygon",
        rings.EnumerateArray().Select((ring, i) => new XElement(
            kml + (i == 0 ? "outerBoundaryIs" : "innerBoundaryIs"), new XElement(kml + "LinearRing", new XElement(kml + "coordinates", Positions(ring))))));

    private static string Positions(JsonElement positions) => string.Join(' ', positions.EnumerateArray().Select(Position));

    private static string Position(JsonElement position)
    {
        // KML has longitudes within ±180 only. Who reads it joins neighbors the short way around, as we do.
        var longitude = position[0].GetDouble();
        var text = Math.Abs(longitude) <= 180 ? position[0].GetRawText() : Math.IEEERemainder(longitude, 360).ToString(CultureInfo.InvariantCulture);
        return $"{text},{position[1].GetRawText()}";
    }

    private sealed class Reader(int maxPoints)
    {
        private int _points;

        public string One(XElement geometry) => geometry.Name.LocalName switch
        {
            "Polygon" => $$"""{"type":"Polygon","coordinates":{{Polygon(geometry, "Polygon")}}}""",
            "LineString" => $$"""{"type":"LineString","coordinates":[{{Positions(geometry, "LineString")}}]}""",
            "Point" => $$"""{"type":"Point","coordinates":{{Point(geometry)}}}""",
            var other => throw new FenceGeometryException("MultiGeometry", $"must have Polygons alone, has a {other}"),
        };

        public string Polygon(XElement polygon, string where)
        {
            var outer = Rings(polygon, "outerBoundaryIs", where).ToArray();
            if (outer.Length != 1) throw new FenceGeometryException($"{where}.outerBoundaryIs", outer.Length == 0 ? "is missing" : $"must be one, are {outer.Length}");
            return $"[{string.Join(',', outer.Concat(Rings(polygon, "innerBoundaryIs", where)).Select(ring => $"[{ring}]"))}]";
        }

        private IEnumerable<string> Rings(XElement polygon, string boundary, string where) => polygon.Elements()
            .Where(child => child.Name.LocalName == boundary)
            .SelectMany(child => child.Elements().Where(ring => ring.Name.LocalName == "LinearRing"))
            .Select((ring, i) => Positions(ring, $"{where}.{boundary}{(boundary == "innerBoundaryIs" ? $"[{i}]" : "")}"));

        private string Point(XElement point)
        {
            var read = Positions(point, "Point");
            return read.IndexOf("],[", StringComparison.Ordinal) < 0 ? read : throw new FenceGeometryException("Point.coordinates", "must be one position, are several");
        }

        private string Positions(XElement element, string where)
        {
            where += ".coordinates";
            var coordinates = element.Elements().FirstOrDefault(child => child.Name.LocalName == "coordinates")
                ?? throw new FenceGeometryException(where, "is missing");
            var read = new StringBuilder();
            var i = 0;
            foreach (var tuple in coordinates.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                if (++_points > maxPoints) throw new FenceGeometryException($"{where}[{i}]", $"is beyond the {maxPoints} positions that a fence may have");
                var numbers = tuple.Split(',');
                if (numbers.Length is not (2 or 3) || numbers.Contains("", StringComparer.Ordinal))
                    throw new FenceGeometryException($"{where}[{i}]", $"must be longitude,latitude or longitude,latitude,altitude without spaces, is '{tuple}'");
                if (i > 0) read.Append(',');
                read.Append(CultureInfo.InvariantCulture, $"[{Number(numbers[0], where, i):R},{Number(numbers[1], where, i):R}]");
                i++;
            }

            return i > 0 ? read.ToString() : throw new FenceGeometryException(where, "is empty");
        }

        private static double Number(string text, string where, int i) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number
                : throw new FenceGeometryException($"{where}[{i}]", $"must be numbers of degrees, has '{text}'");
    }
}
