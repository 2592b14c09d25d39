using Microsoft.Extensions.Options;

namespace FleetTracker.LiveMap;

/// <summary>The live map: how the replica is fed and how it is sent.</summary>
public sealed class LiveMapOptions
{
    public const string Section = "LiveMap";

    /// <summary>How often interest in a lane is renewed. A silo that dies takes the interest with it, so this bounds the gap. Default: 2 s.</summary>
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long to wait for a lane's answer before asking again. Default: 5 s.</summary>
    public TimeSpan SubscribeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a lane's snapshot is fetched; a healthy lane speaks every 5 s. Default: 6 s.</summary>
    public TimeSpan ResyncAfter { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Silence of any lane, or time without the registry's names, after which clients are told that the picture is stalled. Default: 10 s.</summary>
    public TimeSpan StalledAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often names and groups are read again. Default: 2 s.</summary>
    public TimeSpan RegistryInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Least time between two reads that an unknown vehicle asks for. Default: 200 ms.</summary>
    public TimeSpan RegistryMinInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a tenant's replica is kept after its last user left; longer costs memory, shorter costs a reload. Default: 5 min.</summary>
    public TimeSpan ReplicaLinger { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Replicas at once; a user of one tenant more is told to try later. Default: 1,000.</summary>
    public int MaxReplicas { get; set; } = 1_000;

    /// <summary>Vehicles drawn one by one; more become clusters. Default: 2,000.</summary>
    public int MaxVehiclesInView { get; set; } = 2_000;

    /// <summary>Least time between two deltas to a client that keeps up. Default: 20 ms.</summary>
    public TimeSpan DeltaInterval { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The same to a client that has fallen behind. Default: 100 ms.</summary>
    public TimeSpan SlowDeltaInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Least time between two refreshes of clusters. Default: 1 s.</summary>
    public TimeSpan ClusterInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a client hears that the picture is fresh. Default: 4 s.</summary>
    public TimeSpan FreshnessInterval { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Live connections to this host. Default: 5,000.</summary>
    public int MaxConnections { get; set; } = 5_000;

    /// <summary>Live connections of one user to this host. Default: 20.</summary>
    public int MaxConnectionsPerUser { get; set; } = 20;
}

internal sealed class LiveMapOptionsValidator : IValidateOptions<LiveMapOptions>
{
    public ValidateOptionsResult Validate(string? name, LiveMapOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        foreach (var (setting, value) in new[]
        {
            (nameof(options.RenewInterval), options.RenewInterval), (nameof(options.SubscribeTimeout), options.SubscribeTimeout),
            (nameof(options.ResyncAfter), options.ResyncAfter), (nameof(options.StalledAfter), options.StalledAfter),
            (nameof(options.RegistryInterval), options.RegistryInterval), (nameof(options.RegistryMinInterval), options.RegistryMinInterval),
            (nameof(options.ReplicaLinger), options.ReplicaLinger), (nameof(options.DeltaInterval), options.DeltaInterval),
            (nameof(options.SlowDeltaInterval), options.SlowDeltaInterval), (nameof(options.ClusterInterval), options.ClusterInterval),
            (nameof(options.FreshnessInterval), options.FreshnessInterval),
        })
        {
            if (value <= TimeSpan.Zero) problems.AddError($"must be positive, was {value}", setting);
        }

        foreach (var (setting, value) in new[]
        {
            (nameof(options.MaxReplicas), options.MaxReplicas), (nameof(options.MaxVehiclesInView), options.MaxVehiclesInView),
            (nameof(options.MaxConnections), options.MaxConnections), (nameof(options.MaxConnectionsPerUser), options.MaxConnectionsPerUser),
        })
        {
            if (value < 1) problems.AddError($"must be positive, was {value}", setting);
        }

        if (options.StalledAfter <= options.ResyncAfter)
            problems.AddError($"must be longer than ResyncAfter, was {options.StalledAfter}", nameof(options.StalledAfter));
        if (options.StalledAfter <= options.RegistryInterval)
            problems.AddError($"must be longer than RegistryInterval, was {options.StalledAfter}", nameof(options.StalledAfter));
        if (options.SlowDeltaInterval < options.DeltaInterval)
            problems.AddError($"must not be shorter than DeltaInterval, was {options.SlowDeltaInterval}", nameof(options.SlowDeltaInterval));
        return problems.Build();
    }
}
