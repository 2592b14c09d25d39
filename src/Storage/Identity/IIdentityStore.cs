using System.Collections.Immutable;

namespace FleetTracker.Storage;

/// <summary>A user as stored. User names are unique in the installation, compared upper-case invariant.</summary>
public sealed record StoredUser
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string UserName { get; init; }

    public required string Role { get; init; }

    /// <summary>ASP.NET Core Identity's version 3 format.</summary>
    public required string PasswordHash { get; init; }

    public int FailedAttempts { get; init; }

    public DateTimeOffset? LockedUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
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

    Task AddSessionAsync(StoredSession session, CancellationToken cancellationToken);

    Task<StoredSession?> FindSessionAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>Replaces the hash if the stored one is the expected one and the session is open; false otherwise.</summary>
    Task<bool> RotateSessionAsync(string sessionId, ImmutableArray<byte> expectedHash, ImmutableArray<byte> newHash, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    Task EndSessionAsync(string sessionId, DateTimeOffset endedAt, CancellationToken cancellationToken);

    Task EndSessionsOfUserAsync(string userId, DateTimeOffset endedAt, CancellationToken cancellationToken);

    Task DeleteSessionsAsync(DateTimeOffset expiredBefore, CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    Task<IReadOnlyList<StoredSigningKey>> ListSigningKeysAsync(CancellationToken cancellationToken);

    Task AddSigningKeyAsync(StoredSigningKey key, CancellationToken cancellationToken);

    Task DeleteSigningKeysAsync(DateTimeOffset createdBefore, CancellationToken cancellationToken);

    Task PingAsync(CancellationToken cancellationToken);
}
