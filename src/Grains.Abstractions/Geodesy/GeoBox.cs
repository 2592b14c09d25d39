namespace FleetTracker.Geodesy;

/// <summary>A box of latitudes and longitudes in degrees, edges included; west greater than east crosses the antimeridian.</summary>
/// <param name="South">−90…90, not greater than <paramref name="North"/>.</param>
/// <param name="West">−180…180.</param>
public readonly record struct GeoBox(double West, double South, double East, double North)
{
    /// <summary>
    /// The least radius of curvature of the ellipsoid, in meters: along the meridian at the equator. No way is shorter on the ellipsoid than on a sphere of
    /// this radius with the same latitudes and longitudes.
    /// </summary>
    public const double LeastRadiusMeters = Wgs84.EquatorialRadiusMeters * (1 - Wgs84.EccentricitySquared);

    // Degrees by which a box is larger than rounding could make it too small: about a millimeter.
    private const double Margin = 1e-8;

    public static GeoBox World => new(-180, -90, 180, 90);

    /// <summary>A box around everything within a distance of a point; a little larger than need be, never smaller.</summary>
    public static GeoBox Around(double latitude, double longitude, double radiusMeters)
    {
        var angle = radiusMeters / LeastRadiusMeters * (180 / Math.PI);
        var (south, north) = (latitude - angle - Margin, latitude + angle + Margin);
        if (south <= -90 || north >= 90) return new GeoBox(-180, Math.Max(south, -90), 180, Math.Min(north, 90));

        // Where the meridian touches the circle, which is nearer to the pole than the middle.
        var width = (Math.Asin(Math.Sin(angle * (Math.PI / 180)) / Math.Cos(latitude * (Math.PI / 180))) * (180 / Math.PI)) + Margin;
        return width is not < 180 ? new GeoBox(-180, south, 180, north) : new GeoBox(Turned(longitude - width), south, Turned(longitude + width), north);
    }

    /// <summary>The two edges of the world are one meridian.</summary>
    public bool Contains(double latitude, double longitude) =>
        latitude >= South && latitude <= North && (ContainsLongitude(longitude) || (Math.Abs(longitude) == 180 && ContainsLongitude(-longitude)));

    /// <summary>A distance that no point of the box is nearer than; 0 inside.</summary>
    public double LeastMetersFrom(double latitude, double longitude)
    {
        var east = Math.IEEERemainder(East - longitude, 360);
        var west = Math.IEEERemainder(West - longitude, 360);
        var clamped = Math.Clamp(latitude, South, North);
        if (ContainsLongitude(longitude)) return LeastRadiusMeters * Math.Abs(latitude - clamped) * (Math.PI / 180);

        // The nearest point lies on the nearer meridian of the box: where it is nearest to the point, or at an end.
        var (sin, cos) = Math.SinCos(latitude * (Math.PI / 180));
        var cosAcross = Math.Cos(Math.Min(Math.Abs(east), Math.Abs(west)) * (Math.PI / 180));
        var best = Math.Atan2(sin, cos * cosAcross) * (180 / Math.PI);
        var nearest = best >= South && best <= North ? Cosine(best) : Math.Max(Cosine(South), Cosine(North));

        // An arc cosine near 1 is off by centimeters.
        return Math.Max(0, (LeastRadiusMeters * Math.Acos(Math.Clamp(nearest, -1, 1))) - 0.2);

        double Cosine(double other)
        {
            var (sinOther, cosOther) = Math.SinCos(other * (Math.PI / 180));
            return (sin * sinOther) + (cos * cosAcross * cosOther);
        }
    }

    private bool ContainsLongitude(double longitude) =>
        West <= East ? longitude >= West && longitude <= East : longitude >= West || longitude <= East;

    private static double Turned(double longitude) => longitude < -180 ? longitude + 360 : longitude > 180 ? longitude - 360 : longitude;
}
