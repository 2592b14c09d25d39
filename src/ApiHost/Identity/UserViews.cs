using FleetTracker.Storage;

namespace FleetTracker.Identity;

/// <summary>Somebody who may sign in.</summary>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>dispatcher</c>, <c>viewer</c> or <c>installer</c>.</param>
/// <param name="Status"><c>active</c>, <c>invited</c> (has not chosen a password yet), <c>locked</c> (after too many wrong passwords) or <c>disabled</c>.</param>
/// <param name="SignedInAt">The newest sign-in, or <c>null</c>.</param>
public sealed record UserView(
    string Id, string UserName, string? DisplayName, string? Email, string Role, string Status, DateTimeOffset CreatedAt, DateTimeOffset? SignedInAt)
{
    internal static UserView Of(StoredUser user, DateTimeOffset now) => new(
        user.Id, user.UserName, user.DisplayName, user.Email, user.Role, StatusOf(user, now), user.CreatedAt, user.SignedInAt);

    private static string StatusOf(StoredUser user, DateTimeOffset now) =>
        user.DisabledAt is not null ? "disabled" : user.PasswordHash.Length == 0 ? "invited" : user.LockedUntil > now ? "locked" : "active";
}

/// <param name="UserName">1–128 characters without white space; unique in the installation, compared without case.</param>
/// <param name="Role">Only an owner makes owners.</param>
public sealed record NewUser(string? UserName, string? Role, string? DisplayName, string? Email);

/// <summary>What is missing is taken away, but for <paramref name="Role"/>, which must be there.</summary>
/// <param name="Disabled">True: may not sign in, and all sessions end. Default: false.</param>
public sealed record UserChange(string? Role, string? DisplayName, string? Email, bool? Disabled);

/// <summary>A link by which a user chooses a password, shown once. A new one takes the place of any before it.</summary>
/// <param name="Token">For <c>POST /api/v1/auth/password</c>.</param>
/// <param name="Path">Of the web app's page; everything behind <c>#</c> stays in the browser.</param>
public sealed record PasswordLinkView(string Token, string Path, DateTimeOffset ExpiresAt);

public sealed record InvitedUser(UserView User, PasswordLinkView Link);

/// <param name="Id">For ending it.</param>
/// <param name="IsThis">The session that asks.</param>
/// <param name="Address">Where the user signed in from, or <c>null</c>.</param>
/// <param name="Agent">The program, as it calls itself, or <c>null</c>.</param>
/// <param name="UsedAt">The newest use of its refresh token.</param>
public sealed record SessionView(string Id, bool IsThis, DateTimeOffset CreatedAt, DateTimeOffset UsedAt, DateTimeOffset ExpiresAt, string? Address, string? Agent)
{
    internal static SessionView Of(StoredSession session, string? mine) => new(
        session.Id, string.Equals(session.Id, mine, StringComparison.Ordinal), session.CreatedAt, session.UsedAt ?? session.CreatedAt, session.ExpiresAt, session.Address, session.Agent);
}

/// <summary>What is missing is taken away.</summary>
public sealed record OwnDetails(string? DisplayName, string? Email);

/// <param name="Password">8–1,024 characters.</param>
public sealed record PasswordByLink(string? Token, string? Password);

public sealed record OwnPassword(string? CurrentPassword, string? NewPassword);
