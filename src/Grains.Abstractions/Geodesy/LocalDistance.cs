namespace FleetTracker.Geodesy;

/// <summary>
/// Distances between fixes that follow each other, cheap enough for every fix: the ellipsoid's radii of curvature at the middle latitude. Where
/// that would be off by more than a millionth, it gives way to <see cref="Geodesic"/>.
/// </summary>
public static class LocalDistance
{
    /// <summary>Up to here the local formula is used: beyond, its error grows with the square of the distance.</summary>
    public const double MaxMeters = 5_000;

    /// <summary>Up to here too: nearer to a pole the meridians run together.</summary>
    public const double MaxLatitude = 70;

    /// <summary>Meters between two points, in degrees. The error is below 1 mm for every kilometer, at any distance.</summary>
    public static double Meters(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        var longitude = Math.IEEERemainder(longitude2 - longitude1, 360);
        var latitude = (latitude1 + latitude2) / 2;
        if (Math.Abs(latitude) <= MaxLatitude)
        {
            var (sin, cos) = Math.SinCos(latitude * (Math.PI / 180));
            var w = 1 - (Wgs84.EccentricitySquared * sin * sin);
            var acrossRadius = Wgs84.EquatorialRadiusMeters / Math.Sqrt(w);
            var alongRadius = acrossRadius * (1 - Wgs84.EccentricitySquared) / w;
            var east = acrossRadius * cos * longitude * (Math.PI / 180);
            var north = alongRadius * (latitude2 - latitude1) * (Math.PI / 180);
            var meters = Math.Sqrt((east * east) + (north * north));
            if (meters <= MaxMeters) return meters;
        }

        return Geodesic.DistanceMeters(latitude1, longitude1, latitude2, longitude2);
    }
}
