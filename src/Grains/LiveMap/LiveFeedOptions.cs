using Microsoft.Extensions.Options;

namespace FleetTracker.LiveMap;

/// <summary>How a silo feeds the API hosts.</summary>
public sealed class LiveFeedOptions
{
    public const string Section = "LiveFeed";

    /// <summary>Least time between two sends to one host. Default: 20 ms.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A lane without news sends an empty delta this often, so that silence means trouble. Default: 4 s.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>A host that has not renewed its interest for this long is forgotten. Default: 60 s.</summary>
    public TimeSpan Expiry { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A send that takes longer counts as failed, and the host is forgotten until it renews. Default: 10 s.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>API hosts that one silo feeds. Default: 64.</summary>
    public int MaxHosts { get; set; } = 64;
}

internal sealed class LiveFeedOptionsValidator : IValidateOptions<LiveFeedOptions>
{
    public ValidateOptionsResult Validate(string? name, LiveFeedOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        foreach (var (setting, value) in new[]
        {
            (nameof(options.Interval), options.Interval), (nameof(options.Heartbeat), options.Heartbeat),
            (nameof(options.Expiry), options.Expiry), (nameof(options.SendTimeout), options.SendTimeout),
        })
        {
            if (value <= TimeSpan.Zero) problems.AddError($"must be positive, was {value}", setting);
        }

        if (options.MaxHosts <= 0) problems.AddError($"must be positive, was {options.MaxHosts}", nameof(options.MaxHosts));
        return problems.Build();
    }
}
