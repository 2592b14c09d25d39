using System.Collections.Immutable;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <inheritdoc cref="IAccountStore"/>
internal sealed class AccountStore(FleetDatabases databases) : IAccountStore
{
    private const string EndSessions = "UPDATE sessions SET ended_at = @At WHERE user_id = @Id AND ended_at IS NULL AND id <> @Except";

    private readonly Database _database = databases.Identity;

    public async Task<IReadOnlyList<StoredUser>> ListUsersAsync(string tenant, string? afterName, int limit, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<UserRow>(
                $"{UserRow.Select} WHERE tenant = @Tenant AND deleted_at IS NULL AND normalized_name > @After ORDER BY normalized_name LIMIT @Limit",
                new { Tenant = tenant, After = afterName ?? "", Limit = limit }),
            cancellationToken);
        return rows.ConvertAll(row => row.ToUser());
    }

    public async Task<StoredUser?> FindUserAsync(string tenant, string userId, CancellationToken cancellationToken) =>
        (await _database.ReadAsync(session => FindAsync(session, tenant, userId), cancellationToken))?.ToUser();

    public Task<StoredUser?> ChangeUserAsync(
        string tenant, string userId, long revision, UserDetails details, DateTimeOffset? endSessionsAt, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            var changed = await session.ExecuteAsync(
                """
                UPDATE users SET role = @Role, display_name = @DisplayName, email = @Email, disabled_at = @DisabledAt, revision = revision + 1
                WHERE tenant = @Tenant AND id = @Id AND revision = @Revision AND deleted_at IS NULL
                """,
                new
                {
                    Tenant = tenant, Id = userId, Revision = revision, details.Role, details.DisplayName, details.Email,
                    DisabledAt = details.DisabledAt?.ToUnixMicroseconds(),
                });
            if (changed == 0) return null;
            if (endSessionsAt is { } at) await EndSessionsAsync(session, userId, "", at);
            if (details.DisabledAt is { } disabledAt) await RevokeTokensAsync(session, userId, disabledAt);
            return (await FindAsync(session, tenant, userId))?.ToUser();
        },
        cancellationToken);

    public Task<bool> DeleteUserAsync(string tenant, string userId, DateTimeOffset deletedAt, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            // No name that a person can have: names have no white space.
            var deleted = await session.ExecuteAsync(
                """
                UPDATE users SET deleted_at = @At, user_name = 'deleted ' || id, normalized_name = 'DELETED ' || id, password_hash = '', display_name = NULL, email = NULL
                WHERE tenant = @Tenant AND id = @Id AND deleted_at IS NULL
                """,
                new { Tenant = tenant, Id = userId, At = deletedAt.ToUnixMicroseconds() });
            if (deleted == 0) return false;
            await session.ExecuteAsync("DELETE FROM password_links WHERE user_id = @Id", new { Id = userId });
            await EndSessionsAsync(session, userId, "", deletedAt);
            await RevokeTokensAsync(session, userId, deletedAt);
            return true;
        },
        cancellationToken);

    public async Task<IReadOnlyList<StoredSession>> ListSessionsAsync(string userId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<SessionRow>(
                $"{SessionRow.Select} WHERE user_id = @Id AND ended_at IS NULL AND expires_at > @Now ORDER BY created_at DESC, id",
                new { Id = userId, Now = now.ToUnixMicroseconds() }),
            cancellationToken);
        return rows.ConvertAll(row => row.ToSession());
    }

    public Task<bool> EndSessionAsync(string userId, string sessionId, DateTimeOffset endedAt, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync(
            "UPDATE sessions SET ended_at = @At WHERE id = @Session AND user_id = @Id AND ended_at IS NULL",
            new { Id = userId, Session = sessionId, At = endedAt.ToUnixMicroseconds() }) == 1,
        cancellationToken);

    public async Task<IReadOnlyList<string>> ListEndedSessionsAsync(DateTimeOffset since, CancellationToken cancellationToken) => await _database.ReadAsync(
        session => session.QueryAsync<string>("SELECT id FROM sessions WHERE ended_at >= @Since", new { Since = since.ToUnixMicroseconds() }), cancellationToken);

    public Task PutPasswordLinkAsync(string userId, ImmutableArray<byte> hash, DateTimeOffset expiresAt, CancellationToken cancellationToken) => _database.WriteAsync(
        session => session.ExecuteAsync(
            """
            INSERT INTO password_links (user_id, hash, expires_at) VALUES (@Id, @Hash, @ExpiresAt)
            ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at
            """,
            new { Id = userId, Hash = hash.ToArray(), ExpiresAt = expiresAt.ToUnixMicroseconds() }),
        cancellationToken);

    public async Task<StoredUser?> FindPasswordLinkAsync(ImmutableArray<byte> hash, DateTimeOffset now, CancellationToken cancellationToken) =>
        (await _database.ReadAsync(session => FindByLinkAsync(session, hash, now), cancellationToken))?.ToUser();

    public Task<bool> UsePasswordLinkAsync(ImmutableArray<byte> hash, string passwordHash, DateTimeOffset now, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            if (await FindByLinkAsync(session, hash, now) is not { } user) return false;
            if (await session.ExecuteAsync("DELETE FROM password_links WHERE hash = @Hash", new { Hash = hash.ToArray() }) == 0) return false;
            await SetPasswordAsync(session, user.Id, passwordHash, "", now);
            return true;
        },
        cancellationToken);

    public Task SetPasswordAsync(string userId, string passwordHash, string? exceptSession, DateTimeOffset now, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            await SetPasswordAsync(session, userId, passwordHash, exceptSession ?? "", now);
            return true;
        },
        cancellationToken);

    public Task PurgeAsync(DateTimeOffset now, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            var at = now.ToUnixMicroseconds();
            await session.ExecuteAsync("DELETE FROM password_links WHERE expires_at < @At", new { At = at });
            await session.ExecuteAsync("DELETE FROM api_tokens WHERE expires_at < @At", new { At = at });
            await session.ExecuteAsync(
                "DELETE FROM users WHERE deleted_at < @At AND NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.user_id = users.id)", new { At = at });
            return true;
        },
        cancellationToken);

    private static async Task SetPasswordAsync(Session session, string userId, string passwordHash, string exceptSession, DateTimeOffset now)
    {
        await session.ExecuteAsync(
            "UPDATE users SET password_hash = @Hash, failed_attempts = 0, locked_until = NULL WHERE id = @Id", new { Id = userId, Hash = passwordHash });
        await EndSessionsAsync(session, userId, exceptSession, now);
    }

    private static Task<int> EndSessionsAsync(Session session, string userId, string except, DateTimeOffset at) =>
        session.ExecuteAsync(EndSessions, new { Id = userId, Except = except, At = at.ToUnixMicroseconds() });

    private static Task<int> RevokeTokensAsync(Session session, string userId, DateTimeOffset at) => session.ExecuteAsync(
        "UPDATE api_tokens SET revoked_at = @At WHERE user_id = @Id AND revoked_at IS NULL", new { Id = userId, At = at.ToUnixMicroseconds() });

    private static Task<UserRow?> FindAsync(Session session, string tenant, string userId) => session.FirstOrDefaultAsync<UserRow>(
        $"{UserRow.Select} WHERE tenant = @Tenant AND id = @Id AND deleted_at IS NULL", new { Tenant = tenant, Id = userId });

    private static Task<UserRow?> FindByLinkAsync(Session session, ImmutableArray<byte> hash, DateTimeOffset now) => session.FirstOrDefaultAsync<UserRow>(
        $"""
        {UserRow.Select} WHERE deleted_at IS NULL AND disabled_at IS NULL
          AND id = (SELECT user_id FROM password_links WHERE hash = @Hash AND expires_at > @Now)
        """,
        new { Hash = hash.ToArray(), Now = now.ToUnixMicroseconds() });
}
