using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace FleetTracker.Geofences;

/// <summary>
/// Fences as KML 2.2: each Placemark is one. Areas are a Polygon, or a MultiGeometry of them; circles a Point and corridors a LineString, with
/// <c>radiusMeters</c> in their ExtendedData. Other data becomes properties. Document types and external entities are refused.
/// </summary>
public static class FenceKml
{
    private static readonly XNamespace Kml = "http://www.opengis.net/kml/2.2";

    public static FenceFile Read(Stream stream, FenceFileLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= new();
        using var content = FenceFile.ReadBounded(stream, limits.MaxBytes);
        if (content is null) return FenceFile.Unreadable("file", $"is larger than {limits.MaxBytes} bytes");

        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, IgnoreWhitespace = true,
        };
        var read = new FenceFile.Builder(limits);
        try
        {
            using var reader = XmlReader.Create(content, settings);
            ReadPlacemarks(reader, read, limits);
        }
        catch (XmlException e)
        {
            read.Stop(e.LineNumber > 0 ? $"line {e.LineNumber}, column {e.LinePosition}" : "file", e.Message.Contains("DTD", StringComparison.Ordinal) ? "has a document type, which is refused" : "is not XML");
        }

        return read.Build();
    }

    public static void Write(Stream stream, IEnumerable<DrawnFence> fences)
    {
        ArgumentNullException.ThrowIfNull(fences);
        using var writer = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, CloseOutput = false });
        new XDocument(new XElement(Kml + "kml", new XElement(Kml + "Document", fences.Select(Placemark)))).Save(writer);
    }

    private static void ReadPlacemarks(XmlReader reader, FenceFile.Builder read, FenceFileLimits limits)
    {
        reader.MoveToContent();
        if (reader.LocalName != "kml")
        {
            read.Stop("file", $"must be kml, is {reader.LocalName}");
            return;
        }

        var number = 0;
        while (!reader.EOF && !read.IsFull)
        {
            if (reader is not { NodeType: XmlNodeType.Element, LocalName: "Placemark" })
            {
                reader.Read();
                continue;
            }

            number++;
            var line = ((IXmlLineInfo)reader).LineNumber;
            var placemark = (XElement)XNode.ReadFrom(reader);
            var name = Child(placemark, "name")?.Value.Trim() is { Length: > 0 } given ? given : $"Fence {number}";
            read.Add($"line {line}, Placemark '{name}'", () => Placemark(placemark, name, limits));
        }
    }

    private static DrawnFence Placemark(XElement placemark, string name, FenceFileLimits limits)
    {
        var properties = Properties(placemark);
        double? meters = null;
        if (properties.TryGetValue(FenceFile.RadiusMeters, out var text))
        {
            meters = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number
                : throw new FenceGeometryException(FenceFile.RadiusMeters, $"must be a number, is '{text}'");
        }

        using var geometry = JsonDocument.Parse(KmlGeometry.ToGeoJson(placemark, limits.MaxPoints));
        return DrawnFence.Of(
            name, geometry.RootElement, meters,
            properties.Remove(FenceFile.RadiusMeters).ToImmutableSortedDictionary(one => one.Key, one => JsonSerializer.SerializeToElement(one.Value), StringComparer.Ordinal),
            limits.MaxPoints);
    }

    private static ImmutableDictionary<string, string> Properties(XElement placemark)
    {
        var properties = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (Child(placemark, "description")?.Value.Trim() is { Length: > 0 } description) properties["description"] = description;
        foreach (var data in Child(placemark, "ExtendedData")?.Descendants() ?? [])
        {
            var value = data.Name.LocalName switch
            {
                "Data" => Child(data, "value")?.Value,
                "SimpleData" => data.Value,
                _ => null,
            };
            if (value is not null && data.Attribute("name")?.Value is { Length: > 0 } name) properties[name] = value.Trim();
        }

        return properties.ToImmutable();
    }

    private static XElement? Child(XElement element, string name) => element.Elements().FirstOrDefault(child => child.Name.LocalName == name);

    private static XElement Placemark(DrawnFence fence)
    {
        using var geometry = JsonDocument.Parse(fence.Geometry);
        var data = fence.Properties.Where(property => property.Key is not ("description" or FenceFile.RadiusMeters)).Select(property => (property.Key, Value: Text(property.Value)));
        if (fence.RadiusMeters is { } meters) data = data.Prepend((FenceFile.RadiusMeters, meters.ToString(CultureInfo.InvariantCulture)));
        var extended = data.Select(one => new XElement(Kml + "Data", new XAttribute("name", Printable(one.Item1)), new XElement(Kml + "value", Printable(one.Item2)))).ToArray();
        return new XElement(
            Kml + "Placemark",
            new XElement(Kml + "name", Printable(fence.Name)),
            fence.Properties.TryGetValue("description", out var description) ? new XElement(Kml + "description", Printable(Text(description))) : null,
            extended.Length > 0 ? new XElement(Kml + "ExtendedData", extended) : null,
            KmlGeometry.FromGeoJson(geometry.RootElement, Kml));
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>Without what XML has no way to say, such as most control characters.</summary>
    private static string Printable(string text) =>
        text.EnumerateRunes().All(IsPrintable) ? text : string.Concat(text.EnumerateRunes().Where(IsPrintable).Select(rune => rune.ToString()));

    private static bool IsPrintable(System.Text.Rune rune) => !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value);
}
