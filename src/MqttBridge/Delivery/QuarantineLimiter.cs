using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>
/// How many refused messages of one sender are kept in a minute. Knows senders by a hash, because what a refused topic names may be of any length;
/// two that share one share their number.
/// </summary>
internal sealed class QuarantineLimiter(IOptions<IngestionOptions> options, TimeProvider time)
{
    private const int MaxSenders = 100_000;

    private readonly int _perMinute = options.Value.QuarantinePerDevicePerMinute;
    private readonly Lock _gate = new();
    private ConcurrentDictionary<ulong, int> _counts = new();
    private long _minuteStartedAt = time.GetTimestamp();

    public bool MayKeep(string sender)
    {
        if (time.GetElapsedTime(Volatile.Read(ref _minuteStartedAt)) >= TimeSpan.FromMinutes(1)) StartMinute();

        var counts = _counts;
        var key = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(sender.AsSpan()));
        if (counts.Count >= MaxSenders && !counts.ContainsKey(key)) return false;
        return counts.AddOrUpdate(key, 1, static (_, count) => count + 1) <= _perMinute;
    }

    private void StartMinute()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_minuteStartedAt) < TimeSpan.FromMinutes(1)) return;
            Volatile.Write(ref _minuteStartedAt, time.GetTimestamp());
            _counts = new ConcurrentDictionary<ulong, int>();
        }
    }
}
