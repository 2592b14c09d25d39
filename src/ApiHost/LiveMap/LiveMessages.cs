using MessagePack;

namespace FleetTracker.LiveMap;

// JSON takes these names from its camel-case policy, MessagePack from the keys; a test holds the two together.

/// <summary>One vehicle on the map.</summary>
[MessagePackObject]
public sealed record LiveView(
    [property: Key("vehicleId")] string VehicleId,
    [property: Key("name")] string Name,
    [property: Key("status")] string Status,
    [property: Key("fixedAt")] DateTimeOffset FixedAt,
    [property: Key("receivedAt")] DateTimeOffset ReceivedAt,
    [property: Key("lat")] double Lat,
    [property: Key("lon")] double Lon,
    [property: Key("speed")] double? Speed,
    [property: Key("heading")] double? Heading,
    [property: Key("accuracy")] double? Accuracy);

/// <summary>Vehicles too close together to be drawn one by one.</summary>
[MessagePackObject]
public sealed record ClusterView(
    [property: Key("lat")] double Lat,
    [property: Key("lon")] double Lon,
    [property: Key("count")] int Count,
    [property: Key("worst")] string Worst);

/// <summary>All that a viewport shows; replaces whatever the client had.</summary>
[MessagePackObject]
public sealed record SnapshotMessage(
    [property: Key("version")] long Version,
    [property: Key("vehicles")] IReadOnlyList<LiveView> Vehicles,
    [property: Key("clusters")] IReadOnlyList<ClusterView>? Clusters,
    [property: Key("total")] int Total);

/// <summary>What changed in the viewport after version <c>since</c>.</summary>
[MessagePackObject]
public sealed record DeltaMessage(
    [property: Key("since")] long Since,
    [property: Key("version")] long Version,
    [property: Key("upserts")] IReadOnlyList<LiveView> Upserts,
    [property: Key("removals")] IReadOnlyList<string> Removals);

/// <summary>The clusters as they are now. They replace the ones before and leave the version where it is.</summary>
[MessagePackObject]
public sealed record ClustersMessage(
    [property: Key("version")] long Version,
    [property: Key("clusters")] IReadOnlyList<ClusterView> Clusters);

/// <summary>Whether the picture can be trusted.</summary>
[MessagePackObject]
public sealed record FreshnessMessage(
    [property: Key("newestCommitAt")] DateTimeOffset? NewestCommitAt,
    [property: Key("serverAt")] DateTimeOffset ServerAt,
    [property: Key("stalled")] bool Stalled,
    [property: Key("reason")] string? Reason);

/// <summary>What a client asks to see. Everything is required.</summary>
[MessagePackObject]
public sealed record WatchRequest
{
    [Key("west")] public double? West { get; set; }

    [Key("south")] public double? South { get; set; }

    [Key("east")] public double? East { get; set; }

    [Key("north")] public double? North { get; set; }

    [Key("zoom")] public double? Zoom { get; set; }
}
