using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>How sign-in is defended, and how long a session lasts.</summary>
public sealed class SignInOptions
{
    public const string Section = "SignIn";

    /// <summary>Wrong passwords in a row after which a user name is locked. Fewer stops guessing sooner and locks out more typists. Default: 5.</summary>
    public int MaxFailures { get; set; } = 5;

    /// <summary>The first lock; every further failure doubles it. Default: 30 s.</summary>
    public TimeSpan Lockout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest lock. It bounds what a stranger who knows a user name can do to its owner. Default: 15 min.</summary>
    public TimeSpan MaxLockout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>A session ends when its refresh token is not used for this long. Default: 14 days.</summary>
    public TimeSpan SessionIdleLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>A session ends this long after the password was given, whatever happens. Default: 90 days.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Password checks at once per silo; the rest wait. They are meant to be expensive, and this keeps them from starving the fleet. Default: 2.</summary>
    public int ConcurrentPasswordChecks { get; set; } = 2;
}

internal sealed class SignInOptionsValidator : IValidateOptions<SignInOptions>
{
    public ValidateOptionsResult Validate(string? name, SignInOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        if (options.MaxFailures is < 1 or > 100) problems.AddError($"must be between 1 and 100, was {options.MaxFailures}", nameof(options.MaxFailures));
        if (options.Lockout <= TimeSpan.Zero) problems.AddError($"must be positive, was {options.Lockout}", nameof(options.Lockout));
        if (options.MaxLockout < options.Lockout || options.MaxLockout > TimeSpan.FromDays(1))
            problems.AddError($"must be between Lockout and one day, was {options.MaxLockout}", nameof(options.MaxLockout));
        if (options.SessionIdleLifetime <= TimeSpan.Zero)
            problems.AddError($"must be positive, was {options.SessionIdleLifetime}", nameof(options.SessionIdleLifetime));
        if (options.SessionLifetime < options.SessionIdleLifetime)
            problems.AddError($"must not be shorter than SessionIdleLifetime, was {options.SessionLifetime}", nameof(options.SessionLifetime));
        if (options.ConcurrentPasswordChecks < 1)
            problems.AddError($"must be positive, was {options.ConcurrentPasswordChecks}", nameof(options.ConcurrentPasswordChecks));
        return problems.Build();
    }
}
