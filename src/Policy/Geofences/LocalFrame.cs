using FleetTracker.Geodesy;

namespace FleetTracker.Geofences;

/// <summary>Meters per degree around a point: the flat map on which nearest points are looked for. Distances are then asked of <see cref="LocalDistance"/>.</summary>
internal readonly struct LocalFrame
{
    private readonly double _latitude;
    private readonly double _longitude;
    private readonly double _metersEast;
    private readonly double _metersNorth;

    public LocalFrame(double latitude, double longitude)
    {
        (_latitude, _longitude) = (latitude, longitude);
        var (sin, cos) = Math.SinCos(latitude * (Math.PI / 180));
        var w = 1 - (Wgs84.EccentricitySquared * sin * sin);
        var across = Wgs84.EquatorialRadiusMeters / Math.Sqrt(w);
        _metersEast = across * Math.Max(0, cos) * (Math.PI / 180);
        _metersNorth = across * (1 - Wgs84.EccentricitySquared) / w * (Math.PI / 180);
        // Off by half a percent where the meridians have run together by as much, or at 50 km: a nearest point found there is right to a few
        // hundred-thousandths of its distance, since an error of direction counts by its square.
        TrustedMeters = Math.Min(50_000, 0.005 * Wgs84.PolarRadiusMeters * Math.Max(0, cos) / Math.Max(1e-9, Math.Abs(sin)));
    }

    private LocalFrame(in LocalFrame frame, double longitude)
    {
        this = frame;
        _longitude = longitude;
    }

    public double Latitude => _latitude;

    public double Longitude => _longitude;

    /// <summary>Up to this distance flat meters are off by at most 1 %.</summary>
    public double TrustedMeters { get; }

    /// <summary>The same point in the turn in which it is next to a longitude.</summary>
    public LocalFrame Beside(double longitude) =>
        Math.Abs(_longitude - longitude) <= 180 ? this : new LocalFrame(this, _longitude - (360 * Math.Round((_longitude - longitude) / 360)));

    public double MetersEast(double longitude) => (longitude - _longitude) * _metersEast;

    public double MetersNorth(double latitude) => (latitude - _latitude) * _metersNorth;

    /// <summary>Square of the flat distance to a straight line, and the part of the line, 0 to 1, where it is nearest. NaN in, NaN out.</summary>
    public double Squared(double latitude1, double longitude1, double latitude2, double longitude2, out double part)
    {
        var (x, y) = ((longitude1 - _longitude) * _metersEast, (latitude1 - _latitude) * _metersNorth);
        var (dx, dy) = ((longitude2 - longitude1) * _metersEast, (latitude2 - latitude1) * _metersNorth);
        var length = (dx * dx) + (dy * dy);
        part = length > 0 ? Math.Clamp(-((x * dx) + (y * dy)) / length, 0, 1) : 0;
        (x, y) = (x + (part * dx), y + (part * dy));
        return (x * x) + (y * y);
    }
}
