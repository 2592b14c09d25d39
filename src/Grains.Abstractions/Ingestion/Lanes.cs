using System.IO.Hashing;
using System.Text;

namespace FleetTracker.Ingestion;

/// <summary>
/// The fixed partition of vehicles. The hash is frozen: changing it would send a vehicle's rows to another lane's owner.
/// </summary>
public static class Lanes
{
    /// <summary>Stream namespace of the batches that the bridges publish; the stream key is the lane.</summary>
    public const string StreamNamespace = "telemetry";

    /// <summary>Name of the stream provider that carries them.</summary>
    public const string StreamProvider = "telemetry";

    /// <summary>The lane of a vehicle: XXH32 of the UTF-8 bytes of its id, modulo the lane count.</summary>
    public static int Of(string vehicleId, int laneCount)
    {
        ArgumentNullException.ThrowIfNull(vehicleId);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(laneCount);

        Span<byte> stack = stackalloc byte[160];
        var length = Encoding.UTF8.GetByteCount(vehicleId);
        var bytes = length <= stack.Length ? stack[..length] : new byte[length];
        Encoding.UTF8.GetBytes(vehicleId, bytes);
        return (int)(XxHash32.HashToUInt32(bytes) % (uint)laneCount);
    }
}
