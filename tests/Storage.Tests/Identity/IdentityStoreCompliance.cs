using System.Collections.Immutable;
using System.Globalization;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Identity;

/// <summary>What every identity store promises.</summary>
public abstract class IdentityStoreCompliance(StorageFixture fixture)
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);

    private readonly IIdentityStore _store = fixture.Identity;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_is_found_by_name_in_any_case_and_by_id()
    {
        var user = await AddUserAsync("Ärmel@Example.com");
        Assert.Equal(user, await _store.FindUserAsync("äRMEL@example.COM" + user.UserName["Ärmel@Example.com".Length..], Cancellation));
        Assert.Equal(user, await _store.FindUserByIdAsync(user.Id, Cancellation));
        Assert.Null(await _store.FindUserByIdAsync(user.Id.ToUpperInvariant(), Cancellation));
        Assert.True(await _store.HasUsersAsync(Cancellation));
    }

    [Fact]
    public async Task A_name_is_taken_whatever_its_case()
    {
        var user = await AddUserAsync("anna");
        var same = user with { Id = Guid.NewGuid().ToString("N"), UserName = user.UserName.ToUpperInvariant(), Tenant = "south" };
        Assert.False(await _store.AddUserAsync(same, Cancellation));
        Assert.Null(await _store.FindUserByIdAsync(same.Id, Cancellation));
    }

    [Fact]
    public async Task Failures_lock_and_a_new_password_unlocks()
    {
        var user = await AddUserAsync("ben");
        await _store.SetFailuresAsync(user.Id, 5, Noon.AddMinutes(5), Cancellation);
        var locked = await _store.FindUserByIdAsync(user.Id, Cancellation);
        Assert.Equal((5, (DateTimeOffset?)Noon.AddMinutes(5)), (locked!.FailedAttempts, locked.LockedUntil));

        await _store.SetPasswordAsync(user.Id, "another", Cancellation);
        Assert.Equal(user with { PasswordHash = "another" }, await _store.FindUserByIdAsync(user.Id, Cancellation));
    }

    [Fact]
    public async Task A_refresh_token_rotates_once()
    {
        var session = await AddSessionAsync(await AddUserAsync("carla"));
        ImmutableArray<byte> next = [9, 9, 9];
        Assert.True(await _store.RotateSessionAsync(session.Id, session.RefreshHash, next, Noon.AddDays(20), Noon, Cancellation));
        Assert.False(await _store.RotateSessionAsync(session.Id, session.RefreshHash, [8], Noon.AddDays(30), Noon, Cancellation));
        var stored = await _store.FindSessionAsync(session.Id, Cancellation);
        Assert.Equal(next.AsEnumerable(), stored!.RefreshHash);
        Assert.Equal(Noon.AddDays(20), stored.ExpiresAt);
    }

    [Fact]
    public async Task Of_rotations_at_once_one_wins()
    {
        var session = await AddSessionAsync(await AddUserAsync("cleo"));
        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            _store.RotateSessionAsync(session.Id, session.RefreshHash, [(byte)(100 + i)], Noon.AddDays(20), Noon, Cancellation)));
        Assert.Single(won, rotated => rotated);
    }

    [Fact]
    public async Task An_ended_session_does_not_rotate_and_keeps_its_first_end()
    {
        var session = await AddSessionAsync(await AddUserAsync("dora"));
        await _store.EndSessionAsync(session.Id, Noon.AddHours(1), Cancellation);
        await _store.EndSessionAsync(session.Id, Noon.AddHours(2), Cancellation);
        Assert.False(await _store.RotateSessionAsync(session.Id, session.RefreshHash, [7], Noon.AddDays(20), Noon, Cancellation));
        Assert.Equal(Noon.AddHours(1), (await _store.FindSessionAsync(session.Id, Cancellation))!.EndedAt);
    }

    [Fact]
    public async Task All_sessions_of_one_user_end_together()
    {
        var user = await AddUserAsync("emil");
        var mine = new[] { await AddSessionAsync(user), await AddSessionAsync(user) };
        var other = await AddSessionAsync(await AddUserAsync("fred"));
        await _store.EndSessionsOfUserAsync(user.Id, Noon, Cancellation);
        foreach (var session in mine) Assert.Equal(Noon, (await _store.FindSessionAsync(session.Id, Cancellation))!.EndedAt);
        Assert.Null((await _store.FindSessionAsync(other.Id, Cancellation))!.EndedAt);
    }

    [Fact]
    public async Task Expired_sessions_are_deleted()
    {
        var user = await AddUserAsync("gina");
        var old = await AddSessionAsync(user, expiresAt: Noon.AddYears(-10));
        var open = await AddSessionAsync(user);
        await _store.DeleteSessionsAsync(Noon.AddYears(-9), Cancellation);
        Assert.Null(await _store.FindSessionAsync(old.Id, Cancellation));
        Assert.NotNull(await _store.FindSessionAsync(open.Id, Cancellation));
    }

    [Fact]
    public async Task Signing_keys_are_listed_oldest_first_and_deleted_by_age()
    {
        var keys = new[] { 3, 1, 2 }.Select(n => new StoredSigningKey { Id = $"key-{n}", PrivateKey = [0, (byte)n, 255], CreatedAt = Noon.AddDays(n) }).ToList();
        foreach (var key in keys) await _store.AddSigningKeyAsync(key, Cancellation);
        Assert.Equal(["key-1", "key-2", "key-3"], (await _store.ListSigningKeysAsync(Cancellation)).Select(key => key.Id));
        Assert.Equal([0, 1, 255], (await _store.ListSigningKeysAsync(Cancellation))[0].PrivateKey);
        await _store.DeleteSigningKeysAsync(Noon.AddDays(3), Cancellation);
        Assert.Equal(["key-3"], (await _store.ListSigningKeysAsync(Cancellation)).Select(key => key.Id));
    }

    [Fact]
    public Task The_store_answers_a_ping() => _store.PingAsync(Cancellation);

    private async Task<StoredUser> AddUserAsync(string name)
    {
        var id = Guid.NewGuid().ToString("N");
        var user = new StoredUser
        {
            Id = id, Tenant = "north", UserName = name + "-" + id, Role = "viewer", PasswordHash = "hash", CreatedAt = Noon,
        };
        Assert.True(await _store.AddUserAsync(user, Cancellation));
        return user;
    }

    private async Task<StoredSession> AddSessionAsync(StoredUser user, DateTimeOffset? expiresAt = null)
    {
        var session = new StoredSession
        {
            Id = Guid.NewGuid().ToString("N"), UserId = user.Id, RefreshHash = [1, 2, 3], CreatedAt = Noon, ExpiresAt = expiresAt ?? Noon.AddDays(14),
        };
        Assert.True(await _store.AddSessionAsync(session, user.PasswordHash, Cancellation));
        return session;
    }
}

public sealed class SqliteIdentityStoreTests(SqliteFixture fixture) : IdentityStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlIdentityStoreTests(PostgreSqlFixture fixture) : IdentityStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
