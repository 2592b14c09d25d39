using Microsoft.Extensions.Options;

namespace FleetTracker.Silo;

/// <summary>How a silo joins its cluster.</summary>
public sealed class SiloOptions
{
    public const string Section = "Silo";

    /// <summary>Port for other silos. Default: 11111.</summary>
    public int Port { get; set; } = 11111;

    /// <summary>Port for API hosts and bridges. Default: 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Address that others reach this silo at, as an IP address. Unset: the machine's own.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>Listen on the advertised address only, rather than on all. Default: true.</summary>
    public bool ListenOnAdvertisedOnly { get; set; } = true;

    /// <summary>Names the cluster in the membership table. Default: <c>fleettracker</c>.</summary>
    public string ClusterId { get; set; } = "fleettracker";

    /// <summary>Names the service in stored state. Default: <c>fleettracker</c>.</summary>
    public string ServiceId { get; set; } = "fleettracker";

    /// <summary>Which services this silo hosts, of identity, vehicles, locations, notifications. Empty: all.</summary>
    public IList<string> Features { get; } = [];
}

internal sealed class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        if (options.Port is < 1 or > 65535) problems.AddError($"must be a port, was {options.Port}", nameof(options.Port));
        if (options.GatewayPort is < 0 or > 65535) problems.AddError($"must be a port, or 0 for none, was {options.GatewayPort}", nameof(options.GatewayPort));
        if (options.AdvertisedAddress is { } address && !System.Net.IPAddress.TryParse(address, out _))
            problems.AddError($"must be an IP address, was '{address}'", nameof(options.AdvertisedAddress));
        foreach (var feature in options.Features)
        {
            if (!SiloFeatures.All.ContainsKey(feature)) problems.AddError($"must be of {string.Join(", ", SiloFeatures.All.Keys)}, was '{feature}'", nameof(options.Features));
        }

        return problems.Build();
    }
}
