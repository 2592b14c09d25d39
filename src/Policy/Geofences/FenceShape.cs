namespace FleetTracker.Geofences;

/// <summary>What a fence covers. Immutable, safe from any thread.</summary>
internal abstract class FenceShape
{
    /// <summary>Holds every point that the shape covers; its west side lies within -180 to 180.</summary>
    public abstract GeoBox Bounds { get; }

    /// <summary>How far apart its furthest sides are, about: what must not be smaller than the error of a fix or the gap between two.</summary>
    public abstract double AcrossMeters { get; }

    public abstract bool Covers(double latitude, double longitude);

    public abstract double MetersOutside(double latitude, double longitude);

    public abstract double MetersInside(in Way way);
}
