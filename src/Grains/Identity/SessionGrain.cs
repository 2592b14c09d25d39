using FleetTracker.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>
/// One session of a user, from sign-in to sign-out. Key: the session id. The stored session is the truth and is read for every question, so
/// that a password reset, which ends sessions in the store, holds at once. Rotation is strict: the token before the newest one ends the
/// session even if the newest was never received, because a lost answer and a copied token look the same. A token that never was one of the
/// session is refused and ends nothing: whoever knows only the id must not be able to sign others out.
/// </summary>
internal sealed partial class SessionGrain(
    IIdentityStore store,
    IOptions<SignInOptions> options,
    IdentityMetrics metrics,
    TimeProvider time,
    ILogger<SessionGrain> logger) : Grain, ISessionGrain
{
    public async ValueTask<SignInResult> RefreshAsync(string refreshToken)
    {
        try
        {
            var result = await TryRefreshAsync(refreshToken);
            metrics.Refreshed(result.Status);
            return result;
        }
        catch (Exception exception) when (IdentityFailures.IsUnavailable(exception))
        {
            LogUnavailable(exception);
            throw new IdentityUnavailableException("the identity store did not answer");
        }
    }

    public async ValueTask EndAsync()
    {
        try
        {
            await store.EndSessionAsync(this.GetPrimaryKeyString(), time.GetUtcNow(), CancellationToken.None);
        }
        catch (Exception exception) when (IdentityFailures.IsUnavailable(exception))
        {
            LogUnavailable(exception);
            throw new IdentityUnavailableException("the identity store did not answer");
        }
    }

    public async ValueTask<bool> EndWithAsync(string refreshToken)
    {
        try
        {
            var now = time.GetUtcNow();
            if (await FindOpenAsync(now) is not { } session || !RefreshTokens.IsOfSession(refreshToken, session.RefreshHash)) return false;
            await store.EndSessionAsync(session.Id, now, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (IdentityFailures.IsUnavailable(exception))
        {
            LogUnavailable(exception);
            throw new IdentityUnavailableException("the identity store did not answer");
        }
    }

    public async ValueTask<bool> IsOpenAsync()
    {
        try
        {
            return await FindOpenAsync(time.GetUtcNow()) is not null;
        }
        catch (Exception exception) when (IdentityFailures.IsUnavailable(exception))
        {
            LogUnavailable(exception);
            throw new IdentityUnavailableException("the identity store did not answer");
        }
    }

    private async Task<SignInResult> TryRefreshAsync(string refreshToken)
    {
        var now = time.GetUtcNow();
        if (await FindOpenAsync(now) is not { } session) return IdentityResults.Refused;
        if (!RefreshTokens.IsOfSession(refreshToken, session.RefreshHash)) return IdentityResults.Refused;
        if (!RefreshTokens.Matches(refreshToken, session.RefreshHash)) return await EndReusedAsync(session, now);
        if (await store.FindUserByIdAsync(session.UserId, CancellationToken.None) is not { DisabledAt: null } user) return IdentityResults.Refused;

        var next = RefreshTokens.Next(refreshToken);
        var latest = session.CreatedAt + options.Value.SessionLifetime;
        var expiresAt = now + options.Value.SessionIdleLifetime;
        var rotated = await store.RotateSessionAsync(
            session.Id, session.RefreshHash, RefreshTokens.Hash(next), expiresAt < latest ? expiresAt : latest, now, CancellationToken.None);

        // Somebody else rotated between our read and our write: the same token was presented twice.
        return rotated ? IdentityResults.Granted(user, session.Id, next) : await EndReusedAsync(session, now);
    }

    private async Task<SignInResult> EndReusedAsync(StoredSession session, DateTimeOffset now)
    {
        await store.EndSessionAsync(session.Id, now, CancellationToken.None);
        LogReused(session.UserId);
        metrics.Reused();
        return IdentityResults.Refused;
    }

    private async Task<StoredSession?> FindOpenAsync(DateTimeOffset now)
    {
        var session = await store.FindSessionAsync(this.GetPrimaryKeyString(), CancellationToken.None);
        return session is { EndedAt: null } && session.ExpiresAt > now ? session : null;
    }

    [LoggerMessage(2511, LogLevel.Warning, "A session of user {UserId} was ended: a refresh token that had been rotated away came back")]
    private partial void LogReused(string userId);

    [LoggerMessage(2512, LogLevel.Warning, "A session could not be read or changed: the identity store did not answer")]
    private partial void LogUnavailable(Exception exception);
}
