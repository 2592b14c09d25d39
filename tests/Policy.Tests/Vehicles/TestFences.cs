using System.Globalization;
using FleetTracker.Geofences;

namespace FleetTracker.Vehicles;

/// <summary>Fences in meters east and north of the place where <see cref="Trace"/> begins.</summary>
internal static class TestFences
{
    private const double Latitude = 60.17;
    private const double Longitude = 24.94;

    public static Fence Circle(string id, double east, double north, double radius, GeofenceRules? rules = null, DateTimeOffset? from = null, DateTimeOffset? to = null, int version = 1) =>
        Make(id, GeofenceShapeKind.Circle, $$"""{"type":"Point","coordinates":{{At(east, north)}}}""", radius, rules, from, to, version);

    public static Fence Square(string id, double east, double north, double side, GeofenceRules? rules = null, DateTimeOffset? from = null, DateTimeOffset? to = null, int version = 1)
    {
        var half = side / 2;
        string[] ring = [At(east - half, north - half), At(east + half, north - half), At(east + half, north + half), At(east - half, north + half), At(east - half, north - half)];
        return Make(id, GeofenceShapeKind.Area, $$"""{"type":"Polygon","coordinates":[[{{string.Join(',', ring)}}]]}""", null, rules, from, to, version);
    }

    public static Fence Corridor(string id, (double East, double North)[] line, double radius, GeofenceRules? rules = null) =>
        Make(id, GeofenceShapeKind.Corridor, $$"""{"type":"LineString","coordinates":[{{string.Join(',', line.Select(point => At(point.East, point.North)))}}]}""", radius, rules, null, null, 1);

    private static Fence Make(string id, GeofenceShapeKind kind, string geometry, double? radius, GeofenceRules? rules, DateTimeOffset? from, DateTimeOffset? to, int version) => Fence.Compile(new Geofence
    {
        Id = id,
        Tenant = "default",
        Name = id,
        Version = version,
        ValidFrom = from ?? DateTimeOffset.MinValue,
        ValidTo = to,
        ShapeKind = kind,
        Geometry = geometry,
        RadiusMeters = radius,
        Rules = rules ?? new GeofenceRules(),
    });

    private static string At(double east, double north) => string.Create(CultureInfo.InvariantCulture,
        $"[{Longitude + (east / (111_200 * Math.Cos(Latitude * Math.PI / 180)))},{Latitude + (north / 111_200)}]");
}
