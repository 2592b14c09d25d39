using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace FleetTracker.Geofences;

/// <summary>A fence as files have it: what was drawn, before it has an id, a version and rules.</summary>
public sealed record DrawnFence
{
    public required string Name { get; init; }

    public required GeofenceShapeKind ShapeKind { get; init; }

    /// <summary>A GeoJSON geometry as JSON text.</summary>
    public required string Geometry { get; init; }

    public double? RadiusMeters { get; init; }

    /// <summary>What else the file says of it, besides name and radius.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Properties { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    public static DrawnFence Of(Geofence fence)
    {
        ArgumentNullException.ThrowIfNull(fence);
        return new DrawnFence { Name = fence.Name, ShapeKind = fence.ShapeKind, Geometry = fence.Geometry, RadiusMeters = fence.RadiusMeters };
    }

    /// <exception cref="FenceGeometryException">It cannot be a fence.</exception>
    internal static DrawnFence Of(string name, JsonElement geometry, double? radiusMeters, ImmutableSortedDictionary<string, JsonElement> properties, int maxPoints)
    {
        var type = geometry.ValueKind == JsonValueKind.Object && geometry.TryGetProperty("type", out var typed) && typed.ValueKind == JsonValueKind.String ? typed.GetString() : null;
        var kind = type switch
        {
            "Point" => GeofenceShapeKind.Circle,
            "LineString" => GeofenceShapeKind.Corridor,
            _ => GeofenceShapeKind.Area,
        };
        if (kind != GeofenceShapeKind.Area && radiusMeters is null)
        {
            throw new FenceGeometryException(
                FenceFile.RadiusMeters, $"is missing; a {type} is {(kind == GeofenceShapeKind.Circle ? "a circle, which needs its radius" : "a corridor, which needs half of its width")}");
        }

        switch (kind)
        {
            case GeofenceShapeKind.Circle: FenceGeoJson.ReadCircle(geometry, radiusMeters); break;
            case GeofenceShapeKind.Corridor: FenceGeoJson.ReadCorridor(geometry, radiusMeters, maxPoints); break;
            case GeofenceShapeKind.Area when radiusMeters is { } meters:
                throw new FenceGeometryException(FenceFile.RadiusMeters, string.Create(CultureInfo.InvariantCulture, $"must be absent for an area, is {meters}"));
            default: FenceGeoJson.ReadArea(geometry, maxPoints); break;
        }

        return new DrawnFence
        {
            // Type and coordinates alone: whatever else stands in a geometry says nothing about what it covers.
            Name = name, ShapeKind = kind, Geometry = $$"""{"type":"{{type}}","coordinates":{{JsonSerializer.Serialize(geometry.GetProperty("coordinates"))}}}""",
            RadiusMeters = radiusMeters, Properties = properties,
        };
    }
}
