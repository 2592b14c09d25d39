using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>Users, sessions and signing keys in SQL that both engines understand.</summary>
internal sealed class IdentityStore(FleetDatabases databases) : IIdentityStore
{
    private const string UserColumns = """
        SELECT id AS Id, tenant AS Tenant, user_name AS UserName, role AS Role, password_hash AS PasswordHash,
               failed_attempts AS FailedAttempts, locked_until AS LockedUntil, created_at AS CreatedAt
        FROM users
        """;

    private const string SessionColumns = """
        SELECT id AS Id, user_id AS UserId, refresh_hash AS RefreshHash, created_at AS CreatedAt, expires_at AS ExpiresAt, ended_at AS EndedAt
        FROM sessions
        """;

    private readonly Database _database = databases.Identity;

    public Task<StoredUser?> FindUserAsync(string userName, CancellationToken cancellationToken) =>
        FindUserAsync(UserColumns + " WHERE normalized_name = @Key", userName.ToUpperInvariant(), cancellationToken);

    public Task<StoredUser?> FindUserByIdAsync(string userId, CancellationToken cancellationToken) =>
        FindUserAsync(UserColumns + " WHERE id = @Key", userId, cancellationToken);

    public Task<bool> HasUsersAsync(CancellationToken cancellationToken) => _database.ReadAsync(
        async session => await session.FirstOrDefaultAsync<string>("SELECT id FROM users LIMIT 1") is not null, cancellationToken);

    public Task<bool> AddUserAsync(StoredUser user, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync(
            """
            INSERT INTO users (id, tenant, user_name, normalized_name, role, password_hash, failed_attempts, locked_until, created_at)
            VALUES (@Id, @Tenant, @UserName, @NormalizedName, @Role, @PasswordHash, @FailedAttempts, @LockedUntil, @CreatedAt)
            ON CONFLICT (normalized_name) DO NOTHING
            """,
            new
            {
                user.Id,
                user.Tenant,
                user.UserName,
                NormalizedName = user.UserName.ToUpperInvariant(),
                user.Role,
                user.PasswordHash,
                user.FailedAttempts,
                LockedUntil = user.LockedUntil?.ToUnixMicroseconds(),
                CreatedAt = user.CreatedAt.ToUnixMicroseconds(),
            }) == 1,
        cancellationToken);

    public Task SetPasswordAsync(string userId, string passwordHash, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE users SET password_hash = @PasswordHash, failed_attempts = 0, locked_until = NULL WHERE id = @Id",
        new { Id = userId, PasswordHash = passwordHash },
        cancellationToken);

    public Task SetFailuresAsync(string userId, int failedAttempts, DateTimeOffset? lockedUntil, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE users SET failed_attempts = @FailedAttempts, locked_until = @LockedUntil WHERE id = @Id",
        new { Id = userId, FailedAttempts = failedAttempts, LockedUntil = lockedUntil?.ToUnixMicroseconds() },
        cancellationToken);

    public Task AddSessionAsync(StoredSession session, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO sessions (id, user_id, refresh_hash, created_at, expires_at, ended_at)
        VALUES (@Id, @UserId, @RefreshHash, @CreatedAt, @ExpiresAt, @EndedAt)
        """,
        new
        {
            session.Id,
            session.UserId,
            RefreshHash = Bytes(session.RefreshHash),
            CreatedAt = session.CreatedAt.ToUnixMicroseconds(),
            ExpiresAt = session.ExpiresAt.ToUnixMicroseconds(),
            EndedAt = session.EndedAt?.ToUnixMicroseconds(),
        },
        cancellationToken);

    public async Task<StoredSession?> FindSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        var row = await _database.ReadAsync(
            session => session.FirstOrDefaultAsync<SessionRow>(SessionColumns + " WHERE id = @Id", new { Id = sessionId }), cancellationToken);
        return row?.ToSession();
    }

    public Task<bool> RotateSessionAsync(
        string sessionId, ImmutableArray<byte> expectedHash, ImmutableArray<byte> newHash, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            async session => await session.ExecuteAsync(
                """
                UPDATE sessions SET refresh_hash = @NewHash, expires_at = @ExpiresAt
                WHERE id = @Id AND refresh_hash = @ExpectedHash AND ended_at IS NULL
                """,
                new { Id = sessionId, NewHash = Bytes(newHash), ExpectedHash = Bytes(expectedHash), ExpiresAt = expiresAt.ToUnixMicroseconds() }) == 1,
            cancellationToken);

    public Task EndSessionAsync(string sessionId, DateTimeOffset endedAt, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE sessions SET ended_at = @EndedAt WHERE id = @Id AND ended_at IS NULL",
        new { Id = sessionId, EndedAt = endedAt.ToUnixMicroseconds() },
        cancellationToken);

    public Task EndSessionsOfUserAsync(string userId, DateTimeOffset endedAt, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE sessions SET ended_at = @EndedAt WHERE user_id = @UserId AND ended_at IS NULL",
        new { UserId = userId, EndedAt = endedAt.ToUnixMicroseconds() },
        cancellationToken);

    public Task DeleteSessionsAsync(DateTimeOffset expiredBefore, CancellationToken cancellationToken) => ExecuteAsync(
        "DELETE FROM sessions WHERE expires_at < @Before", new { Before = expiredBefore.ToUnixMicroseconds() }, cancellationToken);

    public async Task<IReadOnlyList<StoredSigningKey>> ListSigningKeysAsync(CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<SigningKeyRow>(
                "SELECT id AS Id, private_key AS PrivateKey, created_at AS CreatedAt FROM signing_keys ORDER BY created_at, id"),
            cancellationToken);
        return rows.ConvertAll(row => new StoredSigningKey
        {
            Id = row.Id, PrivateKey = ImmutableCollectionsMarshal.AsImmutableArray(row.PrivateKey), CreatedAt = Instants.FromUnixMicroseconds(row.CreatedAt),
        });
    }

    public Task AddSigningKeyAsync(StoredSigningKey key, CancellationToken cancellationToken) => ExecuteAsync(
        "INSERT INTO signing_keys (id, private_key, created_at) VALUES (@Id, @PrivateKey, @CreatedAt)",
        new { key.Id, PrivateKey = Bytes(key.PrivateKey), CreatedAt = key.CreatedAt.ToUnixMicroseconds() },
        cancellationToken);

    public Task DeleteSigningKeysAsync(DateTimeOffset createdBefore, CancellationToken cancellationToken) => ExecuteAsync(
        "DELETE FROM signing_keys WHERE created_at < @Before", new { Before = createdBefore.ToUnixMicroseconds() }, cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => _database.PingAsync(cancellationToken);

    private Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken) =>
        _database.WriteAsync(session => session.ExecuteAsync(sql, parameters), cancellationToken);

    private async Task<StoredUser?> FindUserAsync(string sql, string key, CancellationToken cancellationToken)
    {
        var row = await _database.ReadAsync(session => session.FirstOrDefaultAsync<UserRow>(sql, new { Key = key }), cancellationToken);
        return row?.ToUser();
    }

    private static byte[] Bytes(ImmutableArray<byte> bytes) => ImmutableCollectionsMarshal.AsArray(bytes) ?? [];

    private sealed class UserRow
    {
        public string Id { get; set; } = "";

        public string Tenant { get; set; } = "";

        public string UserName { get; set; } = "";

        public string Role { get; set; } = "";

        public string PasswordHash { get; set; } = "";

        public long FailedAttempts { get; set; }

        public long? LockedUntil { get; set; }

        public long CreatedAt { get; set; }

        public StoredUser ToUser() => new()
        {
            Id = Id,
            Tenant = Tenant,
            UserName = UserName,
            Role = Role,
            PasswordHash = PasswordHash,
            FailedAttempts = checked((int)FailedAttempts),
            LockedUntil = LockedUntil is { } until ? Instants.FromUnixMicroseconds(until) : null,
            CreatedAt = Instants.FromUnixMicroseconds(CreatedAt),
        };
    }

    private sealed class SessionRow
    {
        public string Id { get; set; } = "";

        public string UserId { get; set; } = "";

        public byte[] RefreshHash { get; set; } = [];

        public long CreatedAt { get; set; }

        public long ExpiresAt { get; set; }

        public long? EndedAt { get; set; }

        public StoredSession ToSession() => new()
        {
            Id = Id,
            UserId = UserId,
            RefreshHash = ImmutableCollectionsMarshal.AsImmutableArray(RefreshHash),
            CreatedAt = Instants.FromUnixMicroseconds(CreatedAt),
            ExpiresAt = Instants.FromUnixMicroseconds(ExpiresAt),
            EndedAt = EndedAt is { } ended ? Instants.FromUnixMicroseconds(ended) : null,
        };
    }

    private sealed class SigningKeyRow
    {
        public string Id { get; set; } = "";

        public byte[] PrivateKey { get; set; } = [];

        public long CreatedAt { get; set; }
    }
}
