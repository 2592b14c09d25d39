namespace FleetTracker.LiveMap;

/// <summary>What a vehicle is doing as a dispatcher sees it, from best to worst: a cluster shows the worst inside.</summary>
internal enum VehicleStatus : byte
{
    Moving = 0,
    Stopped = 1,
    Idling = 2,
    Unknown = 3,
    Offline = 4,
}

internal static class VehicleStatuses
{
    public const int Count = 5;

    private static readonly string[] Words = ["moving", "stopped", "idling", "unknown", "offline"];

    public static string Word(this VehicleStatus status) => Words[(int)status];

    /// <summary>Unknown when it never reported, offline when its time is up, else what its newest fix says.</summary>
    public static VehicleStatus Of(LiveVehicle? live, DateTimeOffset now) =>
        live is null ? VehicleStatus.Unknown
        : now >= live.OfflineAt ? VehicleStatus.Offline
        : live.Motion switch
        {
            MotionStatus.Moving => VehicleStatus.Moving,
            MotionStatus.Idling => VehicleStatus.Idling,
            MotionStatus.Stopped => VehicleStatus.Stopped,
            _ => VehicleStatus.Unknown,
        };
}
