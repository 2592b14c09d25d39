using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Claims;
using FleetTracker.LiveMap;
using FleetTracker.Problems;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <param name="UserName">Compared without case.</param>
public sealed record LoginRequest(string? UserName, string? Password);

public sealed record RefreshRequest(string? RefreshToken);

/// <summary>What a granted sign-in or refresh gives.</summary>
/// <param name="AccessToken">An ES256 JWT for the <c>Authorization: Bearer</c> header.</param>
/// <param name="RefreshToken">Good for one refresh; presenting it twice ends the session.</param>
/// <param name="ExpiresIn">Seconds that the access token holds.</param>
public sealed record TokenResponse(string AccessToken, string RefreshToken, int ExpiresIn);

internal static class AuthEndpoints
{
    private const int MaxLinkToken = 100;
    private const int MaxAgent = 200;

    public static void MapAuth(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Sign-in").AllowAnonymous()
            .AddEndpointFilter(LimitAttemptsAsync).WithMetadata(new RequestSizeLimitAttribute(16_384))
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        auth.MapPost("/login", LoginAsync).WithName("Login").WithSummary("Signs a user in.")
            .Produces<TokenResponse>().ProducesProblem(StatusCodes.Status401Unauthorized);
        auth.MapPost("/refresh", RefreshAsync).WithName("Refresh").WithSummary("Exchanges a refresh token for new tokens.")
            .Produces<TokenResponse>().ProducesProblem(StatusCodes.Status401Unauthorized);
        auth.MapPost("/password", ChoosePasswordAsync).WithName("ChoosePassword").WithSummary("Chooses a password by a link. All sessions of the user end.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status410Gone);
        auth.MapPost("/logout", LogoutAsync).WithName("Logout")
            .WithSummary("Ends the session of the refresh token in the body, of the bearer token, or of both.")
            .Produces(StatusCodes.Status204NoContent);
    }

    public static void MapKeys(this IEndpointRouteBuilder app) =>
        app.MapGet("/.well-known/jwks.json", GetKeysAsync).AllowAnonymous().WithName("Keys").WithTags("Sign-in")
            .WithSummary("Public keys that verify our access tokens, as a JSON Web Key Set.");

    internal static async ValueTask<object?> LimitAttemptsAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var wait = context.HttpContext.RequestServices.GetRequiredService<AttemptLimiter>().Take(context.HttpContext.Connection.RemoteIpAddress);
        return wait > TimeSpan.Zero ? ApiProblems.RateLimited(wait) : await next(context);
    }

    private static async Task<IResult> LoginAsync(
        LoginRequest request, IGrainFactory grains, AccessTokens tokens, IOptions<AuthOptions> options, HttpContext context, CancellationToken cancellationToken)
    {
        var parameters = new Parameters();
        if (string.IsNullOrWhiteSpace(request.UserName)) parameters.Refuse("userName", "is missing");
        if (string.IsNullOrEmpty(request.Password)) parameters.Refuse("password", "is missing");
        if (request.UserName?.Length > UserAccounts.MaxNameLength) parameters.Refuse("userName", $"must be at most {UserAccounts.MaxNameLength} characters long, was {request.UserName.Length}");
        if (request.Password?.Length > UserAccounts.MaxPasswordLength) parameters.Refuse("password", $"must be at most {UserAccounts.MaxPasswordLength} characters long, was {request.Password.Length}");
        if (parameters.Problem is { } problem) return problem;

        var result = await grains.GetGrain<IUserSignInGrain>(request.UserName!.Trim().ToUpperInvariant()).SignInAsync(request.Password!, OriginOf(context));
        return result.Status switch
        {
            SignInStatus.Granted => await GrantedAsync(result, tokens, options.Value, cancellationToken),
            SignInStatus.BadCredentials => AuthProblems.BadCredentials(),
            SignInStatus.TooManyAttempts => AuthProblems.TooManyAttempts(result.RetryAfter),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<IResult> RefreshAsync(
        RefreshRequest request, IGrainFactory grains, AccessTokens tokens, IOptions<AuthOptions> options, CancellationToken cancellationToken)
    {
        var parameters = new Parameters();
        if (string.IsNullOrEmpty(request.RefreshToken)) parameters.Refuse("refreshToken", "is missing");
        if (parameters.Problem is { } problem) return problem;
        if (SessionIdOf(request.RefreshToken!) is not { } sessionId) return AuthProblems.SessionEnded();

        var result = await grains.GetGrain<ISessionGrain>(sessionId).RefreshAsync(request.RefreshToken!);
        return result.Status == SignInStatus.Granted
            ? await GrantedAsync(result, tokens, options.Value, cancellationToken)
            : AuthProblems.SessionEnded();
    }

    private static async Task<IResult> ChoosePasswordAsync(PasswordByLink request, UserAccounts users, EndedSessions sessions, CancellationToken cancellationToken)
    {
        var parameters = new Parameters();
        if (string.IsNullOrEmpty(request.Token)) parameters.Refuse("token", "is missing");
        CheckNewPassword(parameters, "password", request.Password);
        if (parameters.Problem is { } problem) return problem;

        if (request.Token!.Length > MaxLinkToken || !await users.ChoosePasswordAsync(request.Token, request.Password!, cancellationToken)) return UserProblems.LinkExpired();
        await sessions.LookAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    internal static void CheckNewPassword(Parameters parameters, string name, string? password)
    {
        if (string.IsNullOrEmpty(password)) parameters.Refuse(name, "is missing");
        else if (!UserAccounts.IsStrong(password))
            parameters.Refuse(name, $"must be {UserAccounts.MinPasswordLength} to {UserAccounts.MaxPasswordLength} characters long, was {password.Length}");
    }

    private static SignInOrigin OriginOf(HttpContext context)
    {
        var agent = new string([.. context.Request.Headers.UserAgent.ToString().Where(character => !char.IsControl(character)).Take(MaxAgent)]);
        return new SignInOrigin(context.Connection.RemoteIpAddress?.ToString(), agent.Length > 0 ? agent : null);
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, IGrainFactory grains, EndedSessions sessions, CancellationToken cancellationToken)
    {
        var body = context.Request.HasJsonContentType() && context.Request.ContentLength != 0
            ? await ReadLogoutAsync(context.Request, cancellationToken)
            : null;
        // An API token has no session to end.
        if (context.User.FindFirst(FleetClaims.Token) is null && context.User.FindFirstValue(FleetClaims.Session) is { } mine)
        {
            await grains.GetGrain<ISessionGrain>(mine).EndAsync();
            sessions.Add(mine);
        }

        // A session id is in every access token and no secret; only a token of the session ends it.
        if (body?.RefreshToken is { } token && SessionIdOf(token) is { } named && await grains.GetGrain<ISessionGrain>(named).EndWithAsync(token))
            sessions.Add(named);

        return TypedResults.NoContent();
    }

    private static async ValueTask<RefreshRequest?> ReadLogoutAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.ReadFromJsonAsync<RefreshRequest>(cancellationToken);
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw new BadHttpRequestException("the body is not JSON", exception);
        }
    }

    private static async Task<IResult> GrantedAsync(SignInResult granted, AccessTokens tokens, AuthOptions options, CancellationToken cancellationToken) =>
        new NotStored(TypedResults.Ok(new TokenResponse(
            await tokens.IssueAsync(granted, cancellationToken), granted.RefreshToken, options.AccessTokenMinutes * 60)));

    private static async Task<IResult> GetKeysAsync(HttpContext context, SigningKeys keys, CancellationToken cancellationToken)
    {
        await keys.GetSigningKeyAsync(cancellationToken);
        context.Response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Ok(new
        {
            keys = keys.Known.Keys.Select(key =>
            {
                var point = key.Key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
                return new
                {
                    kty = "EC", crv = "P-256", use = "sig", alg = "ES256", kid = key.Id,
                    x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y),
                };
            }).ToArray(),
        });
    }

    /// <summary>The part before the dot, if it can be a session id at all: only those may name a grain.</summary>
    private static string? SessionIdOf(string refreshToken)
    {
        var dot = refreshToken.IndexOf('.', StringComparison.Ordinal);
        return dot is > 0 and <= 40 && refreshToken.Length <= 200 && Base64Url.IsValid(refreshToken.AsSpan(0, dot)) ? refreshToken[..dot] : null;
    }

    /// <summary>An answer that no cache keeps.</summary>
    private sealed class NotStored(IResult inner) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "no-store";
            return inner.ExecuteAsync(httpContext);
        }
    }
}
