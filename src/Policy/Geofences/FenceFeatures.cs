using System.Collections.Immutable;
using System.Text.Json;

namespace FleetTracker.Geofences;

/// <summary>
/// Fences as GeoJSON (RFC 7946): a FeatureCollection, or one Feature. Areas are Polygon and MultiPolygon; circles are Point and corridors LineString
/// features with a property <c>radiusMeters</c>. The name is the property <c>name</c>, else the feature's id.
/// </summary>
public static class FenceFeatures
{
    public static FenceFile Read(Stream stream, FenceFileLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= new();
        using var content = FenceFile.ReadBounded(stream, limits.MaxBytes);
        if (content is null) return FenceFile.Unreadable("file", $"is larger than {limits.MaxBytes} bytes");

        try
        {
            using var document = JsonDocument.Parse(content);
            return Read(document.RootElement, limits);
        }
        catch (JsonException e)
        {
            return FenceFile.Unreadable($"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", "is not JSON");
        }
    }

    public static void Write(Stream stream, IEnumerable<DrawnFence> fences)
    {
        ArgumentNullException.ThrowIfNull(fences);
        using var writer = new Utf8JsonWriter(stream);
        writer.WriteStartObject();
        writer.WriteString("type", "FeatureCollection");
        writer.WriteStartArray("features");
        foreach (var fence in fences) Write(writer, fence);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static FenceFile Read(JsonElement root, FenceFileLimits limits)
    {
        if (root.ValueKind != JsonValueKind.Object) return FenceFile.Unreadable("file", $"must be an object, is {PositionReader.Word(root)}");
        var type = Text(root, "type");
        var read = new FenceFile.Builder(limits);
        if (type == "Feature")
        {
            read.Add("feature", () => Feature(root, "Fence 1", limits));
            return read.Build();
        }

        if (type != "FeatureCollection") return FenceFile.Unreadable("type", $"must be FeatureCollection or Feature, is {(type is null ? "missing" : $"'{type}'")}");
        if (!root.TryGetProperty("features", out var features)) return FenceFile.Unreadable("features", "is missing");
        if (features.ValueKind != JsonValueKind.Array) return FenceFile.Unreadable("features", $"must be an array, is {PositionReader.Word(features)}");

        var i = 0;
        foreach (var feature in features.EnumerateArray())
        {
            read.Add($"features[{i}]", () => Feature(feature, $"Fence {i + 1}", limits));
            if (read.IsFull) break;
            i++;
        }

        return read.Build();
    }

    private static DrawnFence Feature(JsonElement feature, string unnamed, FenceFileLimits limits)
    {
        if (feature.ValueKind != JsonValueKind.Object) throw new FenceGeometryException("feature", $"must be an object, is {PositionReader.Word(feature)}");
        if (Text(feature, "type") != "Feature") throw new FenceGeometryException("type", "must be Feature");
        if (!feature.TryGetProperty("geometry", out var geometry)) throw new FenceGeometryException("geometry", "is missing");

        var properties = feature.TryGetProperty("properties", out var given) && given.ValueKind == JsonValueKind.Object
            ? given.EnumerateObject().GroupBy(property => property.Name, StringComparer.Ordinal).ToImmutableSortedDictionary(same => same.Key, same => same.Last().Value.Clone(), StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, JsonElement>.Empty;
        var name = properties.TryGetValue("name", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() is { Length: > 0 } text ? text
            : feature.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number ? id.ToString()
            : unnamed;
        try
        {
            return DrawnFence.Of(name, geometry, Radius(properties), properties.RemoveRange(["name", FenceFile.RadiusMeters]), limits.MaxPoints);
        }
        catch (FenceGeometryException e)
        {
            var where = e.Where is "geometry" ? e.Where : e.Where == FenceFile.RadiusMeters ? $"properties.{e.Where}" : $"geometry.{e.Where}";
            throw new FenceGeometryException(where, e.What);
        }
    }

    private static double? Radius(ImmutableSortedDictionary<string, JsonElement> properties)
    {
        if (!properties.TryGetValue(FenceFile.RadiusMeters, out var radius) || radius.ValueKind == JsonValueKind.Null) return null;
        return radius.ValueKind == JsonValueKind.Number ? radius.GetDouble() : throw new FenceGeometryException(FenceFile.RadiusMeters, $"must be a number, is {PositionReader.Word(radius)}");
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static void Write(Utf8JsonWriter writer, DrawnFence fence)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Feature");
        writer.WriteStartObject("properties");
        writer.WriteString("name", fence.Name);
        if (fence.RadiusMeters is { } meters) writer.WriteNumber(FenceFile.RadiusMeters, meters);
        foreach (var (name, value) in fence.Properties)
        {
            if (name is "name" or FenceFile.RadiusMeters) continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.WritePropertyName("geometry");
        writer.WriteRawValue(fence.Geometry);
        writer.WriteEndObject();
    }
}
