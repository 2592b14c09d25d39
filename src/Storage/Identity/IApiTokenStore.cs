using System.Collections.Immutable;

namespace FleetTracker.Storage;

/// <summary>A token for programs as stored; only the hash of its secret is kept.</summary>
public sealed record StoredApiToken
{
    public required string Id { get; init; }

    public required string Tenant { get; init; }

    /// <summary>Whose it is: it may never do more than this user.</summary>
    public required string UserId { get; init; }

    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret.</summary>
    public required ImmutableArray<byte> Hash { get; init; }

    public required ImmutableArray<string> Permissions { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The newest use, to the minute.</summary>
    public DateTimeOffset? UsedAt { get; init; }
}

/// <summary>A token and the user as they are now.</summary>
public sealed record ApiTokenUser(StoredApiToken Token, string UserName, string Role);

/// <summary>Tokens for programs. Those that were revoked or have expired are nowhere, but for <see cref="ListRevokedAsync"/>.</summary>
public interface IApiTokenStore
{
    /// <summary>False when the user has <paramref name="most"/> already.</summary>
    Task<bool> AddAsync(StoredApiToken token, int most, CancellationToken cancellationToken);

    /// <summary>By id.</summary>
    /// <param name="userId">Of one user alone; <c>null</c> = of the tenant.</param>
    Task<IReadOnlyList<ApiTokenUser>> ListAsync(string tenant, string? userId, string? afterId, DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary><c>null</c> also when its user may not sign in.</summary>
    Task<ApiTokenUser?> FindAsync(string id, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>False when there is no such token.</summary>
    /// <param name="userId">Of this user alone; <c>null</c> = of the tenant.</param>
    Task<bool> RevokeAsync(string tenant, string? userId, string id, DateTimeOffset revokedAt, CancellationToken cancellationToken);

    /// <summary>Ids of tokens that were revoked, also with their users, at or after an instant.</summary>
    Task<IReadOnlyList<string>> ListRevokedAsync(DateTimeOffset since, CancellationToken cancellationToken);

    Task TouchAsync(string id, DateTimeOffset usedAt, CancellationToken cancellationToken);
}
