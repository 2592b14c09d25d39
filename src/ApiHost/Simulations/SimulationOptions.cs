using Microsoft.Extensions.Options;

namespace FleetTracker.Simulations;

/// <summary>How much history somebody may have folded again, and how often at once. It is work for a core and reads of the database.</summary>
internal sealed class SimulationOptions
{
    public const string Section = "Simulations";

    /// <summary>Vehicles of one simulation; of a group with more the first by name. Default: 200.</summary>
    public int MaxVehicles { get; set; } = 200;

    /// <summary>The longest time that may be asked for. Default: 31 days.</summary>
    public TimeSpan MaxSpan { get; set; } = TimeSpan.FromDays(31);

    /// <summary>Rows of all vehicles together; what lies beyond is left out and told. Default: 2,000,000.</summary>
    public int MaxRows { get; set; } = 2_000_000;

    /// <summary>Rows near the fence for which thresholds are tried, each about thirty times; more make a suggestion slower and sounder. Default: 200,000.</summary>
    public int MaxTuningRows { get; set; } = 200_000;

    /// <summary>Events, visits and missed passes that are listed, of each the first; all are counted. Default: 1,000.</summary>
    public int MaxListed { get; set; } = 1_000;

    /// <summary>How far before the time that is asked for a vehicle's fold begins, so that it knows where the vehicle stood. Default: 30 min.</summary>
    public TimeSpan Warmup { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>After this long what is found so far is the answer, which says so. Default: 60 s.</summary>
    public TimeSpan MaxDuration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Simulations that a host runs at once; one more is refused until one ends. Default: 2.</summary>
    public int AtOnce { get; set; } = 2;
}

/// <summary>Reports every wrong setting at once.</summary>
internal sealed class SimulationOptionsValidator : IValidateOptions<SimulationOptions>
{
    public ValidateOptionsResult Validate(string? name, SimulationOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        CheckCount(options.MaxVehicles, 10_000, nameof(options.MaxVehicles));
        CheckCount(options.MaxRows, 100_000_000, nameof(options.MaxRows));
        CheckCount(options.MaxTuningRows, 10_000_000, nameof(options.MaxTuningRows));
        CheckCount(options.MaxListed, 100_000, nameof(options.MaxListed));
        CheckCount(options.AtOnce, 64, nameof(options.AtOnce));
        if (options.MaxSpan < TimeSpan.FromHours(1) || options.MaxSpan > TimeSpan.FromDays(366))
            problems.AddError($"must be 1 h to 366 days, was {options.MaxSpan}", nameof(options.MaxSpan));
        if (options.Warmup < TimeSpan.Zero || options.Warmup > TimeSpan.FromDays(1))
            problems.AddError($"must be 0 to 1 day, was {options.Warmup}", nameof(options.Warmup));
        if (options.MaxDuration < TimeSpan.FromSeconds(1) || options.MaxDuration > TimeSpan.FromHours(1))
            problems.AddError($"must be 1 s to 1 h, was {options.MaxDuration}", nameof(options.MaxDuration));
        return problems.Build();

        void CheckCount(int count, int most, string setting)
        {
            if (count < 1 || count > most) problems.AddError(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be 1 to {most:N0}, was {count}"), setting);
        }
    }
}
