namespace FleetTracker.Geofences;

/// <summary>What a fence covers. Immutable, safe from any thread.</summary>
internal abstract class FenceShape
{
    /// <summary>Holds every point that the shape covers; its west side lies within -180 to 180.</summary>
    public abstract GeoBox Bounds { get; }

    public abstract bool Covers(double latitude, double longitude);

    public abstract double MetersOutside(double latitude, double longitude);

    public abstract double MetersInside(in Way way);
}
