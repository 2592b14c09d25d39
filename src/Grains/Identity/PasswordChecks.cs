using FleetTracker.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>
/// Checks passwords on the thread pool, a few at a time, so that guessing cannot starve the silo's fleet. A name without a user costs the
/// same check against a hash that nothing matches, so that the time of the answer does not tell which names exist.
/// </summary>
internal sealed class PasswordChecks : IDisposable
{
    private readonly PasswordHasher<StoredUser> _hasher;
    private readonly SemaphoreSlim _gate;
    private readonly Lazy<string> _nobody;

    public PasswordChecks(IOptions<SignInOptions> options, IOptions<PasswordHasherOptions> hashing)
    {
        _hasher = new PasswordHasher<StoredUser>(hashing);
        _gate = new SemaphoreSlim(options.Value.ConcurrentPasswordChecks);
        _nobody = new Lazy<string>(() => _hasher.HashPassword(null!, Guid.NewGuid().ToString("N")));
    }

    /// <summary>The user's hash rewritten with today's cost when it had an older one, in <c>Rehashed</c>.</summary>
    public async Task<PasswordCheck> CheckAsync(StoredUser? user, string password)
    {
        await _gate.WaitAsync();
        try
        {
            return await Task.Run(() => Check(user, password));
        }
        finally
        {
            _gate.Release();
        }
    }

    private PasswordCheck Check(StoredUser? user, string password)
    {
        // Who has not chosen a password yet takes as long as nobody.
        if (user?.PasswordHash.Length == 0) user = null;
        var verdict = _hasher.VerifyHashedPassword(user!, user?.PasswordHash ?? _nobody.Value, password);
        return user is null || verdict == PasswordVerificationResult.Failed ? default
            : new PasswordCheck(true, verdict == PasswordVerificationResult.SuccessRehashNeeded ? _hasher.HashPassword(user, password) : null);
    }

    public void Dispose() => _gate.Dispose();
}

internal readonly record struct PasswordCheck(bool IsRight, string? Rehashed);
