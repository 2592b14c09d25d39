using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;

namespace FleetTracker.Vehicles;

/// <summary>
/// Vehicle states as checkpoints hold them: the policy's version, then what Orleans' serializer makes of the state. One that is of another version, or
/// cannot be read, is as good as gone: rows are the truth.
/// </summary>
internal sealed partial class VehicleStates(Serializer<VehicleState> serializer, ILogger<VehicleStates> logger)
{
    public ReadOnlyMemory<byte> Serialize(VehicleState state)
    {
        var body = serializer.SerializeToArray(state);
        var bytes = new byte[sizeof(int) + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, VehicleState.PolicyVersion);
        body.CopyTo(bytes, sizeof(int));
        return bytes;
    }

    public VehicleState? Deserialize(string vehicleId, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length <= sizeof(int) || BinaryPrimitives.ReadInt32LittleEndian(bytes.Span) != VehicleState.PolicyVersion) return null;
        try
        {
            return serializer.Deserialize(bytes[sizeof(int)..]);
        }
        catch (Exception error) when (error is SerializerException or InvalidOperationException or ArgumentException or IndexOutOfRangeException or InvalidCastException)
        {
            LogUnreadable(error, vehicleId);
            return null;
        }
    }

    [LoggerMessage(2120, LogLevel.Warning, "A checkpoint of vehicle {VehicleId} cannot be read; its rows are folded instead")]
    private partial void LogUnreadable(Exception error, string vehicleId);
}
