using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace FleetTracker.Identity;

/// <summary>
/// Refresh tokens: <c>{session id}.{256 random bits}</c>. Only their SHA-256 is stored: the bits are random, so a slow hash adds nothing.
/// </summary>
internal static class RefreshTokens
{
    public static string NewSessionId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static string New(string sessionId) => string.Concat(sessionId, ".", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    public static ImmutableArray<byte> Hash(string token) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(token))];

    public static bool Matches(string token, ImmutableArray<byte> hash) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), hash.AsSpan());
}
