using System.Runtime.InteropServices;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>A user as the database has it.</summary>
internal sealed class UserRow
{
    public const string Select = """
        SELECT id AS Id, tenant AS Tenant, user_name AS UserName, role AS Role, password_hash AS PasswordHash, display_name AS DisplayName, email AS Email,
               failed_attempts AS FailedAttempts, locked_until AS LockedUntil, created_at AS CreatedAt, revision AS Revision, disabled_at AS DisabledAt,
               signed_in_at AS SignedInAt
        FROM users
        """;

    public string Id { get; set; } = "";

    public string Tenant { get; set; } = "";

    public string UserName { get; set; } = "";

    public string Role { get; set; } = "";

    public string PasswordHash { get; set; } = "";

    public string? DisplayName { get; set; }

    public string? Email { get; set; }

    public long FailedAttempts { get; set; }

    public long? LockedUntil { get; set; }

    public long CreatedAt { get; set; }

    public long Revision { get; set; }

    public long? DisabledAt { get; set; }

    public long? SignedInAt { get; set; }

    public StoredUser ToUser() => new()
    {
        Id = Id,
        Tenant = Tenant,
        UserName = UserName,
        Role = Role,
        PasswordHash = PasswordHash,
        DisplayName = DisplayName,
        Email = Email,
        FailedAttempts = checked((int)FailedAttempts),
        LockedUntil = At(LockedUntil),
        CreatedAt = Instants.FromUnixMicroseconds(CreatedAt),
        Revision = Revision,
        DisabledAt = At(DisabledAt),
        SignedInAt = At(SignedInAt),
    };

    private static DateTimeOffset? At(long? microseconds) => microseconds is { } given ? Instants.FromUnixMicroseconds(given) : null;
}

/// <summary>A session as the database has it.</summary>
internal sealed class SessionRow
{
    public const string Select = """
        SELECT id AS Id, user_id AS UserId, refresh_hash AS RefreshHash, created_at AS CreatedAt, expires_at AS ExpiresAt, ended_at AS EndedAt,
               address AS Address, agent AS Agent, used_at AS UsedAt
        FROM sessions
        """;

    public string Id { get; set; } = "";

    public string UserId { get; set; } = "";

    public byte[] RefreshHash { get; set; } = [];

    public long CreatedAt { get; set; }

    public long ExpiresAt { get; set; }

    public long? EndedAt { get; set; }

    public string? Address { get; set; }

    public string? Agent { get; set; }

    public long? UsedAt { get; set; }

    public StoredSession ToSession() => new()
    {
        Id = Id,
        UserId = UserId,
        RefreshHash = ImmutableCollectionsMarshal.AsImmutableArray(RefreshHash),
        CreatedAt = Instants.FromUnixMicroseconds(CreatedAt),
        ExpiresAt = Instants.FromUnixMicroseconds(ExpiresAt),
        EndedAt = EndedAt is { } ended ? Instants.FromUnixMicroseconds(ended) : null,
        Address = Address,
        Agent = Agent,
        UsedAt = UsedAt is { } used ? Instants.FromUnixMicroseconds(used) : null,
    };
}
