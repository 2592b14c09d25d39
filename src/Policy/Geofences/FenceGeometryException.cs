namespace FleetTracker.Geofences;

/// <summary>A definition that cannot be a fence: most often its shape, but also its radius, its schedule or a rule.</summary>
/// <param name="where">The place: within the GeoJSON geometry such as <c>coordinates[0][3]</c>, otherwise such as <c>radiusMeters</c> or <c>rules.schedule.timeZone</c>.</param>
/// <param name="what">What is wrong there, with the value.</param>
public sealed class FenceGeometryException(string where, string what) : Exception($"{where}: {what}")
{
    public string Where => where;

    public string What => what;
}
