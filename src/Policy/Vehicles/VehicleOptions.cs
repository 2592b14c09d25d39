namespace FleetTracker.Vehicles;

/// <summary>
/// Thresholds of the fold. The installation's come from configuration; a tenant and a vehicle may override any of them. What they change is
/// not written back before the tenant's settled line.
/// </summary>
public sealed record VehicleOptions
{
    public const string Section = "Vehicles";

    // What a fix is worth

    /// <summary>Faster than this a vehicle cannot be, in m/s: a fix that implies more is left out, a speed above it is no speed. Default: 70 (252 km/h).</summary>
    public double MaxSpeedMetersPerSecond { get; set; } = 70;

    /// <summary>A fix less accurate than this is left out, in meters. Default: 500.</summary>
    public double MaxAccuracyMeters { get; set; } = 500;

    /// <summary>So many fixes in a row that agree with each other are believed though they are far from where the vehicle was. Default: 3.</summary>
    public int FixesToBelieveAJump { get; set; } = 3;

    // Motion

    /// <summary>Below this a vehicle stands, in m/s. Default: 1 (3.6 km/h), above the noise of a standing receiver.</summary>
    public double MovingSpeedMetersPerSecond { get; set; } = 1.0;

    /// <summary>While it stays this close to one place a vehicle has not moved, in meters; a fix's accuracy counts when it is larger. 0 = it moves with every fix that is elsewhere. Default: 50.</summary>
    public double StandRadiusMeters { get; set; } = 50;

    /// <summary>A vehicle that stays at one place this long has stopped; a shorter stay belongs to its trip. Default: 5 min.</summary>
    public TimeSpan MinStopDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A journey that stays within this distance of where it began is no trip, in meters. Default: 300.</summary>
    public double MinTripDistanceMeters { get; set; } = 300;

    /// <summary>A journey shorter than this is no trip. Default: 1 min.</summary>
    public TimeSpan MinTripDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Silence this long ends a trip at the last fix. Default: 15 min.</summary>
    public TimeSpan TripSilence { get; set; } = TimeSpan.FromMinutes(15);

    // Geofences

    /// <summary>How long a vehicle must stay inside for an enter, and outside for an exit, to count, unless the fence says. Default: 30 s.</summary>
    public TimeSpan FenceMinDwell { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How far outside a vehicle must be for an exit to begin, in meters, unless the fence says; a fix's accuracy counts when it is larger. Default: 15.</summary>
    public double FenceMarginMeters { get; set; } = 15;

    /// <summary>A fix's accuracy widens the margin to no more than this, in meters. Default: 100.</summary>
    public double FenceMaxMarginMeters { get; set; } = 100;

    /// <summary>Whether a segment between two fixes that leads through a fence is an event. Default: true.</summary>
    public bool FenceCrossings { get; set; } = true;

    /// <summary>Between fixes further apart than this nobody knows the way: no crossing is claimed. Default: 5 min.</summary>
    public TimeSpan FenceMaxCrossingGap { get; set; } = TimeSpan.FromMinutes(5);

    // Events

    /// <summary>Speed above which a vehicle is too fast anywhere, in m/s; <c>null</c> = no limit. Default: <c>null</c>.</summary>
    public double? SpeedLimitMetersPerSecond { get; set; }

    /// <summary>Too fast for less than this is not an event. Default: 15 s.</summary>
    public TimeSpan OverspeedMinDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Braking harder than this is an event, in m/s²; <c>null</c> = never. Default: 3.5.</summary>
    public double? HarshBrakingMetersPerSecondSquared { get; set; } = 3.5;

    /// <summary>Accelerating harder than this is an event, in m/s²; <c>null</c> = never. Default: 3.</summary>
    public double? HarshAccelerationMetersPerSecondSquared { get; set; } = 3.0;

    /// <summary>Sideways acceleration above this is an event, in m/s²; <c>null</c> = never. Default: 4.</summary>
    public double? HarshCorneringMetersPerSecondSquared { get; set; } = 4.0;

    /// <summary>Harsh driving is told only from fixes at most this far apart. Default: 3 s.</summary>
    public TimeSpan HarshMaxGap { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Standing this long with the ignition on is an event; <c>null</c> = never. Default: 5 min.</summary>
    public TimeSpan? IdlingAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Battery at or below this is low, in percent. It is well again 10 above. Default: 15.</summary>
    public double LowBatteryPercent { get; set; } = 15;

    // Connection

    /// <summary>A vehicle is offline after this long without a fix, or after three of its own intervals if that is longer. Default: 10 min.</summary>
    public TimeSpan OfflineAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest offline delay that a vehicle's own interval can lead to. Default: 36 h.</summary>
    public TimeSpan MaxOfflineAfter { get; set; } = TimeSpan.FromHours(36);
}
