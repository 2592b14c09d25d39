using System.Collections.Frozen;

namespace FleetTracker.Silo;

/// <summary>The services that a silo can be limited to, by the namespaces of their grains.</summary>
internal static class SiloFeatures
{
    public static readonly FrozenDictionary<string, string[]> All = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase)
    {
        ["identity"] = ["FleetTracker.Identity"],
        ["vehicles"] = ["FleetTracker.Devices"],
        // A lane and the vehicles of the lane live on one silo, so they are one service.
        ["locations"] = ["FleetTracker.Ingestion", "FleetTracker.Vehicles"],
        ["notifications"] = ["FleetTracker.Notifications"],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Does a silo limited to <paramref name="features"/> host a grain class? Orleans' own and unlisted ones are hosted everywhere.</summary>
    public static bool Hosts(IReadOnlyCollection<string> features, Type grain)
    {
        if (features.Count == 0 || grain.Namespace is not { } space) return true;
        var owners = All.Where(feature => feature.Value.Contains(space, StringComparer.Ordinal)).Select(feature => feature.Key).ToArray();
        return owners.Length == 0 || owners.Any(owner => features.Contains(owner, StringComparer.OrdinalIgnoreCase));
    }
}
