using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>Users, sessions and signing keys in SQL that both engines understand.</summary>
internal sealed class IdentityStore(FleetDatabases databases) : IIdentityStore
{
    private readonly Database _database = databases.Identity;

    public Task<StoredUser?> FindUserAsync(string userName, CancellationToken cancellationToken) =>
        FindUserAsync(UserRow.Select + " WHERE normalized_name = @Key AND deleted_at IS NULL", userName.ToUpperInvariant(), cancellationToken);

    public Task<StoredUser?> FindUserByIdAsync(string userId, CancellationToken cancellationToken) =>
        FindUserAsync(UserRow.Select + " WHERE id = @Key AND deleted_at IS NULL", userId, cancellationToken);

    public Task<bool> HasUsersAsync(CancellationToken cancellationToken) => _database.ReadAsync(
        async session => await session.FirstOrDefaultAsync<string>("SELECT id FROM users LIMIT 1") is not null, cancellationToken);

    public Task<bool> AddUserAsync(StoredUser user, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync(
            """
            INSERT INTO users (id, tenant, user_name, normalized_name, role, password_hash, display_name, email, failed_attempts, locked_until, created_at, disabled_at)
            VALUES (@Id, @Tenant, @UserName, @NormalizedName, @Role, @PasswordHash, @DisplayName, @Email, @FailedAttempts, @LockedUntil, @CreatedAt, @DisabledAt)
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
                user.DisplayName,
                user.Email,
                user.FailedAttempts,
                LockedUntil = user.LockedUntil?.ToUnixMicroseconds(),
                CreatedAt = user.CreatedAt.ToUnixMicroseconds(),
                DisabledAt = user.DisabledAt?.ToUnixMicroseconds(),
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

    public Task<bool> AddSessionAsync(StoredSession session, string passwordHash, CancellationToken cancellationToken) => _database.WriteAsync(
        async transaction =>
        {
            // The lock keeps a change of the password, which ends sessions, from passing by.
            var hash = await transaction.FirstOrDefaultAsync<string>(
                $"SELECT password_hash FROM users WHERE id = @UserId AND disabled_at IS NULL AND deleted_at IS NULL {_database.ForUpdate}", new { session.UserId });
            if (!string.Equals(hash, passwordHash, StringComparison.Ordinal)) return false;
            var createdAt = session.CreatedAt.ToUnixMicroseconds();
            await transaction.ExecuteAsync(
                """
                INSERT INTO sessions (id, user_id, refresh_hash, created_at, expires_at, ended_at, address, agent, used_at)
                VALUES (@Id, @UserId, @RefreshHash, @CreatedAt, @ExpiresAt, @EndedAt, @Address, @Agent, @UsedAt)
                """,
                new
                {
                    session.Id,
                    session.UserId,
                    RefreshHash = Bytes(session.RefreshHash),
                    CreatedAt = createdAt,
                    ExpiresAt = session.ExpiresAt.ToUnixMicroseconds(),
                    EndedAt = session.EndedAt?.ToUnixMicroseconds(),
                    session.Address,
                    session.Agent,
                    UsedAt = session.UsedAt?.ToUnixMicroseconds(),
                });
            await transaction.ExecuteAsync("UPDATE users SET signed_in_at = @At WHERE id = @UserId", new { session.UserId, At = createdAt });
            return true;
        },
        cancellationToken);

    public async Task<StoredSession?> FindSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        var row = await _database.ReadAsync(
            session => session.FirstOrDefaultAsync<SessionRow>(SessionRow.Select + " WHERE id = @Id", new { Id = sessionId }), cancellationToken);
        return row?.ToSession();
    }

    public Task<bool> RotateSessionAsync(
        string sessionId, ImmutableArray<byte> expectedHash, ImmutableArray<byte> newHash, DateTimeOffset expiresAt, DateTimeOffset usedAt, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            async session => await session.ExecuteAsync(
                """
                UPDATE sessions SET refresh_hash = @NewHash, expires_at = @ExpiresAt, used_at = @UsedAt
                WHERE id = @Id AND refresh_hash = @ExpectedHash AND ended_at IS NULL
                """,
                new { Id = sessionId, NewHash = Bytes(newHash), ExpectedHash = Bytes(expectedHash), ExpiresAt = expiresAt.ToUnixMicroseconds(), UsedAt = usedAt.ToUnixMicroseconds() }) == 1,
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

    private sealed class SigningKeyRow
    {
        public string Id { get; set; } = "";

        public byte[] PrivateKey { get; set; } = [];

        public long CreatedAt { get; set; }
    }
}
