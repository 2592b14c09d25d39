namespace FleetTracker.Geodesy;

/// <summary>Directions as a person is told them.</summary>
public static class Bearing
{
    /// <summary>
    /// The direction in which the shortest way leaves the first point, clockwise from true north, 0 ≤ b &lt; 360; 0 for the same point. Good to a tenth
    /// of a degree up to 10,000 km; on the other side of the globe directions are about equally short.
    /// </summary>
    public static double Degrees(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        // On the sphere of reduced latitudes, with the longitude stretched to what it is there: the azimuth is the ellipsoid's.
        var (sin1, cos1) = Reduced(latitude1);
        var (sin2, cos2) = Reduced(latitude2);
        var mean = (cos1 + cos2) / 2;
        var longitude = Math.IEEERemainder(longitude2 - longitude1, 360) * (Math.PI / 180);
        var omega = longitude / Math.Sqrt(1 - (Wgs84.EccentricitySquared * mean * mean));
        if (Math.Abs(omega) > Math.PI) omega = longitude;

        // 1 − cos ω as a square: near points would lose their digits in the difference.
        var half = Math.Sin(omega / 2);
        var east = Math.Sin(omega) * cos2;
        var north = (sin2 * cos1) - (cos2 * sin1) + (2 * sin1 * cos2 * half * half);
        var degrees = Math.Atan2(east, north) * (180 / Math.PI);
        degrees = degrees < 0 ? degrees + 360 : degrees;
        return degrees >= 360 ? 0 : degrees;
    }

    private static (double Sin, double Cos) Reduced(double latitude)
    {
        var (sin, cos) = Math.SinCos(latitude * (Math.PI / 180));
        sin *= 1 - Wgs84.Flattening;
        var length = Math.Sqrt((sin * sin) + (cos * cos));
        return (sin / length, cos / length);
    }
}
