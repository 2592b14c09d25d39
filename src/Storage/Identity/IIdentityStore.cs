using System.Collections.Immutable;

namespace FleetTracker.Storage;

/// <summary>A user as stored. User names are unique in the installation, compared upper-case invariant.</summary>
public sealed record StoredUser
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string UserName { get; init; }

    public required string Role { get; init; }

    /// <summary>ASP.NET Core Identity's version 3 format; empty until the user has chosen a password.</summary>
    public required string PasswordHash { get; init; }

    public string? DisplayName { get; init; }

    public string? Email { get; init; }

    public int FailedAttempts { get; init; }

    public DateTimeOffset? LockedUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Counts the changes of administrators.</summary>
    public long Revision { get; init; } = 1;

    /// <summary>May not sign in since; <c>null</c> = may.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>The newest sign-in.</summary>
    public DateTimeOffset? SignedInAt { get; init; }
}

/// <summary>A session as stored; only hashes of refresh tokens are kept.</summary>
public sealed record StoredSession
{
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required ImmutableArray<byte> RefreshHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Where the user signed in from.</summary>
    public string? Address { get; init; }

    /// <summary>The program that the user signed in with, as it calls itself.</summary>
    public string? Agent { get; init; }

    /// <summary>The newest refresh.</summary>
    public DateTimeOffset? UsedAt { get; init; }
}

/// <summary>An ES256 key pair that signs access tokens.</summary>
public sealed record StoredSigningKey
{
    public required string Id { get; init; }

    /// <summary>PKCS#8.</summary>
    public required ImmutableArray<byte> PrivateKey { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Users, sessions and signing keys.</summary>
public interface IIdentityStore
{
    Task<StoredUser?> FindUserAsync(string userName, CancellationToken cancellationToken);

    Task<StoredUser?> FindUserByIdAsync(string userId, CancellationToken cancellationToken);

    Task<bool> HasUsersAsync(CancellationToken cancellationToken);

    /// <summary>False when the name is taken.</summary>
    Task<bool> AddUserAsync(StoredUser user, CancellationToken cancellationToken);

    Task SetPasswordAsync(string userId, string passwordHash, CancellationToken cancellationToken);

    Task SetFailuresAsync(string userId, int failedAttempts, DateTimeOffset? lockedUntil, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a session of a user who has shown the password with this hash, and notes the sign-in. False when the password has changed meanwhile, or the user may not
    /// sign in any more: that ended all sessions.
    /// </summary>
    Task<bool> AddSessionAsync(StoredSession session, string passwordHash, CancellationToken cancellationToken);

    Task<StoredSession?> FindSessionAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Replaces the hash if the stored one is the expected one and the session is open; false otherwise.</summary>
    Task<bool> RotateSessionAsync(string sessionId, ImmutableArray<byte> expectedHash, ImmutableArray<byte> newHash, DateTimeOffset expiresAt, DateTimeOffset usedAt, CancellationToken cancellationToken);

    Task EndSessionAsync(string sessionId, DateTimeOffset endedAt, CancellationToken cancellationToken);

    Task EndSessionsOfUserAsync(string userId, DateTimeOffset endedAt, CancellationToken cancellationToken);

    Task DeleteSessionsAsync(DateTimeOffset expiredBefore, CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    Task<IReadOnlyList<StoredSigningKey>> ListSigningKeysAsync(CancellationToken cancellationToken);

    Task AddSigningKeyAsync(StoredSigningKey key, CancellationToken cancellationToken);

    Task DeleteSigningKeysAsync(DateTimeOffset createdBefore, CancellationToken cancellationToken);

    Task PingAsync(CancellationToken cancellationToken);
}
