using System.Collections.Immutable;
using System.Security.Claims;
using System.Text.Json;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>A token for a program.</summary>
/// <param name="UserName">Whose it is: it never does more than this user may.</param>
/// <param name="Permissions">Of <c>read</c>, <c>dispatch</c>, <c>install</c>, <c>administer</c>.</param>
/// <param name="UsedAt">The newest use, to the minute, or <c>null</c>.</param>
public sealed record TokenView(
    string Id, string Name, string UserName, ImmutableArray<string> Permissions, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt)
{
    internal static TokenView Of(ApiTokenUser found) =>
        new(found.Token.Id, found.Token.Name, found.UserName, found.Token.Permissions, found.Token.CreatedAt, found.Token.ExpiresAt, found.Token.UsedAt);
}

/// <param name="Name">1–100 characters.</param>
/// <param name="Permissions">At least one, and only what you may do yourself.</param>
/// <param name="ExpiresAt">Default: in 90 days.</param>
public sealed record NewToken(string? Name, string[]? Permissions, DateTimeOffset? ExpiresAt);

/// <param name="Secret">For the <c>Authorization: Bearer</c> header. Shown here and never again.</param>
public sealed record NewTokenResponse(TokenView Token, string Secret);

internal static class TokenEndpoints
{
    private const int MaxName = 100;

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(90);

    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        // Not for tokens: one that leaked must not make another.
        var tokens = api.MapGroup("/tokens").WithTags("Tokens").RequireAuthorization(Access.Account).WithCommonProblems();
        tokens.MapGet("", ListAsync).WithName("ListTokens").WithSummary("Your API tokens; for administrators those of everybody.").Produces<Page<TokenView>>();
        tokens.MapPost("", CreateAsync).WithName("CreateToken").WithSummary("Creates an API token and shows its secret once.")
            .Accepts<NewToken>("application/json").Produces<NewTokenResponse>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        tokens.MapDelete("/{id}", RevokeAsync).WithName("RevokeToken").WithSummary("Revokes an API token for good.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal caller, IApiTokenStore tokens, TimeProvider time, CancellationToken cancellationToken, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 't', 1);
        if (parameters.Problem is { } problem) return problem;

        var found = await tokens.ListAsync(caller.TenantOf(), OwnerOf(caller), after?[0], time.GetUtcNow(), count + 1, cancellationToken);
        var next = found.Count > count ? Cursors.Make('t', found[count - 1].Token.Id) : null;
        return TypedResults.Ok(new Page<TokenView>([.. found.Take(count).Select(TokenView.Of)], next));
    }

    private static async Task<IResult> CreateAsync(
        ClaimsPrincipal caller, IApiTokenStore tokens, IOptions<AuthOptions> options, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return problem!;
        using var read = body;
        var parameters = new Parameters();
        var now = time.GetUtcNow();
        var (name, permissions, expiresAt) = Read(body.RootElement, now, options.Value.ApiTokenMaxLifetime, parameters);
        if (parameters.Problem is { } wrong) return wrong;
        foreach (var permission in permissions.Where(permission => !Access.Allows(caller, permission))) parameters.Refuse("permissions", $"must be what you may do yourself, was '{permission}'");
        if (parameters.Problem is { } beyond) return beyond;

        var (id, secret, hash) = ApiTokens.New();
        var token = new StoredApiToken
        {
            Id = id, Tenant = caller.TenantOf(), UserId = caller.SubjectOf(), Name = name, Hash = [.. hash], Permissions = permissions, CreatedAt = now, ExpiresAt = expiresAt,
        };
        if (!await tokens.AddAsync(token, options.Value.MaxApiTokensPerUser, cancellationToken)) return UserProblems.TooManyTokens(options.Value.MaxApiTokensPerUser);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/tokens/{id}", new NewTokenResponse(TokenView.Of(new ApiTokenUser(token, caller.NameOf(), "")), secret));
    }

    private static async Task<IResult> RevokeAsync(
        string id, ClaimsPrincipal caller, IApiTokenStore tokens, EndedSessions sessions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await tokens.RevokeAsync(caller.TenantOf(), OwnerOf(caller), id, time.GetUtcNow(), cancellationToken)) return UserProblems.TokenNotFound(id);
        await sessions.LookAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static (string Name, ImmutableArray<string> Permissions, DateTimeOffset ExpiresAt) Read(JsonElement body, DateTimeOffset now, TimeSpan most, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return ("", [], default);
        fields.Required("name");
        var name = fields.Text("name", MaxName) ?? "";
        fields.Required("permissions");
        var permissions = ImmutableArray.CreateBuilder<string>();
        foreach (var (path, item) in fields.Items("permissions", Access.Grantable.Length))
        {
            if (item.ValueKind == JsonValueKind.String && Access.Grantable.Contains(item.GetString()!)) permissions.Add(item.GetString()!);
            else parameters.Refuse(path, $"must be one of {string.Join(", ", Access.Grantable)}, was {JsonFields.Shown(item)}");
        }

        if (parameters.IsValid && permissions.Count == 0) fields.Refuse("permissions", "must have at least one");
        var expiresAt = now + (DefaultLifetime < most ? DefaultLifetime : most);
        if (fields.Text("expiresAt", 40) is { } text)
        {
            if (!Rfc3339.TryParse(text, out expiresAt)) fields.Refuse("expiresAt", $"must be an RFC 3339 time with its offset such as 2026-03-01T12:00:00Z, was '{text}'");
            else if (expiresAt <= now || expiresAt > now + most) fields.Refuse("expiresAt", $"must be after now and at most {most.TotalDays:0} days ahead, was '{text}'");
        }

        fields.RefuseOthers();
        return (name, [.. permissions.Distinct(StringComparer.Ordinal)], expiresAt);
    }

    /// <summary><c>null</c> for those who administer everybody's.</summary>
    private static string? OwnerOf(ClaimsPrincipal caller) => Access.Allows(caller, Access.Administer) ? null : caller.SubjectOf();
}
