using System.Globalization;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Identity;

/// <summary>What every account store promises.</summary>
public abstract class AccountStoreCompliance(StorageFixture fixture)
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);
    private static readonly UserDetails Viewer = new() { Role = "viewer" };

    private readonly IAccountStore _accounts = fixture.Accounts;
    private readonly IIdentityStore _identity = fixture.Identity;
    private readonly string _tenant = "t-" + Guid.NewGuid().ToString("N");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Users_are_listed_by_name_without_case_and_only_those_of_the_tenant()
    {
        foreach (var name in new[] { "b", "A", "c" }) await AddAsync(name);
        await AddAsync("a2", "t-" + Guid.NewGuid().ToString("N"));
        var first = await _accounts.ListUsersAsync(_tenant, null, 2, Cancellation);
        Assert.Equal(["A", "b"], first.Select(user => user.UserName[..1]));
        var rest = await _accounts.ListUsersAsync(_tenant, first[^1].UserName.ToUpperInvariant(), 2, Cancellation);
        Assert.Equal(["c"], rest.Select(user => user.UserName[..1]));
    }

    [Fact]
    public async Task A_change_counts_once_and_ends_sessions_only_when_asked()
    {
        var (user, session) = await SignedInAsync();
        var details = new UserDetails { Role = "admin", DisplayName = "Ännä", Email = "a@b.c" };
        var changed = await _accounts.ChangeUserAsync(_tenant, user.Id, 1, details, null, Cancellation);
        Assert.Equal(("admin", "Ännä", "a@b.c", 2), (changed!.Role, changed.DisplayName, changed.Email, changed.Revision));
        Assert.Null((await _identity.FindSessionAsync(session, Cancellation))!.EndedAt);
        Assert.Null(await _accounts.ChangeUserAsync(_tenant, user.Id, 1, Viewer, Noon, Cancellation));
        Assert.Null(await _accounts.ChangeUserAsync("other", user.Id, 2, Viewer, Noon, Cancellation));
        Assert.Null((await _identity.FindSessionAsync(session, Cancellation))!.EndedAt);

        changed = await _accounts.ChangeUserAsync(_tenant, user.Id, 2, Viewer with { DisabledAt = Noon.AddHours(1) }, Noon.AddHours(1), Cancellation);
        Assert.Equal(Noon.AddHours(1), changed!.DisabledAt);
        Assert.Equal(Noon.AddHours(1), (await _identity.FindSessionAsync(session, Cancellation))!.EndedAt);
        Assert.False(await OpenAsync(user, "another"));
    }

    [Fact]
    public async Task A_deleted_user_is_nowhere_while_its_ended_sessions_are_told_and_goes_with_them()
    {
        var (user, session) = await SignedInAsync();
        Assert.False(await _accounts.DeleteUserAsync("other", user.Id, Noon, Cancellation));
        Assert.True(await _accounts.DeleteUserAsync(_tenant, user.Id, Noon.AddHours(1), Cancellation));
        Assert.False(await _accounts.DeleteUserAsync(_tenant, user.Id, Noon.AddHours(1), Cancellation));
        Assert.Null(await _accounts.FindUserAsync(_tenant, user.Id, Cancellation));
        Assert.Null(await _identity.FindUserAsync(user.UserName, Cancellation));
        Assert.Null(await _identity.FindUserByIdAsync(user.Id, Cancellation));
        Assert.Empty(await _accounts.ListUsersAsync(_tenant, null, 10, Cancellation));
        Assert.False(await OpenAsync(user, "another"));
        Assert.True(await _identity.AddUserAsync(user with { Id = Guid.NewGuid().ToString("N") }, Cancellation));

        await _accounts.PurgeAsync(Noon.AddHours(2), Cancellation);
        Assert.Contains(session, await _accounts.ListEndedSessionsAsync(Noon.AddHours(1), Cancellation));
        Assert.DoesNotContain(session, await _accounts.ListEndedSessionsAsync(Noon.AddHours(1).AddSeconds(1), Cancellation));
        await _identity.DeleteSessionsAsync(Noon.AddDays(2), Cancellation);
        await _accounts.PurgeAsync(Noon.AddDays(2), Cancellation);
        Assert.True(await _identity.AddUserAsync(user with { UserName = "new-" + user.Id }, Cancellation));
    }

    [Fact]
    public async Task Open_sessions_are_listed_newest_first_and_end_one_by_one()
    {
        var (user, first) = await SignedInAsync();
        Assert.True(await OpenAsync(user, "second-" + user.Id, Noon.AddHours(1)));
        Assert.True(await OpenAsync(user, "expired-" + user.Id, Noon.AddDays(-9)));
        Assert.Equal(["second-" + user.Id, first], (await _accounts.ListSessionsAsync(user.Id, Noon.AddHours(2), Cancellation)).Select(session => session.Id));
        var (other, _) = await SignedInAsync();
        Assert.False(await _accounts.EndSessionAsync(other.Id, first, Noon.AddHours(2), Cancellation));
        Assert.True(await _accounts.EndSessionAsync(user.Id, first, Noon.AddHours(2), Cancellation));
        Assert.False(await _accounts.EndSessionAsync(user.Id, first, Noon.AddHours(2), Cancellation));
        Assert.Equal("second-" + user.Id, Assert.Single(await _accounts.ListSessionsAsync(user.Id, Noon.AddHours(2), Cancellation)).Id);
        Assert.Equal(Noon, (await _identity.FindUserByIdAsync(other.Id, Cancellation))!.SignedInAt);
    }

    [Fact]
    public async Task A_link_works_once_until_it_expires_and_only_the_newest()
    {
        var (user, session) = await SignedInAsync();
        var (older, newer) = (Hash(), Hash());
        await _accounts.PutPasswordLinkAsync(user.Id, older, Noon.AddDays(3), Cancellation);
        await _accounts.PutPasswordLinkAsync(user.Id, newer, Noon.AddDays(3), Cancellation);
        Assert.Null(await _accounts.FindPasswordLinkAsync(older, Noon, Cancellation));
        Assert.Null(await _accounts.FindPasswordLinkAsync(newer, Noon.AddDays(3), Cancellation));
        Assert.Equal(user.Id, (await _accounts.FindPasswordLinkAsync(newer, Noon, Cancellation))!.Id);
        Assert.False(await _accounts.UsePasswordLinkAsync(older, "new", Noon, Cancellation));

        await _identity.SetFailuresAsync(user.Id, 9, Noon.AddDays(1), Cancellation);
        var used = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => _accounts.UsePasswordLinkAsync(newer, "new-" + i, Noon.AddHours(1), Cancellation)));
        Assert.Single(used, won => won);
        var after = await _identity.FindUserByIdAsync(user.Id, Cancellation);
        Assert.Equal(("new-" + Array.IndexOf(used, true), 0, null), (after!.PasswordHash, after.FailedAttempts, after.LockedUntil));
        Assert.Equal(Noon.AddHours(1), (await _identity.FindSessionAsync(session, Cancellation))!.EndedAt);
    }

    [Fact]
    public async Task Links_of_users_who_may_not_sign_in_do_not_work_and_old_ones_are_purged()
    {
        var (user, _) = await SignedInAsync();
        var hash = Hash();
        await _accounts.PutPasswordLinkAsync(user.Id, hash, Noon.AddDays(3), Cancellation);
        await _accounts.ChangeUserAsync(_tenant, user.Id, 1, Viewer with { DisabledAt = Noon }, Noon, Cancellation);
        Assert.Null(await _accounts.FindPasswordLinkAsync(hash, Noon, Cancellation));
        Assert.False(await _accounts.UsePasswordLinkAsync(hash, "new", Noon, Cancellation));
        await _accounts.ChangeUserAsync(_tenant, user.Id, 2, Viewer, null, Cancellation);
        await _accounts.PurgeAsync(Noon.AddDays(4), Cancellation);
        Assert.Null(await _accounts.FindPasswordLinkAsync(hash, Noon, Cancellation));
    }

    [Fact]
    public async Task A_new_password_ends_the_other_sessions()
    {
        var (user, mine) = await SignedInAsync();
        Assert.True(await OpenAsync(user, "other-" + user.Id));
        await _accounts.SetPasswordAsync(user.Id, "new", mine, Noon.AddHours(1), Cancellation);
        Assert.Equal(mine, Assert.Single(await _accounts.ListSessionsAsync(user.Id, Noon, Cancellation)).Id);
        Assert.False(await OpenAsync(user, "late-" + user.Id));
    }

    private static System.Collections.Immutable.ImmutableArray<byte> Hash() => [.. Guid.NewGuid().ToByteArray()];

    private async Task<StoredUser> AddAsync(string name, string? tenant = null)
    {
        var id = Guid.NewGuid().ToString("N");
        var user = new StoredUser { Id = id, Tenant = tenant ?? _tenant, UserName = $"{name}-{id}", Role = "viewer", PasswordHash = "hash", CreatedAt = Noon };
        Assert.True(await _identity.AddUserAsync(user, Cancellation));
        return user;
    }

    private async Task<(StoredUser User, string Session)> SignedInAsync()
    {
        var user = await AddAsync("user");
        Assert.True(await OpenAsync(user, "session-" + user.Id));
        return (user, "session-" + user.Id);
    }

    private Task<bool> OpenAsync(StoredUser user, string id, DateTimeOffset? at = null) => _identity.AddSessionAsync(
        new StoredSession
        {
            Id = id, UserId = user.Id, RefreshHash = [1, 2, 3], CreatedAt = at ?? Noon, ExpiresAt = (at ?? Noon).AddDays(1), Address = "::1", Agent = "test",
        },
        user.PasswordHash, Cancellation);
}

public sealed class SqliteAccountStoreTests(SqliteFixture fixture) : AccountStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlAccountStoreTests(PostgreSqlFixture fixture) : AccountStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
