using FleetTracker.Ingestion;
using FleetTracker.Sensors;

namespace FleetTracker.Vehicles;

/// <summary>
/// The fold of a vehicle's rows: everything that later rows need to know of earlier ones. Changed by <see cref="VehiclePolicy"/> alone; a checkpoint
/// is this, serialized. Structs that are always read together are one step's memory.
/// </summary>
[GenerateSerializer, Alias("VehicleState")]
public sealed class VehicleState
{
    /// <summary>Raised when a release folds the same rows to another state: checkpoints of another number are gone.</summary>
    public const int PolicyVersion = 1;

    /// <summary>Key of the newest row folded; <c>default</c> before the first.</summary>
    [Id(0)] internal PositionKey Head;

    /// <summary>Fix time up to which deadlines have been met.</summary>
    [Id(1)] internal DateTimeOffset AdvancedTo;

    /// <summary>The newest row that is a plausible place; its <see cref="Place.IsSet"/> is false before the first.</summary>
    [Id(2)] internal Place Last;

    [Id(3)] internal JumpState Jump;

    [Id(4)] internal DistanceState Distance;

    [Id(5)] internal MotionState Motion;

    /// <summary>Fences that the vehicle is entering, in or leaving, by fence id.</summary>
    [Id(6)] internal FenceVisit[] Visits = [];

    [Id(7)] internal DrivingState Driving;

    [Id(8)] internal SignalState Signals;

    [Id(9)] internal ConnectionState Connection;

    /// <summary>Watched sensors that have had a value.</summary>
    [Id(10)] internal SensorState[] Sensors = [];

    public bool HasRows => Head.FixedAt != default;

    public VehicleState Clone()
    {
        var clone = (VehicleState)MemberwiseClone();
        if (Visits.Length > 0) clone.Visits = [.. Visits];
        if (Sensors.Length > 0) clone.Sensors = Array.ConvertAll(Sensors, sensor => sensor.Copy());
        return clone;
    }
}

/// <summary>Where the vehicle was, by one row.</summary>
[GenerateSerializer, Alias("Place")]
internal struct Place
{
    [Id(0)] internal PositionKey Key;

    [Id(1)] internal double Latitude;

    [Id(2)] internal double Longitude;

    /// <summary>0 when the device does not say.</summary>
    [Id(3)] internal double AccuracyMeters;

    /// <summary>Of the device when it is sane, else <see cref="double.NaN"/>.</summary>
    [Id(4)] internal double SpeedMetersPerSecond;

    /// <summary><see cref="double.NaN"/> when not given.</summary>
    [Id(5)] internal double HeadingDegrees;

    public readonly bool IsSet => Key.FixedAt != default;

    public readonly DateTimeOffset At => Key.FixedAt;
}

/// <summary>Fixes that are too far from where the vehicle was.</summary>
[GenerateSerializer, Alias("JumpState")]
internal struct JumpState
{
    /// <summary>So many in a row that agree with each other.</summary>
    [Id(0)] internal int Count;

    [Id(1)] internal Place Newest;
}

[GenerateSerializer, Alias("DistanceState")]
internal struct DistanceState
{
    /// <summary>Meters driven since the first row.</summary>
    [Id(0)] internal double TotalMeters;

    /// <summary>From where the next piece of way is measured.</summary>
    [Id(1)] internal double FromLatitude;

    [Id(2)] internal double FromLongitude;

    /// <summary>The device's own odometer at its newest sane reading; <see cref="double.NaN"/> when there is none.</summary>
    [Id(3)] internal double DeviceMeters;

    [Id(4)] internal DateTimeOffset DeviceReadAt;

    /// <summary>Time with the ignition on since the first row.</summary>
    [Id(5)] internal TimeSpan EngineOn;

    /// <summary>In meters.</summary>
    [Id(6)] internal CounterState Odometer;

    /// <summary>In seconds.</summary>
    [Id(7)] internal CounterState Engine;

    /// <summary>Between places since the device's own odometer last went on.</summary>
    [Id(8)] internal double DeviceStillMeters;
}

/// <summary>How a counter since the first row stands to what the vehicle's instrument shows.</summary>
[GenerateSerializer, Alias("CounterState")]
internal struct CounterState
{
    /// <summary>What the instrument shows more.</summary>
    [Id(0)] internal double Offset;

    [Id(1)] internal CounterSource Source;

    /// <summary>From when the newest reading of it counts that was met.</summary>
    [Id(2)] internal DateTimeOffset SetFrom;
}

internal enum MotionMode : byte
{
    /// <summary>No place yet.</summary>
    Unknown = 0,

    /// <summary>Stays at one place.</summary>
    Parked = 1,

    /// <summary>Has left its place, but it is not yet sure that this is a trip.</summary>
    Departing = 2,

    /// <summary>On a trip.</summary>
    Driving = 3,
}

[GenerateSerializer, Alias("MotionState")]
internal struct MotionState
{
    [Id(0)] internal MotionMode Mode;

    /// <summary>The first fix of the present or newest stop.</summary>
    [Id(1)] internal Place StopStart;

    /// <summary>Whether the stop is long enough to be one, and was told.</summary>
    [Id(2)] internal bool StopIsTold;

    /// <summary>The middle of the place where it is parked.</summary>
    [Id(3)] internal Place Anchor;

    /// <summary>The newest fix at that place.</summary>
    [Id(4)] internal Place LastParked;

    [Id(5)] internal Place TripStart;

    /// <summary>The odometer there.</summary>
    [Id(6)] internal double TripStartMeters;

    [Id(7)] internal double MaxSpeedMetersPerSecond;

    /// <summary>Fixes since it left its place.</summary>
    [Id(8)] internal int FixesAway;

    /// <summary>First fix of the newest stay within a trip: the end of the trip if it becomes a stop.</summary>
    [Id(9)] internal Place Stay;

    /// <summary>The odometer there.</summary>
    [Id(10)] internal double StayMeters;

    /// <summary>Time on the trip that the vehicle stood with its engine on or unknown, up to the stay.</summary>
    [Id(11)] internal TimeSpan Idle;

    /// <summary>The same within the stay.</summary>
    [Id(12)] internal TimeSpan IdleInStay;

    /// <summary>Idle time of the stop.</summary>
    [Id(13)] internal TimeSpan IdleInStop;
}

internal enum FencePhase : byte
{
    /// <summary>Inside, not yet for long enough.</summary>
    Entering = 0,
    Inside = 1,

    /// <summary>Outside, not yet for long enough.</summary>
    Leaving = 2,
}

[GenerateSerializer, Alias("FenceVisit")]
internal record struct FenceVisit
{
    [Id(0)] internal string FenceId;

    [Id(1)] internal int Version;

    [Id(2)] internal FencePhase Phase;

    /// <summary>The first fix inside.</summary>
    [Id(3)] internal Place Enter;

    /// <summary>The newest fix inside.</summary>
    [Id(4)] internal Place LastInside;

    /// <summary>The first fix outside, while leaving.</summary>
    [Id(5)] internal Place Exit;

    [Id(6)] internal bool DwellIsTold;

    /// <summary>Too fast inside.</summary>
    [Id(7)] internal SpeedingState Speeding;

    /// <summary>How long inside or outside counts, as the fence or the option said when it began.</summary>
    [Id(8)] internal TimeSpan MinDwell;

    /// <summary>What its event of a long stay asks; <see cref="TimeSpan.MaxValue"/> = never.</summary>
    [Id(9)] internal TimeSpan DwellEventAfter;

    /// <summary>Where the snapshot had the fence when it was asked last; not part of what is known of the visit, and not stored.</summary>
    [NonSerialized] internal int Slot;
}

/// <summary>A time above a speed limit.</summary>
[GenerateSerializer, Alias("SpeedingState")]
internal record struct SpeedingState
{
    [Id(0)] internal Place Start;

    [Id(1)] internal Place Newest;

    [Id(2)] internal double PeakMetersPerSecond;

    [Id(3)] internal double LimitMetersPerSecond;

    [Id(4)] internal bool IsTold;
}

[GenerateSerializer, Alias("DrivingState")]
internal struct DrivingState
{
    [Id(0)] internal SpeedingState Speeding;

    /// <summary>The newest fix at which braking, accelerating or cornering was harsh: what goes on is one event.</summary>
    [Id(1)] internal DateTimeOffset BrakingAt;

    [Id(2)] internal DateTimeOffset AcceleratingAt;

    [Id(3)] internal DateTimeOffset CorneringAt;

    /// <summary>Since when it stands with the engine on.</summary>
    [Id(4)] internal Place IdlingSince;

    [Id(5)] internal bool IdlingIsTold;
}

[GenerateSerializer, Alias("SignalState")]
internal struct SignalState
{
    [Id(0)] internal bool? Ignition;

    /// <summary>The newest row, since it was said first.</summary>
    [Id(1)] internal DateTimeOffset IgnitionAt;

    [Id(2)] internal bool BatteryIsLow;

    /// <summary>What the device's newest word of an alarm was; <c>null</c> when it raised none.</summary>
    [Id(3)] internal string? Alarm;

    /// <summary>When it said so.</summary>
    [Id(4)] internal DateTimeOffset AlarmAt;
}

[GenerateSerializer, Alias("ConnectionState")]
internal struct ConnectionState
{
    /// <summary>A row was received long after the one before it: whether there was silence, the rows after it tell.</summary>
    internal readonly bool IsAhead => LastReceivedAt > HeardAt;

    /// <summary>The latest reception. Later than <see cref="HeardAt"/> while rows to come may tell that the vehicle was heard of in between.</summary>
    [Id(0)] internal DateTimeOffset LastReceivedAt;

    /// <summary>Smoothed time between receptions; zero until there are two.</summary>
    [Id(1)] internal TimeSpan Interval;

    /// <summary>When the newest row by fix time was received: since then nothing has gone on.</summary>
    [Id(2)] internal DateTimeOffset HeadReceivedAt;

    /// <summary>The row of <see cref="LastReceivedAt"/>.</summary>
    [Id(3)] internal PositionKey LastKey;

    /// <summary>Up to here receptions followed each other as the rows do.</summary>
    [Id(4)] internal DateTimeOffset HeardAt;

    /// <summary>The newest row of <see cref="HeardAt"/>.</summary>
    [Id(5)] internal PositionKey HeardKey;

    /// <summary>Where the vehicle was by then.</summary>
    [Id(6)] internal Place HeardPlace;
}
