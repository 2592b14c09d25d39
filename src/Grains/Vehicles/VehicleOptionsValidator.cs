using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

internal sealed class VehicleOptionsValidator : IValidateOptions<VehicleOptions>
{
    public ValidateOptionsResult Validate(string? name, VehicleOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        if (options.MovingSpeedMetersPerSecond is not (> 0 and < 100))
            problems.AddError($"must be between 0 and 100 m/s, was {options.MovingSpeedMetersPerSecond}", nameof(options.MovingSpeedMetersPerSecond));
        if (options.OfflineAfter <= TimeSpan.Zero)
            problems.AddError($"must be positive, was {options.OfflineAfter}", nameof(options.OfflineAfter));
        if (options.MaxOfflineAfter < options.OfflineAfter)
            problems.AddError($"must not be less than {nameof(options.OfflineAfter)}, was {options.MaxOfflineAfter}", nameof(options.MaxOfflineAfter));
        return problems.Build();
    }
}
