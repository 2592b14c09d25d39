using FleetTracker.Geodesy;

namespace FleetTracker.Geofences;

/// <summary>Bounds in degrees. East is never west of West, and counts on past 180 in a box over the antimeridian; 360 apart is all around the Earth.</summary>
internal readonly record struct GeoBox(double West, double South, double East, double North)
{
    /// <summary>The least radius of curvature of the ellipsoid. Both of its radii are larger everywhere, so no way on it is shorter than on this sphere.</summary>
    private const double LeastRadiusMeters = Wgs84.EquatorialRadiusMeters * (1 - Wgs84.EccentricitySquared);

    // A tenth of a millimeter, for the rounding of what follows.
    private const double Slack = 1e-9;

    /// <summary>The fewest meters that a degree of latitude has.</summary>
    public const double LeastMetersPerDegree = LeastRadiusMeters * Math.PI / 180;

    /// <summary>The same box with its west side within -180 to 180, and at most once around.</summary>
    public GeoBox Turned()
    {
        if (East - West >= 360) return this with { West = -180, East = 180 };
        var turns = 360 * Math.Floor((West + 180) / 360);
        return turns == 0 ? this : this with { West = West - turns, East = East - turns };
    }

    /// <summary>A box that holds every point within some meters of this one.</summary>
    public GeoBox Widened(double meters)
    {
        var angle = meters / LeastRadiusMeters;
        var degrees = (angle * 180 / Math.PI) + Slack;
        var (south, north) = (South - degrees, North + degrees);
        // Whoever may go over a pole comes down at any longitude.
        if (south <= -90 || north >= 90) return new GeoBox(-180, Math.Max(-90, south), 180, Math.Min(90, north));

        var furthest = Math.Max(Math.Abs(South), Math.Abs(North)) * Math.PI / 180;
        var across = (Math.Asin(Math.Min(1, Math.Sin(angle) / Math.Cos(furthest))) * 180 / Math.PI) + Slack;
        return new GeoBox(West - across, south, East + across, north);
    }
}
