using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace FleetTracker.Identity;

/// <summary>
/// Refresh tokens: <c>{session id}.{128 random bits of the session}.{256 random bits of this token}</c>. The session's bits stay through all
/// rotations and tell a token that once was ours from one that somebody made of a session id, which is no secret. Only the SHA-256 of the
/// first two parts and of the whole are stored, one behind the other: the bits are random, so a slow hash adds nothing.
/// </summary>
internal static class RefreshTokens
{
    private const int SecretBytes = 16;

    public static string NewSessionId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));

    public static string New(string sessionId) =>
        Next(string.Concat(sessionId, ".", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)), "."));

    /// <summary>The token that takes the place of this one in the same session.</summary>
    public static string Next(string token) => string.Concat(SessionPart(token), ".", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    public static ImmutableArray<byte> Hash(string token) => [.. HashOf(SessionPart(token)), .. HashOf(token)];

    /// <summary>Is it the newest token of the session?</summary>
    public static bool Matches(string token, ImmutableArray<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash(token).AsSpan(), hash.AsSpan());

    /// <summary>Was it ever a token of the session?</summary>
    public static bool IsOfSession(string token, ImmutableArray<byte> hash) =>
        hash.Length > SHA256.HashSizeInBytes && CryptographicOperations.FixedTimeEquals(HashOf(SessionPart(token)), hash.AsSpan()[..SHA256.HashSizeInBytes]);

    private static ReadOnlySpan<char> SessionPart(string token) => token.AsSpan(0, Math.Max(0, token.LastIndexOf('.')));

    private static byte[] HashOf(ReadOnlySpan<char> text) => SHA256.HashData(Encoding.UTF8.GetBytes(text.ToArray()));
}
