using System.Security.Claims;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.Mvc;

namespace FleetTracker.Identity;

/// <summary>A user's own account: everybody who is signed in.</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder api)
    {
        var account = api.MapGroup("/account").WithTags("Account").RequireAuthorization(Access.Account).WithCommonProblems();
        account.MapGet("", GetAsync).WithName("GetAccount").WithSummary("Who is signed in.").Produces<UserView>();
        account.MapPut("", ChangeAsync).WithName("PutAccount").WithSummary("Changes how you are shown.")
            .Accepts<OwnDetails>("application/json").Produces<UserView>().ProducesProblem(StatusCodes.Status400BadRequest);
        account.MapPost("/password", ChangePasswordAsync).WithName("ChangePassword").WithSummary("Changes your password. Your other sessions end.")
            .AddEndpointFilter(AuthEndpoints.LimitAttemptsAsync).WithMetadata(new RequestSizeLimitAttribute(16_384))
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests);
        account.MapGet("/sessions", ListSessionsAsync).WithName("ListSessions").WithSummary("Where you are signed in, newest first.").Produces<Page<SessionView>>();
        account.MapDelete("/sessions/{id}", EndSessionAsync).WithName("EndSession").WithSummary("Signs one of your sessions out.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        account.MapPost("/sign-out-everywhere", SignOutAsync).WithName("SignOutEverywhere").WithSummary("Ends all your sessions, this one too.").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> GetAsync(ClaimsPrincipal caller, IAccountStore accounts, TimeProvider time, CancellationToken cancellationToken) =>
        await FindAsync(caller, accounts, cancellationToken) is { } user ? TypedResults.Ok(UserView.Of(user, time.GetUtcNow())) : Gone();

    private static async Task<IResult> ChangeAsync(ClaimsPrincipal caller, IAccountStore accounts, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return problem!;
        using var read = body;
        var parameters = new Parameters();
        var (displayName, email) = UserFields.ReadOwn(body.RootElement, parameters);
        if (parameters.Problem is { } wrong) return wrong;
        while (true)
        {
            if (await FindAsync(caller, accounts, cancellationToken) is not { } user) return Gone();
            var details = new UserDetails { Role = user.Role, DisabledAt = user.DisabledAt, DisplayName = displayName, Email = email };
            if (await accounts.ChangeUserAsync(user.Tenant, user.Id, user.Revision, details, null, cancellationToken) is { } changed)
                return TypedResults.Ok(UserView.Of(changed, time.GetUtcNow()));
        }
    }

    private static async Task<IResult> ChangePasswordAsync(
        OwnPassword request, ClaimsPrincipal caller, IAccountStore accounts, UserAccounts users, EndedSessions sessions, CancellationToken cancellationToken)
    {
        var parameters = new Parameters();
        if (string.IsNullOrEmpty(request.CurrentPassword)) parameters.Refuse("currentPassword", "is missing");
        if (request.CurrentPassword?.Length > UserAccounts.MaxPasswordLength) parameters.Refuse("currentPassword", $"must be at most {UserAccounts.MaxPasswordLength} characters long, was {request.CurrentPassword.Length}");
        AuthEndpoints.CheckNewPassword(parameters, "newPassword", request.NewPassword);
        if (parameters.Problem is { } problem) return problem;

        if (await FindAsync(caller, accounts, cancellationToken) is not { } user) return Gone();
        if (!await users.ChangePasswordAsync(user, request.CurrentPassword!, request.NewPassword!, SessionOf(caller), cancellationToken)) return UserProblems.WrongPassword();
        await sessions.LookAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ListSessionsAsync(ClaimsPrincipal caller, IAccountStore accounts, TimeProvider time, CancellationToken cancellationToken)
    {
        var sessions = await accounts.ListSessionsAsync(caller.SubjectOf(), time.GetUtcNow(), cancellationToken);
        return TypedResults.Ok(new Page<SessionView>([.. sessions.Select(session => SessionView.Of(session, SessionOf(caller)))], null));
    }

    private static async Task<IResult> EndSessionAsync(
        string id, ClaimsPrincipal caller, IAccountStore accounts, EndedSessions sessions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await accounts.EndSessionAsync(caller.SubjectOf(), id, time.GetUtcNow(), cancellationToken)) return UserProblems.SessionNotFound(id);
        await sessions.LookAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> SignOutAsync(
        ClaimsPrincipal caller, IIdentityStore identity, EndedSessions sessions, TimeProvider time, CancellationToken cancellationToken)
    {
        await identity.EndSessionsOfUserAsync(caller.SubjectOf(), time.GetUtcNow(), cancellationToken);
        await sessions.LookAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static Task<StoredUser?> FindAsync(ClaimsPrincipal caller, IAccountStore accounts, CancellationToken cancellationToken) =>
        accounts.FindUserAsync(caller.TenantOf(), caller.SubjectOf(), cancellationToken);

    private static string? SessionOf(ClaimsPrincipal caller) => caller.FindFirstValue(FleetClaims.Session);

    /// <summary>Deleted a moment ago.</summary>
    private static IResult Gone() => AuthProblems.SessionEnded();
}
