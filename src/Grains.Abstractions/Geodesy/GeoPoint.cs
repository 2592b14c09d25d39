namespace FleetTracker.Geodesy;

/// <summary>A point on the WGS-84 ellipsoid. Latitude −90…90 and longitude −180…180, both in degrees.</summary>
[GenerateSerializer, Immutable, Alias("GeoPoint")]
public readonly record struct GeoPoint
{
    private GeoPoint(double latitude, double longitude)
    {
        Latitude = latitude;
        Longitude = longitude;
    }

    /// <summary>Degrees north of the equator, −90…90.</summary>
    [Id(0)] public double Latitude { get; }

    /// <summary>Degrees east of Greenwich, −180…180.</summary>
    [Id(1)] public double Longitude { get; }

    public static bool TryCreate(double latitude, double longitude, out GeoPoint point)
    {
        // Phrased as "is inside" so that NaN, which fails every comparison, is refused with the rest.
        var inside = latitude is >= -90 and <= 90 && longitude is >= -180 and <= 180;
        point = inside ? new GeoPoint(latitude, longitude) : default;
        return inside;
    }
}
