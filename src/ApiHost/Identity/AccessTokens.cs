using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace FleetTracker.Identity;

/// <summary>Claims of an access token.</summary>
internal static class FleetClaims
{
    public const string Subject = "sub";
    public const string Name = "name";
    public const string Tenant = "tenant";
    public const string Role = "role";
    public const string Session = "sid";

    /// <summary>Id of the API token that asks, if it is one.</summary>
    public const string Token = "token";

    /// <summary>What that token may do.</summary>
    public const string Permission = "permission";

    public static string TenantOf(this ClaimsPrincipal user) =>
        user.FindFirstValue(Tenant) ?? throw new InvalidOperationException("a validated token without a tenant");

    public static string SubjectOf(this ClaimsPrincipal user) =>
        user.FindFirstValue(Subject) ?? throw new InvalidOperationException("a validated token without a subject");

    /// <summary>For the record of who changed what.</summary>
    public static string NameOf(this ClaimsPrincipal user) =>
        user.FindFirstValue(Name) ?? throw new InvalidOperationException("a validated token without a name");
}

/// <summary>Makes access tokens from granted sign-ins.</summary>
internal sealed class AccessTokens(SigningKeys keys, IOptions<AuthOptions> options, TimeProvider time)
{
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    public async ValueTask<string> IssueAsync(SignInResult granted, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.Value.Issuer,
            Audience = options.Value.Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddMinutes(options.Value.AccessTokenMinutes),
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [FleetClaims.Subject] = granted.UserId,
                [FleetClaims.Name] = granted.UserName,
                [FleetClaims.Tenant] = granted.Tenant,
                [FleetClaims.Role] = granted.Role,
                [FleetClaims.Session] = granted.SessionId,
            },
            SigningCredentials = new SigningCredentials(await keys.GetSigningKeyAsync(cancellationToken), SecurityAlgorithms.EcdsaSha256),
        });
    }
}

/// <summary>How access tokens are read and verified.</summary>
internal sealed class BearerSetup(SigningKeys keys, EndedSessions sessions, IOptions<AuthOptions> auth, TimeProvider time) : IConfigureNamedOptions<JwtBearerOptions>
{
    // Clocks of hosts differ a little; a token is not refused for that.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = auth.Value.Issuer,
            ValidAudience = auth.Value.Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = ["JWT"],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            NameClaimType = FleetClaims.Name,
            RoleClaimType = FleetClaims.Role,
            IssuerSigningKeyResolver = (_, _, keyId, _) => keyId is not null && keys.Known.ById.TryGetValue(keyId, out var key) ? [key.Key] : [],
            LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires, time.GetUtcNow().UtcDateTime),
        };
        options.Events = new JwtBearerEvents
        {
            OnMessageReceived = ReceiveAsync,
            OnTokenValidated = context =>
            {
                if (context.Principal?.FindFirstValue(FleetClaims.Tenant) is null) context.Fail("no tenant");
                else if (context.Principal.FindFirstValue(FleetClaims.Session) is { } session && sessions.Contains(session)) context.Fail("the session has ended");
                return Task.CompletedTask;
            },
        };
    }

    private static bool IsCurrent(DateTime? notBefore, DateTime? expires, DateTime now) =>
        expires is { } end && now < end && (notBefore is null || notBefore <= now + ClockSkew);

    private async Task ReceiveAsync(MessageReceivedContext context)
    {
        context.Token = Bearer.Of(context.Request);
        if (context.Token is null)
        {
            context.NoResult();
            return;
        }

        // The handler looks keys up synchronously, so they are read here.
        await keys.EnsureReadAsync(KeyIdOf(context.Token), context.HttpContext.RequestAborted);
    }

    private static string? KeyIdOf(string token)
    {
        try
        {
            return new JsonWebToken(token).Kid;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
