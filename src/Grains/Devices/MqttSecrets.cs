using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace FleetTracker.Devices;

/// <summary>
/// Enrollment keys and gateway passwords: generated with 160 random bits, so a plain SHA-256 keeps them; a slow hash would only slow a
/// depot's morning down.
/// </summary>
public static class MqttSecrets
{
    /// <summary>The shortest key that may be set by hand.</summary>
    public const int MinLength = 12;

    public static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    public static ImmutableArray<byte> Hash(string secret) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(secret))];

    public static bool Matches(ImmutableArray<byte> stored, string given) => CryptographicOperations.FixedTimeEquals(stored.AsSpan(), Hash(given).AsSpan());
}
