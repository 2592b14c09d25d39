using Microsoft.Extensions.Options;

namespace FleetTracker.Explanations;

/// <summary>How much history an explanation reads. All of it is folded anew, so more costs time at every question.</summary>
internal sealed class ExplainOptions
{
    public const string Section = "Explanations";

    /// <summary>
    /// How far before the time in question the fold begins. It begins from nothing: less may miss where the vehicle was parked. Default: 2 h.
    /// </summary>
    public TimeSpan Warmup { get; set; } = TimeSpan.FromHours(2);

    /// <summary>At most this many rows of that, the newest. Default: 2,000.</summary>
    public int MaxWarmupRows { get; set; } = 2_000;

    /// <summary>How far after the time in question rows are read: what is decided late, such as a stop or an exit, is decided within. Default: 30 min.</summary>
    public TimeSpan Aftermath { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>At most this many rows of that. Default: 500.</summary>
    public int MaxAftermathRows { get; set; } = 500;

    /// <summary>Fixes that are shown on either side of the time in question. Default: 50.</summary>
    public int MaxFixes { get; set; } = 50;

    /// <summary>Lines of reasons that are shown, the nearest. Default: 500.</summary>
    public int MaxLines { get; set; } = 500;
}

/// <summary>Reports every wrong setting at once.</summary>
internal sealed class ExplainOptionsValidator : IValidateOptions<ExplainOptions>
{
    public ValidateOptionsResult Validate(string? name, ExplainOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        CheckSpan(options.Warmup, nameof(options.Warmup));
        CheckSpan(options.Aftermath, nameof(options.Aftermath));
        CheckCount(options.MaxWarmupRows, nameof(options.MaxWarmupRows));
        CheckCount(options.MaxAftermathRows, nameof(options.MaxAftermathRows));
        CheckCount(options.MaxFixes, nameof(options.MaxFixes));
        CheckCount(options.MaxLines, nameof(options.MaxLines));
        return problems.Build();

        void CheckSpan(TimeSpan span, string setting)
        {
            if (span < TimeSpan.FromMinutes(1) || span > TimeSpan.FromDays(1)) problems.AddError($"must be 1 min to 1 day, was {span}", setting);
        }

        void CheckCount(int count, string setting)
        {
            if (count is < 1 or > 100_000) problems.AddError($"must be 1 to 100,000, was {count}", setting);
        }
    }
}
