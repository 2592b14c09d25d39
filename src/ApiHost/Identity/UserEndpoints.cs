using System.Security.Claims;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>Users, for the administrators of their tenant.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users").RequireAuthorization(Access.Administer).WithCommonProblems();
        users.MapGet("", ListAsync).WithName("ListUsers").WithSummary("Users by name.").Produces<Page<UserView>>();
        users.MapPost("", InviteAsync).WithName("InviteUser").WithSummary("Creates a user and a link, shown once, by which the user chooses a password.")
            .Accepts<NewUser>("application/json").Produces<InvitedUser>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        var user = users.MapGroup("/{id}").ProducesProblem(StatusCodes.Status404NotFound);
        user.MapGet("", FindAsync).WithName("GetUser").WithSummary("One user.").Produces<UserView>();
        user.MapPut("", ChangeAsync).WithName("PutUser").WithSummary("Changes a user. A lower role and disabling end all sessions of the user.")
            .Accepts<UserChange>("application/json").Produces<UserView>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        user.MapDelete("", DeleteAsync).WithName("DeleteUser").WithSummary("Deletes a user and ends all sessions. The name is free at once.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status409Conflict);
        user.MapPost("/password-link", LinkAsync).WithName("MakePasswordLink").WithSummary("A link, shown once, by which the user chooses a new password.").Produces<PasswordLinkView>();
        user.MapPost("/sign-out", SignOutAsync).WithName("SignOutUser").WithSummary("Ends all sessions of a user.").Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal caller, IAccountStore accounts, TimeProvider time, CancellationToken cancellationToken, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 'u', 1);
        if (parameters.Problem is { } problem) return problem;

        var users = await accounts.ListUsersAsync(caller.TenantOf(), after?[0], count + 1, cancellationToken);
        var next = users.Count > count ? Cursors.Make('u', users[count - 1].UserName.ToUpperInvariant()) : null;
        return TypedResults.Ok(new Page<UserView>([.. users.Take(count).Select(user => UserView.Of(user, time.GetUtcNow()))], next));
    }

    private static async Task<IResult> FindAsync(
        string id, ClaimsPrincipal caller, IAccountStore accounts, TimeProvider time, HttpContext context, CancellationToken cancellationToken) =>
        await accounts.FindUserAsync(caller.TenantOf(), id, cancellationToken) is { } user ? Show(context, user, time) : UserProblems.NotFound(id);

    private static async Task<IResult> InviteAsync(
        ClaimsPrincipal caller, UserAccounts users, IOptions<AuthOptions> options, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return problem!;
        using var read = body;
        var parameters = new Parameters();
        var (name, wanted) = UserFields.ReadNew(body.RootElement, parameters);
        if (parameters.Problem is { } wrong) return wrong;
        if (!MayGrant(caller, wanted.Role)) return UserProblems.OwnersAlone();

        if (await users.InviteAsync(caller.TenantOf(), name, wanted.Role, wanted.DisplayName, wanted.Email, cancellationToken) is not { } user) return UserProblems.NameTaken(name);
        var link = await NewLinkAsync(users, user.Id, options.Value, time, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/users/{user.Id}", new InvitedUser(UserView.Of(user, time.GetUtcNow()), link));
    }

    private static async Task<IResult> ChangeAsync(
        string id, ClaimsPrincipal caller, IAccountStore accounts, EndedSessions sessions, TimeProvider time, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return problem!;
        using var read = body;
        var parameters = new Parameters();
        var wanted = UserFields.ReadChange(body.RootElement, parameters);
        if (parameters.Problem is { } wrong) return wrong;

        var expected = EntityTags.Expected(ifMatch);
        while (true)
        {
            if (await accounts.FindUserAsync(caller.TenantOf(), id, cancellationToken) is not { } user) return UserProblems.NotFound(id);
            if (expected is { } revision && revision != user.Revision) return EntityTags.Stale(context, $"User '{user.UserName}'", user.Revision);
            if (!MayGrant(caller, user.Role) || !MayGrant(caller, wanted.Role)) return UserProblems.OwnersAlone();

            var change = new UserDetails
            {
                Role = wanted.Role, DisplayName = wanted.DisplayName, Email = wanted.Email, DisabledAt = wanted.Disabled ? user.DisabledAt ?? time.GetUtcNow() : null,
            };
            var takesAway = !string.Equals(user.Role, change.Role, StringComparison.Ordinal) || (wanted.Disabled && user.DisabledAt is null);
            if (IsSelf(caller, id) && takesAway) return UserProblems.OwnAccount();
            if (await accounts.ChangeUserAsync(user.Tenant, id, user.Revision, change, takesAway ? time.GetUtcNow() : null, cancellationToken) is not { } changed) continue;
            if (takesAway) await sessions.LookAsync(cancellationToken);
            return Show(context, changed, time);
        }
    }

    private static async Task<IResult> DeleteAsync(
        string id, ClaimsPrincipal caller, IAccountStore accounts, EndedSessions sessions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await accounts.FindUserAsync(caller.TenantOf(), id, cancellationToken) is not { } user) return UserProblems.NotFound(id);
        if (IsSelf(caller, id)) return UserProblems.OwnAccount();
        if (!MayGrant(caller, user.Role)) return UserProblems.OwnersAlone();
        if (!await accounts.DeleteUserAsync(user.Tenant, id, time.GetUtcNow(), cancellationToken)) return UserProblems.NotFound(id);
        await sessions.LookAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> LinkAsync(
        string id, ClaimsPrincipal caller, IAccountStore accounts, UserAccounts users, IOptions<AuthOptions> options, TimeProvider time, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (await accounts.FindUserAsync(caller.TenantOf(), id, cancellationToken) is not { } user) return UserProblems.NotFound(id);
        if (!MayGrant(caller, user.Role)) return UserProblems.OwnersAlone();
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await NewLinkAsync(users, id, options.Value, time, cancellationToken));
    }

    private static async Task<IResult> SignOutAsync(
        string id, ClaimsPrincipal caller, IAccountStore accounts, IIdentityStore identity, EndedSessions sessions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await accounts.FindUserAsync(caller.TenantOf(), id, cancellationToken) is not { } user) return UserProblems.NotFound(id);
        if (!MayGrant(caller, user.Role)) return UserProblems.OwnersAlone();
        await identity.EndSessionsOfUserAsync(id, time.GetUtcNow(), cancellationToken);
        await sessions.LookAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<PasswordLinkView> NewLinkAsync(UserAccounts users, string userId, AuthOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var expiresAt = time.GetUtcNow() + options.PasswordLinkLifetime;
        var token = await users.NewPasswordLinkAsync(userId, expiresAt, cancellationToken);
        return new PasswordLinkView(token, "/password#" + token, expiresAt);
    }

    private static bool IsSelf(ClaimsPrincipal caller, string id) => string.Equals(caller.FindFirstValue(FleetClaims.Subject), id, StringComparison.Ordinal);

    /// <summary>Owners are above all tenants: whoever is not one neither makes one nor gets at one's account.</summary>
    private static bool MayGrant(ClaimsPrincipal caller, string role) => !string.Equals(role, Roles.Owner, StringComparison.Ordinal) || caller.IsInRole(Roles.Owner);

    private static Ok<UserView> Show(HttpContext context, StoredUser user, TimeProvider time)
    {
        EntityTags.Show(context, user.Revision);
        return TypedResults.Ok(UserView.Of(user, time.GetUtcNow()));
    }
}
