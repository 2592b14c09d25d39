using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace FleetTracker.Devices;

/// <summary>
/// Enrollment keys and gateway passwords: generated with at least 144 random bits, so a plain SHA-256 keeps them; a slow hash would only slow a
/// depot's morning down.
/// </summary>
public static class MqttSecrets
{
    public static string Generate() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    public static ImmutableArray<byte> Hash(string secret) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(secret))];

    public static bool Matches(ImmutableArray<byte> stored, string given) => CryptographicOperations.FixedTimeEquals(stored.AsSpan(), Hash(given).AsSpan());
}
