using FleetTracker.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>
/// Sign-in of one user. Key: the upper-case user name, whether or not such a user exists. Turns do not interleave, so attempts on one name
/// are checked one after another and none escapes the count. Failures of a user are stored before the answer is given; those of a name
/// without a user live in memory, so that both look the same from outside.
/// </summary>
internal sealed partial class UserSignInGrain(
    IIdentityStore store,
    PasswordChecks passwords,
    IOptions<SignInOptions> options,
    IdentityMetrics metrics,
    TimeProvider time,
    ILogger<UserSignInGrain> logger) : Grain, IUserSignInGrain
{
    private SignInFailures _failuresOfNobody;

    public async ValueTask<SignInResult> SignInAsync(string password, SignInOrigin origin)
    {
        try
        {
            var result = await TrySignInAsync(password, origin);
            metrics.SignedIn(result.Status);
            return result;
        }
        catch (Exception exception) when (IdentityFailures.IsUnavailable(exception))
        {
            LogUnavailable(exception);
            throw new IdentityUnavailableException("the identity store did not answer");
        }
    }

    private async Task<SignInResult> TrySignInAsync(string password, SignInOrigin origin)
    {
        var now = time.GetUtcNow();
        var user = await store.FindUserAsync(this.GetPrimaryKeyString(), CancellationToken.None);
        var failures = user is null ? _failuresOfNobody : new SignInFailures(user.FailedAttempts, user.LockedUntil);

        // A locked name is not checked at all: a right guess during the lock must look like a wrong one.
        if (LockoutPolicy.Remaining(failures, now) is { Ticks: > 0 } wait)
            return new SignInResult { Status = SignInStatus.TooManyAttempts, RetryAfter = wait };

        var check = await passwords.CheckAsync(user, password);
        // One who is disabled is not told so: who knows no password learns nothing, and who does asks an administrator.
        if (user is null || user.DisabledAt is not null || !check.IsRight) return await RefuseAsync(user, LockoutPolicy.AfterFailure(failures, now, options.Value));

        if (failures != SignInFailures.None) await store.SetFailuresAsync(user.Id, 0, null, CancellationToken.None);
        if (check.Rehashed is { } rehashed)
        {
            await store.SetPasswordAsync(user.Id, rehashed, CancellationToken.None);
            user = user with { PasswordHash = rehashed };
        }

        return await OpenSessionAsync(user, origin, now);
    }

    private async Task<SignInResult> RefuseAsync(StoredUser? user, SignInFailures failures)
    {
        if (user is null) _failuresOfNobody = failures;
        else await store.SetFailuresAsync(user.Id, failures.Count, failures.LockedUntil, CancellationToken.None);

        if (user is not null && failures.LockedUntil is { } until) LogLocked(user.Id, failures.Count, until);
        return new SignInResult { Status = SignInStatus.BadCredentials };
    }

    private async Task<SignInResult> OpenSessionAsync(StoredUser user, SignInOrigin origin, DateTimeOffset now)
    {
        var sessionId = RefreshTokens.NewSessionId();
        var refreshToken = RefreshTokens.New(sessionId);
        var isOpen = await store.AddSessionAsync(
            new StoredSession
            {
                Id = sessionId,
                UserId = user.Id,
                RefreshHash = RefreshTokens.Hash(refreshToken),
                CreatedAt = now,
                ExpiresAt = now + options.Value.SessionIdleLifetime,
                Address = origin.Address,
                Agent = origin.Agent,
            },
            user.PasswordHash,
            CancellationToken.None);
        return isOpen ? IdentityResults.Granted(user, sessionId, refreshToken) : IdentityResults.Refused;
    }

    [LoggerMessage(2501, LogLevel.Warning, "Sign-in of user {UserId} is locked until {LockedUntil:O} after {Failures} failures")]
    private partial void LogLocked(string userId, int failures, DateTimeOffset lockedUntil);

    [LoggerMessage(2502, LogLevel.Warning, "A sign-in could not be decided: the identity store did not answer")]
    private partial void LogUnavailable(Exception exception);
}
