using FleetTracker.Geodesy;

namespace FleetTracker.Geofences;

/// <summary>
/// The way between two fixes, straight in degrees like the edges of fences, the short way around. It always leads east, so that there and back are
/// the same to the last bit.
/// </summary>
internal readonly struct Way
{
    public Way(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        // Whole turns only, so that a coordinate which needs none stays as it was given.
        var turns = 360 * Math.Round((longitude2 - longitude1) / 360);
        if (Math.Abs(longitude2 - longitude1) <= 180) turns = 0;
        var (east, north) = (longitude2 - turns - longitude1, latitude2 - latitude1);
        (Latitude1, Longitude1, Latitude2, Longitude2) = east > 0 || (east == 0 && north >= 0)
            ? (latitude1, longitude1, latitude2, longitude2 - turns)
            : (latitude2, longitude2, latitude1, longitude1 + turns);
    }

    public double Latitude1 { get; }

    public double Longitude1 { get; }

    public double Latitude2 { get; }

    /// <summary>Never less than <see cref="Longitude1"/>.</summary>
    public double Longitude2 { get; }

    public double South => Math.Min(Latitude1, Latitude2);

    public double North => Math.Max(Latitude1, Latitude2);

    public GeoBox Bounds => new(Longitude1, South, Longitude2, North);

    public double Meters => LocalDistance.Meters(Latitude1, Longitude1, Latitude2, Longitude2);

    /// <summary>The point at a part of the way, 0 to 1.</summary>
    public (double Latitude, double Longitude) At(double part) => (
        Latitude1 + (part * (Latitude2 - Latitude1)),
        Longitude1 + (part * (Longitude2 - Longitude1)));
}
