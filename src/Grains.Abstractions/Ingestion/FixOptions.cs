using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>The bounds within which a fix is accepted. Shared by the bridge, which judges, and by the stores, which keep.</summary>
public sealed class FixOptions
{
    public const string Section = "Fixes";

    /// <summary>How far ahead of our clock a device may be before its fix is refused. Default: 90 s.</summary>
    public TimeSpan MaxClockLead { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>Fixes received this much later than they were fixed stay in history but change no state. Default: 7 days.</summary>
    public TimeSpan LateWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long history is kept; a fix older than this when it arrives is refused. Default: 400 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);
}

/// <summary>Reports every wrong bound at once.</summary>
public sealed class FixOptionsValidator : IValidateOptions<FixOptions>
{
    public ValidateOptionsResult Validate(string? name, FixOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new ValidateOptionsResultBuilder();
        if (options.MaxClockLead < TimeSpan.Zero)
            problems.AddError($"must not be negative, was {options.MaxClockLead}", nameof(options.MaxClockLead));
        if (options.LateWindow <= TimeSpan.Zero)
            problems.AddError($"must be positive, was {options.LateWindow}", nameof(options.LateWindow));
        if (options.Retention < TimeSpan.FromDays(1) || options.Retention > TimeSpan.FromDays(3660))
            problems.AddError($"must be between 1 and 3660 days, was {options.Retention}", nameof(options.Retention));
        return problems.Build();
    }
}
