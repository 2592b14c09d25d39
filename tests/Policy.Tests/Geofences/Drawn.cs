using System.Globalization;

namespace FleetTracker.Geofences;

/// <summary>Fences for tests, in few words.</summary>
internal static class Drawn
{
    public static readonly DateTimeOffset Long = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Fence Area(params (double Latitude, double Longitude)[] outline) =>
        Compile(Polygon(outline));

    public static Fence Box(double west, double south, double east, double north) =>
        Area((south, west), (south, east), (north, east), (north, west));

    public static Fence Circle(double latitude, double longitude, double meters, string id = "f") =>
        Compile(Invariant($$"""{"type":"Point","coordinates":[{{longitude:R}},{{latitude:R}}]}"""), GeofenceShapeKind.Circle, meters, id);

    public static Fence Corridor(double meters, params (double Latitude, double Longitude)[] line) =>
        Compile($$"""{"type":"LineString","coordinates":[{{Positions(line)}}]}""", GeofenceShapeKind.Corridor, meters);

    public static Fence Compile(string geometry, GeofenceShapeKind kind = GeofenceShapeKind.Area, double? meters = null, string id = "f", GeofenceRules? rules = null) =>
        Fence.Compile(Definition(geometry, kind, meters, id, rules));

    public static Geofence Definition(string geometry, GeofenceShapeKind kind = GeofenceShapeKind.Area, double? meters = null, string id = "f", GeofenceRules? rules = null) => new()
    {
        Id = id,
        Tenant = "t",
        Name = id,
        Version = 1,
        ValidFrom = Long,
        ShapeKind = kind,
        Geometry = geometry,
        RadiusMeters = meters,
        Rules = rules ?? new(),
    };

    public static string Polygon(params (double Latitude, double Longitude)[] outline) =>
        $$"""{"type":"Polygon","coordinates":[[{{Positions([.. outline, outline[0]])}}]]}""";

    private static string Positions((double Latitude, double Longitude)[] points) =>
        string.Join(',', points.Select(point => Invariant($"[{point.Longitude:R},{point.Latitude:R}]")));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
