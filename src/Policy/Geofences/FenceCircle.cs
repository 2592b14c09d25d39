using FleetTracker.Geodesy;

namespace FleetTracker.Geofences;

/// <summary>All points within a geodesic distance of one point, the distance included.</summary>
internal sealed class FenceCircle(double latitude, double longitude, double radiusMeters) : FenceShape
{
    public override GeoBox Bounds { get; } = new GeoBox(longitude, latitude, longitude, latitude).Widened(radiusMeters).Turned();

    public override bool Covers(double latitude1, double longitude1) =>
        latitude1 >= Bounds.South && latitude1 <= Bounds.North && LocalDistance.Meters(latitude, longitude, latitude1, longitude1) <= radiusMeters;

    public override double MetersOutside(double latitude1, double longitude1) =>
        Math.Max(0, LocalDistance.Meters(latitude, longitude, latitude1, longitude1) - radiusMeters);

    public override double MetersInside(in Way way)
    {
        var center = new Line(latitude, longitude, latitude, longitude);
        return center.TryStretch(way, radiusMeters, out var inside) ? (inside.To - inside.From) * way.Meters : 0;
    }
}
