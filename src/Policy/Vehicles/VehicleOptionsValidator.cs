using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>Reports every threshold that makes no sense, at once: for the configuration, and for what a tenant or a vehicle overrides.</summary>
public sealed class VehicleOptionsValidator : IValidateOptions<VehicleOptions>
{
    public ValidateOptionsResult Validate(string? name, VehicleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new ValidateOptionsResultBuilder();
        Between(options.MaxSpeedMetersPerSecond, 1, 1_000_000_000, "m/s", nameof(options.MaxSpeedMetersPerSecond));
        Between(options.MaxAccuracyMeters, 1, 100_000, "m", nameof(options.MaxAccuracyMeters));
        Between(options.FixesToBelieveAJump, 2, 100, "fixes", nameof(options.FixesToBelieveAJump));
        Between(options.MovingSpeedMetersPerSecond, 0.01, 100, "m/s", nameof(options.MovingSpeedMetersPerSecond));
        Between(options.StandRadiusMeters, 0, 10_000, "m", nameof(options.StandRadiusMeters));
        Span(options.MinStopDuration, nameof(options.MinStopDuration));
        Between(options.MinTripDistanceMeters, 0, 100_000, "m", nameof(options.MinTripDistanceMeters));
        Span(options.MinTripDuration, nameof(options.MinTripDuration));
        Span(options.TripSilence, nameof(options.TripSilence));
        if (options.TripSilence < options.MinStopDuration)
            problems.AddError($"must not be less than {nameof(options.MinStopDuration)}, was {options.TripSilence}", nameof(options.TripSilence));
        Span(options.FenceMinDwell, nameof(options.FenceMinDwell));
        Between(options.FenceMarginMeters, 0, 10_000, "m", nameof(options.FenceMarginMeters));
        Between(options.FenceMaxMarginMeters, 0, 10_000, "m", nameof(options.FenceMaxMarginMeters));
        Span(options.FenceMaxCrossingGap, nameof(options.FenceMaxCrossingGap));
        Between(options.SpeedLimitMetersPerSecond, 1, 1_000, "m/s", nameof(options.SpeedLimitMetersPerSecond));
        Span(options.OverspeedMinDuration, nameof(options.OverspeedMinDuration));
        Between(options.HarshBrakingMetersPerSecondSquared, 0.5, 100, "m/s²", nameof(options.HarshBrakingMetersPerSecondSquared));
        Between(options.HarshAccelerationMetersPerSecondSquared, 0.5, 100, "m/s²", nameof(options.HarshAccelerationMetersPerSecondSquared));
        Between(options.HarshCorneringMetersPerSecondSquared, 0.5, 100, "m/s²", nameof(options.HarshCorneringMetersPerSecondSquared));
        Span(options.HarshMaxGap, nameof(options.HarshMaxGap));
        Span(options.IdlingAfter, nameof(options.IdlingAfter));
        Between(options.LowBatteryPercent, 0, 90, "%", nameof(options.LowBatteryPercent));
        if (options.OfflineAfter <= TimeSpan.Zero)
            problems.AddError($"must be positive, was {options.OfflineAfter}", nameof(options.OfflineAfter));
        if (options.MaxOfflineAfter < options.OfflineAfter)
            problems.AddError($"must not be less than {nameof(options.OfflineAfter)}, was {options.MaxOfflineAfter}", nameof(options.MaxOfflineAfter));
        return problems.Build();

        // Phrased as "is inside" so that NaN, which fails every comparison, is refused with the rest.
        void Between(double? value, double from, double to, string unit, string setting)
        {
            if (value is { } given && !(given >= from && given <= to)) problems.AddError(FormattableString.Invariant($"must be {from} to {to} {unit}, was {given}"), setting);
        }

        void Span(TimeSpan? value, string setting)
        {
            if (value is { } given && (given < TimeSpan.Zero || given > TimeSpan.FromDays(7))) problems.AddError($"must be 0 to 7 days, was {given}", setting);
        }
    }
}
