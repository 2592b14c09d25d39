using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>How a silo runs its lanes.</summary>
public sealed class LaneOptions
{
    public const string Section = "Lanes";

    /// <summary>
    /// Lanes of a new installation: few enough that batches stay large, many enough to spread over the silos. Stored at first start and checked
    /// ever after. Default: 32 (Standalone: 8).
    /// </summary>
    public int Count { get; set; } = 32;

    /// <summary>Published batches that wait in front of a lane; a further one is refused, and its bridge publishes it again. Default: 1,024.</summary>
    public int MaxInboxBatches { get; set; } = 1024;

    /// <summary>Rows a commit takes at most. Default: 4,096.</summary>
    public int MaxRowsPerCommit { get; set; } = 4096;

    /// <summary>Rows a lane holds uncommitted before it ignores further batches, which the bridges then publish again. Default: 16,384.</summary>
    public int MaxQueuedRows { get; set; } = 16_384;

    /// <summary>Commits of a lane that may wait to be folded before its next one is held back. Default: 4.</summary>
    public int MaxUnfoldedCommits { get; set; } = 4;

    /// <summary>Vehicles of a lane that catch up at a time. Default: 2.</summary>
    public int MaxCatchUps { get; set; } = 2;

    /// <summary>A vehicle that keeps being behind is caught up at most this often, and no more than a fifth of the time. Default: 1 s.</summary>
    public TimeSpan CatchUpPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Outcomes of a lane that may wait for a commit before no further vehicle catches up. Default: 8,192.</summary>
    public int MaxQueuedOutcomes { get; set; } = 8_192;

    /// <summary>How often a lane looks whose time has come: what silence ends is told at most this late. Default: 1 s.</summary>
    public TimeSpan ClockPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Reported batches whose outcomes a lane remembers, so that a batch published again is answered alike. Default: 1,024.</summary>
    public int RememberedBatches { get; set; } = 1024;

    /// <summary>How often a silo checks that the lanes it should own are started. Default: 2 s.</summary>
    public TimeSpan KeeperPeriod { get; set; } = TimeSpan.FromSeconds(2);
}

internal sealed class LaneOptionsValidator : IValidateOptions<LaneOptions>
{
    public ValidateOptionsResult Validate(string? name, LaneOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        if (options.Count is < 1 or > 4096) problems.AddError($"must be between 1 and 4096, was {options.Count}", nameof(options.Count));
        Positive(options.MaxInboxBatches > 0, options.MaxInboxBatches, nameof(options.MaxInboxBatches));
        Positive(options.MaxRowsPerCommit > 0, options.MaxRowsPerCommit, nameof(options.MaxRowsPerCommit));
        Positive(options.MaxQueuedRows > 0, options.MaxQueuedRows, nameof(options.MaxQueuedRows));
        Positive(options.MaxUnfoldedCommits > 0, options.MaxUnfoldedCommits, nameof(options.MaxUnfoldedCommits));
        Positive(options.RememberedBatches > 0, options.RememberedBatches, nameof(options.RememberedBatches));
        Positive(options.MaxCatchUps > 0, options.MaxCatchUps, nameof(options.MaxCatchUps));
        Positive(options.CatchUpPeriod > TimeSpan.Zero, options.CatchUpPeriod, nameof(options.CatchUpPeriod));
        Positive(options.MaxQueuedOutcomes > 0, options.MaxQueuedOutcomes, nameof(options.MaxQueuedOutcomes));
        Positive(options.ClockPeriod > TimeSpan.Zero, options.ClockPeriod, nameof(options.ClockPeriod));
        Positive(options.KeeperPeriod > TimeSpan.Zero, options.KeeperPeriod, nameof(options.KeeperPeriod));
        return problems.Build();

        void Positive(bool holds, object value, string setting)
        {
            if (!holds) problems.AddError($"must be positive, was {value}", setting);
        }
    }
}
