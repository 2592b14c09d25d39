namespace FleetTracker.Geodesy;

/// <summary>The ellipsoid of WGS 84 (NIMA TR8350.2): the defining constants, and what follows from them.</summary>
public static class Wgs84
{
    /// <summary>Equatorial radius a, in meters.</summary>
    public const double EquatorialRadiusMeters = 6_378_137;

    /// <summary>Flattening f.</summary>
    public const double Flattening = 1 / 298.257223563;

    /// <summary>Polar radius b = a(1 − f), in meters.</summary>
    public const double PolarRadiusMeters = EquatorialRadiusMeters * (1 - Flattening);

    /// <summary>Square of the first eccentricity, e² = f(2 − f).</summary>
    public const double EccentricitySquared = Flattening * (2 - Flattening);

    /// <summary>Square of the second eccentricity, e′² = e² / (1 − f)².</summary>
    public const double SecondEccentricitySquared = EccentricitySquared / ((1 - Flattening) * (1 - Flattening));

    /// <summary>Third flattening, n = f / (2 − f).</summary>
    public const double ThirdFlattening = Flattening / (2 - Flattening);

    /// <summary>Half of a meridian's circumference is the longest shortest way, in meters: from pole to pole.</summary>
    public const double LongestDistanceMeters = 20_003_931.458625;
}
