using Microsoft.Extensions.Options;

namespace FleetTracker.Sensors;

/// <summary>How much history a question about a sensor reads.</summary>
internal sealed class SensorOptions
{
    public const string Section = "Sensors";

    /// <summary>A sensor's newest value is looked for in at most so many newest fixes of its vehicle. Default: 1,000.</summary>
    public int NewestRows { get; set; } = 1_000;

    /// <summary>Fixes that one page of a sensor's history reads at most; a page may end before its limit then. Default: 200,000.</summary>
    public int MaxHistoryRows { get; set; } = 200_000;

    /// <summary>Fixes that a chart is made of at most; one of more is refused. Default: 1,000,000.</summary>
    public int MaxChartRows { get; set; } = 1_000_000;
}

/// <summary>Reports every wrong setting at once.</summary>
internal sealed class SensorOptionsValidator : IValidateOptions<SensorOptions>
{
    public ValidateOptionsResult Validate(string? name, SensorOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        Check(options.NewestRows, 100_000, nameof(options.NewestRows));
        Check(options.MaxHistoryRows, 100_000_000, nameof(options.MaxHistoryRows));
        Check(options.MaxChartRows, 100_000_000, nameof(options.MaxChartRows));
        return problems.Build();

        void Check(int rows, int most, string setting)
        {
            if (rows < 1 || rows > most) problems.AddError(FormattableString.Invariant($"must be 1 to {most:N0}, was {rows}"), setting);
        }
    }
}
