using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>
/// Token buckets per client address in a table of fixed size. Addresses that share a slot share its bucket: under a flood from everywhere
/// some are limited early, and memory does not grow. The slot is salted, so nobody can aim at another's.
/// </summary>
internal sealed class AttemptLimiter(IOptions<AuthOptions> options, TimeProvider time)
{
    private const int Slots = 16_384;

    private readonly Lock _gate = new();
    private readonly Bucket[] _buckets = new Bucket[Slots];
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Zero when the request may go on, else how long until one may.</summary>
    public TimeSpan Take(IPAddress? address)
    {
        var perSecond = options.Value.AttemptsPerMinute / 60d;
        var now = time.GetElapsedTime(_startedAt).TotalSeconds;
        lock (_gate)
        {
            ref var bucket = ref _buckets[(uint)KeyOf(address).GetHashCode() % Slots];

            // An unused slot is all zeros: nothing spent at second zero.
            var spent = Math.Max(0, bucket.Spent - ((now - bucket.At) * perSecond));
            if (spent + 1 > options.Value.AttemptBurst)
            {
                bucket = new Bucket(spent, now);
                return TimeSpan.FromSeconds((spent + 1 - options.Value.AttemptBurst) / perSecond);
            }

            bucket = new Bucket(spent + 1, now);
            return TimeSpan.Zero;
        }
    }

    // HashCode is salted per process.
    private static HashCodeKey KeyOf(IPAddress? address)
    {
        if (address is null) return default;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return new HashCodeKey(BitConverter.ToUInt64(address.AddressFamily == AddressFamily.InterNetworkV6 ? bytes[..8] : bytes), length);
    }

    private readonly record struct HashCodeKey(ulong Prefix, int Length)
    {
        public override int GetHashCode() => HashCode.Combine(Prefix, Length);
    }

    private readonly record struct Bucket(double Spent, double At);
}
