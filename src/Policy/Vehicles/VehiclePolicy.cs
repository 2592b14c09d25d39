using FleetTracker.Ingestion;
using FleetTracker.LiveMap;

namespace FleetTracker.Vehicles;

/// <summary>What is known of a vehicle: its newest valid row, and how often it reports.</summary>
/// <param name="Newest">Newest by (FixedAt, digest); <c>null</c> before the first.</param>
/// <param name="Interval">Smoothed time between receptions of fixes that were newest on arrival; zero until there are two.</param>
public readonly record struct VehicleState(Fix? Newest, TimeSpan Interval)
{
    public static readonly VehicleState NeverSeen = new(null, TimeSpan.Zero);
}

/// <summary>
/// Turns fixes into the state of a vehicle. Pure: no clock, no I/O. The result depends on the set of rows folded, not on their order or
/// batching, except for <see cref="VehicleState.Interval"/>, which follows reception and only delays "offline".
/// </summary>
public static class VehiclePolicy
{
    /// <summary>Folds one valid row.</summary>
    public static VehicleState Fold(VehicleState state, Fix row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (state.Newest is not { } newest) return new VehicleState(row, TimeSpan.Zero);
        return IsNewer(row, newest) ? new VehicleState(row, NextInterval(state, row, newest)) : state;
    }

    /// <summary>The order of folding: by fix time, then by digest, since one second may carry two different fixes.</summary>
    public static bool IsNewer(Fix row, Fix than)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(than);
        return row.FixedAt > than.FixedAt || (row.FixedAt == than.FixedAt && row.Digest > than.Digest);
    }

    /// <summary>What dispatchers see of a state that has a newest row.</summary>
    public static LiveVehicle ToLive(VehicleState state, VehicleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var newest = state.Newest ?? throw new ArgumentException("A vehicle without a fix has no live state.", nameof(state));
        return new LiveVehicle
        {
            Tenant = newest.Tenant,
            VehicleId = newest.VehicleId,
            Motion = Motion(newest, options),
            FixedAt = newest.FixedAt,
            ReceivedAt = newest.ReceivedAt,
            OfflineAt = newest.ReceivedAt + OfflineAfter(state.Interval, options),
            Latitude = newest.Latitude!.Value,
            Longitude = newest.Longitude!.Value,
            SpeedMetersPerSecond = newest.SpeedMetersPerSecond,
            HeadingDegrees = newest.HeadingDegrees,
            AccuracyMeters = newest.AccuracyMeters,
        };
    }

    private static MotionStatus Motion(Fix fix, VehicleOptions options) => fix switch
    {
        { SpeedMetersPerSecond: { } speed } when speed >= options.MovingSpeedMetersPerSecond => MotionStatus.Moving,
        { Ignition: true } => MotionStatus.Idling,
        // A device that never says its speed is neither moving nor standing.
        { SpeedMetersPerSecond: null, Ignition: null } => MotionStatus.Unknown,
        _ => MotionStatus.Stopped,
    };

    private static TimeSpan OfflineAfter(TimeSpan interval, VehicleOptions options)
    {
        var own = interval * 3;
        if (own > options.MaxOfflineAfter) own = options.MaxOfflineAfter;
        return own > options.OfflineAfter ? own : options.OfflineAfter;
    }

    private static TimeSpan NextInterval(VehicleState state, Fix row, Fix newest)
    {
        var gap = row.ReceivedAt - newest.ReceivedAt;
        if (gap <= TimeSpan.Zero) return state.Interval;
        return state.Interval == TimeSpan.Zero ? gap : (state.Interval * 0.75) + (gap * 0.25);
    }
}
