using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>Access tokens and the defense of the sign-in addresses.</summary>
public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>The <c>iss</c> of our tokens. Default: <c>fleettracker</c>.</summary>
    public string Issuer { get; set; } = "fleettracker";

    /// <summary>The <c>aud</c> of our tokens. Default: <c>fleettracker</c>.</summary>
    public string Audience { get; set; } = "fleettracker";

    /// <summary>
    /// How long an access token holds. A signed-out user may use one for that long, so shorter is safer and refreshes more often.
    /// <c>JWT_EXPIRE_MINUTES</c> sets it too. Default: 15.
    /// </summary>
    public int AccessTokenMinutes { get; set; } = 15;

    /// <summary>Age at which a signing key gets a successor. Default: 90 days.</summary>
    public TimeSpan KeyRotation { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a new key is published before it signs, and an old one after. Longer than anybody caches our keys. Default: 1 day.</summary>
    public TimeSpan KeyOverlap { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long a link to choose a password works. Default: 3 days.</summary>
    public TimeSpan PasswordLinkLifetime { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How often a host asks which sessions have ended on others; their tokens are refused from then on. Default: 2 s.</summary>
    public TimeSpan SessionPoll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a host believes what it has read of an API token: by then a changed role of its user counts. Default: 10 s.</summary>
    public TimeSpan ApiTokenFreshness { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest time that an API token may hold. Default: 366 days.</summary>
    public TimeSpan ApiTokenMaxLifetime { get; set; } = TimeSpan.FromDays(366);

    /// <summary>API tokens of one user. Default: 50.</summary>
    public int MaxApiTokensPerUser { get; set; } = 50;

    /// <summary>Requests to the sign-in addresses per client address (IPv6: per /64) at once. Default: 20.</summary>
    public int AttemptBurst { get; set; } = 20;

    /// <summary>Requests per minute that come back to a client address. An office shares one. Default: 30.</summary>
    public int AttemptsPerMinute { get; set; } = 30;
}

internal sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        if (string.IsNullOrWhiteSpace(options.Issuer)) problems.AddError("must not be empty", nameof(options.Issuer));
        if (string.IsNullOrWhiteSpace(options.Audience)) problems.AddError("must not be empty", nameof(options.Audience));
        if (options.AccessTokenMinutes is < 1 or > 1_440)
            problems.AddError($"(JWT_EXPIRE_MINUTES) must be a whole number from 1 to 1440, was {options.AccessTokenMinutes}", nameof(options.AccessTokenMinutes));
        if (options.KeyOverlap < TimeSpan.FromMinutes(options.AccessTokenMinutes))
            problems.AddError($"must not be shorter than an access token holds, was {options.KeyOverlap}", nameof(options.KeyOverlap));
        if (options.KeyRotation < options.KeyOverlap)
            problems.AddError($"must not be shorter than KeyOverlap, was {options.KeyRotation}", nameof(options.KeyRotation));
        if (options.PasswordLinkLifetime < TimeSpan.FromMinutes(5) || options.PasswordLinkLifetime > TimeSpan.FromDays(30))
            problems.AddError($"must be 5 minutes to 30 days, was {options.PasswordLinkLifetime}", nameof(options.PasswordLinkLifetime));
        if (options.SessionPoll < TimeSpan.FromMilliseconds(100) || options.SessionPoll > TimeSpan.FromMinutes(1))
            problems.AddError($"must be 100 ms to 1 minute, was {options.SessionPoll}", nameof(options.SessionPoll));
        if (options.ApiTokenFreshness < TimeSpan.Zero || options.ApiTokenFreshness > TimeSpan.FromMinutes(10))
            problems.AddError($"must be 0 to 10 minutes, was {options.ApiTokenFreshness}", nameof(options.ApiTokenFreshness));
        if (options.ApiTokenMaxLifetime < TimeSpan.FromDays(1)) problems.AddError($"must be a day or more, was {options.ApiTokenMaxLifetime}", nameof(options.ApiTokenMaxLifetime));
        if (options.MaxApiTokensPerUser < 0) problems.AddError($"must not be negative, was {options.MaxApiTokensPerUser}", nameof(options.MaxApiTokensPerUser));
        if (options.AttemptBurst < 1) problems.AddError($"must be positive, was {options.AttemptBurst}", nameof(options.AttemptBurst));
        if (options.AttemptsPerMinute < 1) problems.AddError($"must be positive, was {options.AttemptsPerMinute}", nameof(options.AttemptsPerMinute));
        return problems.Build();
    }
}
