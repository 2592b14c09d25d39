using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>Signs programs in by their API token, where people bring an access token.</summary>
internal sealed class ApiTokenAuthentication(
    ApiTokens tokens, EndedSessions sessions, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "api-token";

    /// <summary>What a token's live connections are closed by, as sessions are by their id.</summary>
    public static string SessionOf(string tokenId) => "token:" + tokenId;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Bearer.Of(Request) is not { } text) return AuthenticateResult.NoResult();
        if (await tokens.FindAsync(text, Context.Connection.RemoteIpAddress, Context.RequestAborted) is not { } found || sessions.Contains(SessionOf(found.Token.Id)))
            return AuthenticateResult.Fail("no API token that holds");

        var identity = new ClaimsIdentity(ClaimsOf(found), SchemeName, FleetClaims.Name, FleetClaims.Role);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return base.HandleChallengeAsync(properties);
    }

    private static IEnumerable<Claim> ClaimsOf(ApiTokenUser found)
    {
        yield return new Claim(FleetClaims.Subject, found.Token.UserId);
        yield return new Claim(FleetClaims.Name, found.UserName);
        yield return new Claim(FleetClaims.Tenant, found.Token.Tenant);
        yield return new Claim(FleetClaims.Role, found.Role);
        yield return new Claim(FleetClaims.Session, SessionOf(found.Token.Id));
        yield return new Claim(FleetClaims.Token, found.Token.Id);
        yield return new Claim("exp", found.Token.ExpiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        foreach (var permission in found.Token.Permissions) yield return new Claim(FleetClaims.Permission, permission);
    }
}

/// <summary>What a request brings to be known by.</summary>
internal static class Bearer
{
    /// <summary>From the header; on the hubs' addresses alone also from the query, because browsers cannot set headers of a WebSocket.</summary>
    public static string? Of(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return header[scheme.Length..].Trim();
        var isHub = request.Path.StartsWithSegments("/hubs", StringComparison.Ordinal) || request.Path.StartsWithSegments("/ws", StringComparison.Ordinal);
        return isHub && request.Query["access_token"].ToString() is { Length: > 0 } token ? token : null;
    }
}
