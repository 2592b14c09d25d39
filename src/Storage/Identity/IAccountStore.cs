using System.Collections.Immutable;

namespace FleetTracker.Storage;

/// <summary>What of a user its administrators may change.</summary>
public sealed record UserDetails
{
    public required string Role { get; init; }

    public string? DisplayName { get; init; }

    public string? Email { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }
}

/// <summary>
/// The users of a tenant for those who administer them, and the links by which they choose a password. Every question is bounded by a tenant, and every change
/// that takes something away from a user ends the user's sessions in the same transaction; disabling and deleting revoke the user's API tokens for good.
/// </summary>
public interface IAccountStore
{
    /// <summary>By name, without case; without those that were deleted.</summary>
    /// <param name="afterName">Name of the last user of the page before, upper-case.</param>
    Task<IReadOnlyList<StoredUser>> ListUsersAsync(string tenant, string? afterName, int limit, CancellationToken cancellationToken);

    Task<StoredUser?> FindUserAsync(string tenant, string userId, CancellationToken cancellationToken);

    /// <summary>The user as changed, or <c>null</c> when its revision is another one by now.</summary>
    /// <param name="endSessionsAt">When the user's sessions end with the change; <c>null</c> = they go on.</param>
    Task<StoredUser?> ChangeUserAsync(
        string tenant, string userId, long revision, UserDetails details, DateTimeOffset? endSessionsAt, CancellationToken cancellationToken);

    /// <summary>False when there is no such user. Its name is free at once.</summary>
    Task<bool> DeleteUserAsync(string tenant, string userId, DateTimeOffset deletedAt, CancellationToken cancellationToken);

    /// <summary>Sessions that are open, newest first.</summary>
    Task<IReadOnlyList<StoredSession>> ListSessionsAsync(string userId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Ends one session of this user; false when it was not open, or is another's.</summary>
    Task<bool> EndSessionAsync(string userId, string sessionId, DateTimeOffset endedAt, CancellationToken cancellationToken);

    /// <summary>Sessions that ended at or after an instant.</summary>
    Task<IReadOnlyList<string>> ListEndedSessionsAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>A link by which a user chooses a password, in the place of any before it.</summary>
    Task PutPasswordLinkAsync(string userId, ImmutableArray<byte> hash, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Whose link it is; <c>null</c> when it was used, has expired or never was, or the user may not sign in.</summary>
    Task<StoredUser?> FindPasswordLinkAsync(ImmutableArray<byte> hash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Uses a link up: sets the password, lifts a lock and ends all sessions. False when somebody was faster.</summary>
    Task<bool> UsePasswordLinkAsync(ImmutableArray<byte> hash, string passwordHash, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Sets the password and ends the user's other sessions.</summary>
    Task SetPasswordAsync(string userId, string passwordHash, string? exceptSession, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes what nobody needs any more: links and API tokens that have expired, and users that were deleted before, once no session of theirs is left.</summary>
    Task PurgeAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
