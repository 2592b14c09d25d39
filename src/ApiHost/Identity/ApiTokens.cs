using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>
/// Tokens for programs: <c>ft_{id}_{256 random bits}</c>. The prefix is for those who search for secrets that have leaked. What is known of a token is asked again
/// after <see cref="AuthOptions.ApiTokenFreshness"/>, so a lower role of its user counts by then; revoked ones are refused as soon as <see cref="EndedSessions"/>
/// learns of them.
/// </summary>
internal sealed partial class ApiTokens(IApiTokenStore store, AttemptLimiter limiter, IOptions<AuthOptions> options, TimeProvider time, ILogger<ApiTokens> logger)
{
    public const string Prefix = "ft_";

    private const int IdLength = 22;
    private const int SecretLength = 43;
    private const int MostKnown = 10_000;

    // How exactly the newest use is told; a write for each would cost more than the request.
    private static readonly TimeSpan UseStep = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>A new id, and the token that is shown once.</summary>
    public static (string Id, string Token, byte[] Hash) New()
    {
        // Base64url has the underscore too, so parts are told by their length.
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (id, $"{Prefix}{id}_{secret}", HashOf(secret));
    }

    /// <summary>Whose token it is; <c>null</c> when it is none that holds.</summary>
    public async ValueTask<ApiTokenUser?> FindAsync(string token, System.Net.IPAddress? address, CancellationToken cancellationToken)
    {
        if (token.Length != Prefix.Length + IdLength + 1 + SecretLength || token[Prefix.Length + IdLength] != '_') return null;
        var (id, secret) = (token.Substring(Prefix.Length, IdLength), token[^SecretLength..]);
        if (await FindByIdAsync(id, address, cancellationToken) is not { } found) return null;
        if (!CryptographicOperations.FixedTimeEquals(HashOf(secret), found.Token.Hash.AsSpan())) return null;
        Touch(found.Token);
        return found;
    }

    private async ValueTask<ApiTokenUser?> FindByIdAsync(string id, System.Net.IPAddress? address, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(id, out var known) && now - known.ReadAt < options.Value.ApiTokenFreshness) return known.Token.Token.ExpiresAt > now ? known.Token : null;

        // Whoever makes ids up asks the store for each of them.
        if (known is null && limiter.Take(address) > TimeSpan.Zero) return null;
        var found = await store.FindAsync(id, now, cancellationToken);
        if (found is null)
        {
            _known.TryRemove(id, out _);
            return null;
        }

        if (_known.Count >= MostKnown) _known.Clear();
        _known[id] = new Known(found, now, known?.TouchedAt ?? found.Token.UsedAt ?? DateTimeOffset.MinValue);
        return found;
    }

    private void Touch(StoredApiToken token)
    {
        var now = time.GetUtcNow();
        if (!_known.TryGetValue(token.Id, out var known) || now - known.TouchedAt < UseStep) return;
        if (_known.TryUpdate(token.Id, known with { TouchedAt = now }, known)) _ = TouchAsync(token.Id, now);
    }

    private async Task TouchAsync(string id, DateTimeOffset now)
    {
        try
        {
            await store.TouchAsync(id, now, CancellationToken.None);
        }
        catch (Exception error)
        {
            LogTouchFailed(error);
        }
    }

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    [LoggerMessage(2541, LogLevel.Debug, "The use of an API token could not be noted")]
    private partial void LogTouchFailed(Exception error);

    private sealed record Known(ApiTokenUser Token, DateTimeOffset ReadAt, DateTimeOffset TouchedAt);
}
