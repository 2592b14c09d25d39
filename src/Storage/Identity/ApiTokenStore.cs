using System.Runtime.InteropServices;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <inheritdoc cref="IApiTokenStore"/>
internal sealed class ApiTokenStore(FleetDatabases databases) : IApiTokenStore
{
    private const string Select = """
        SELECT t.id AS Id, t.tenant AS Tenant, t.user_id AS UserId, t.name AS Name, t.hash AS Hash, t.permissions AS Permissions, t.created_at AS CreatedAt,
               t.expires_at AS ExpiresAt, t.used_at AS UsedAt, u.user_name AS UserName, u.role AS Role
        FROM api_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.revoked_at IS NULL AND t.expires_at > @Now AND u.deleted_at IS NULL
        """;

    private readonly Database _database = databases.Identity;

    public Task<bool> AddAsync(StoredApiToken token, int most, CancellationToken cancellationToken) => _database.WriteAsync(
        async session =>
        {
            // The lock makes two that are added at once count each other.
            await session.FirstOrDefaultAsync<string>($"SELECT id FROM users WHERE id = @UserId {_database.ForUpdate}", new { token.UserId });
            var count = await session.ScalarAsync<long>(
                "SELECT COUNT(*) FROM api_tokens WHERE user_id = @UserId AND revoked_at IS NULL AND expires_at > @Now",
                new { token.UserId, Now = token.CreatedAt.ToUnixMicroseconds() });
            if (count >= most) return false;
            return await session.ExecuteAsync(
                """
                INSERT INTO api_tokens (id, tenant, user_id, name, hash, permissions, created_at, expires_at)
                VALUES (@Id, @Tenant, @UserId, @Name, @Hash, @Permissions, @CreatedAt, @ExpiresAt)
                """,
                new
                {
                    token.Id, token.Tenant, token.UserId, token.Name, Hash = token.Hash.ToArray(), Permissions = string.Join(' ', token.Permissions),
                    CreatedAt = token.CreatedAt.ToUnixMicroseconds(), ExpiresAt = token.ExpiresAt.ToUnixMicroseconds(),
                }) == 1;
        },
        cancellationToken);

    public async Task<IReadOnlyList<ApiTokenUser>> ListAsync(
        string tenant, string? userId, string? afterId, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var rows = await _database.ReadAsync(
            session => session.QueryAsync<Row>(
                $"{Select} AND t.tenant = @Tenant AND t.id > @After {(userId is null ? "" : "AND t.user_id = @UserId")} ORDER BY t.id LIMIT @Limit",
                new { Tenant = tenant, UserId = userId, After = afterId ?? "", Now = now.ToUnixMicroseconds(), Limit = limit }),
            cancellationToken);
        return rows.ConvertAll(row => row.ToToken());
    }

    public async Task<ApiTokenUser?> FindAsync(string id, DateTimeOffset now, CancellationToken cancellationToken) => (await _database.ReadAsync(
        session => session.FirstOrDefaultAsync<Row>($"{Select} AND t.id = @Id AND u.disabled_at IS NULL", new { Id = id, Now = now.ToUnixMicroseconds() }), cancellationToken))?.ToToken();

    public Task<bool> RevokeAsync(string tenant, string? userId, string id, DateTimeOffset revokedAt, CancellationToken cancellationToken) => _database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"""
            UPDATE api_tokens SET revoked_at = @At
            WHERE id = @Id AND tenant = @Tenant AND revoked_at IS NULL AND expires_at > @At {(userId is null ? "" : "AND user_id = @UserId")}
            """,
            new { Id = id, Tenant = tenant, UserId = userId, At = revokedAt.ToUnixMicroseconds() }) == 1,
        cancellationToken);

    public async Task<IReadOnlyList<string>> ListRevokedAsync(DateTimeOffset since, CancellationToken cancellationToken) => await _database.ReadAsync(
        session => session.QueryAsync<string>("SELECT id FROM api_tokens WHERE revoked_at >= @Since", new { Since = since.ToUnixMicroseconds() }), cancellationToken);

    public Task TouchAsync(string id, DateTimeOffset usedAt, CancellationToken cancellationToken) => _database.WriteAsync(
        session => session.ExecuteAsync("UPDATE api_tokens SET used_at = @At WHERE id = @Id", new { Id = id, At = usedAt.ToUnixMicroseconds() }), cancellationToken);

    private sealed class Row
    {
        public string Id { get; set; } = "";

        public string Tenant { get; set; } = "";

        public string UserId { get; set; } = "";

        public string Name { get; set; } = "";

        public byte[] Hash { get; set; } = [];

        public string Permissions { get; set; } = "";

        public long CreatedAt { get; set; }

        public long ExpiresAt { get; set; }

        public long? UsedAt { get; set; }

        public string UserName { get; set; } = "";

        public string Role { get; set; } = "";

        public ApiTokenUser ToToken() => new(
            new StoredApiToken
            {
                Id = Id,
                Tenant = Tenant,
                UserId = UserId,
                Name = Name,
                Hash = ImmutableCollectionsMarshal.AsImmutableArray(Hash),
                Permissions = [.. Permissions.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
                CreatedAt = Instants.FromUnixMicroseconds(CreatedAt),
                ExpiresAt = Instants.FromUnixMicroseconds(ExpiresAt),
                UsedAt = UsedAt is { } used ? Instants.FromUnixMicroseconds(used) : null,
            },
            UserName, Role);
    }
}
