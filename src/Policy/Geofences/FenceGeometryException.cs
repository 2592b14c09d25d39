namespace FleetTracker.Geofences;

/// <summary>A shape that cannot be a fence.</summary>
/// <param name="where">The place in the GeoJSON geometry, such as <c>coordinates[0][3]</c>.</param>
/// <param name="what">What is wrong there, with the value.</param>
public sealed class FenceGeometryException(string where, string what) : Exception($"{where}: {what}")
{
    public string Where => where;

    public string What => what;
}
