using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>How many refused messages of one sender are kept in a minute.</summary>
internal sealed class QuarantineLimiter(IOptions<IngestionOptions> options, TimeProvider time)
{
    private const int MaxSenders = 100_000;

    private readonly int _perMinute = options.Value.QuarantinePerDevicePerMinute;
    private readonly Lock _gate = new();
    private ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private long _minuteStartedAt = time.GetTimestamp();

    public bool MayKeep(string sender)
    {
        if (time.GetElapsedTime(Volatile.Read(ref _minuteStartedAt)) >= TimeSpan.FromMinutes(1)) StartMinute();

        var counts = _counts;
        if (counts.Count >= MaxSenders && !counts.ContainsKey(sender)) return false;
        return counts.AddOrUpdate(sender, 1, static (_, count) => count + 1) <= _perMinute;
    }

    private void StartMinute()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_minuteStartedAt) < TimeSpan.FromMinutes(1)) return;
            Volatile.Write(ref _minuteStartedAt, time.GetTimestamp());
            _counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        }
    }
}
