using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>How fences, sensors and settings are kept, and how they reach the silos. Shared by the stores, which write them, and by those who read.</summary>
public sealed class RulesOptions
{
    public const string Section = "Rules";

    /// <summary>
    /// A change counts from this long after it was made, by fix time, so that every silo knows of it before a fix can be in its time. More outlives
    /// longer outages of the database before fixes wait to be folded; less makes changes count sooner. The same on all hosts. Default: 5 s.
    /// </summary>
    public TimeSpan Lead { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a process asks what has changed. Default: 2 s.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How far the clocks of two hosts may differ; fixes wait that much sooner when the database does not answer. Default: 1 s.</summary>
    public TimeSpan MaxClockDifference { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Fences of one tenant; one more is refused. Each costs memory on every silo. Default: 100,000.</summary>
    public int MaxFencesPerTenant { get; set; } = 100_000;

    /// <summary>Sensors of one tenant; one more is refused. Each is looked for in every fix of its vehicles. Default: 1,000.</summary>
    public int MaxSensorsPerTenant { get; set; } = 1_000;

    /// <summary>How long the record of who changed what is kept. Default: 400 days.</summary>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(400);
}

/// <summary>Reports every wrong setting at once.</summary>
public sealed class RulesOptionsValidator : IValidateOptions<RulesOptions>
{
    public ValidateOptionsResult Validate(string? name, RulesOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new ValidateOptionsResultBuilder();
        if (options.PollInterval < TimeSpan.FromMilliseconds(50) || options.PollInterval > TimeSpan.FromMinutes(1))
            problems.AddError($"must be 50 ms to 1 min, was {options.PollInterval}", nameof(options.PollInterval));
        if (options.MaxClockDifference < TimeSpan.Zero || options.MaxClockDifference > TimeSpan.FromMinutes(1))
            problems.AddError($"must be 0 to 1 min, was {options.MaxClockDifference}", nameof(options.MaxClockDifference));
        if (options.Lead > TimeSpan.FromMinutes(10))
            problems.AddError($"must be at most 10 min, was {options.Lead}", nameof(options.Lead));
        if (options.Lead <= options.PollInterval + options.MaxClockDifference)
        {
            problems.AddError(
                $"must be more than {nameof(options.PollInterval)} and {nameof(options.MaxClockDifference)} together, or every fix would wait, was {options.Lead}",
                nameof(options.Lead));
        }

        if (options.MaxFencesPerTenant is < 0 or > 1_000_000)
            problems.AddError($"must be 0 to 1,000,000, was {options.MaxFencesPerTenant}", nameof(options.MaxFencesPerTenant));
        if (options.MaxSensorsPerTenant is < 0 or > 10_000)
            problems.AddError($"must be 0 to 10,000, was {options.MaxSensorsPerTenant}", nameof(options.MaxSensorsPerTenant));
        if (options.AuditRetention < TimeSpan.FromDays(1) || options.AuditRetention > TimeSpan.FromDays(3660))
            problems.AddError($"must be 1 to 3,660 days, was {options.AuditRetention}", nameof(options.AuditRetention));
        return problems.Build();
    }
}
