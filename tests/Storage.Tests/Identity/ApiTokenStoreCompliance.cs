using System.Globalization;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Identity;

/// <summary>What every store of API tokens promises.</summary>
public abstract class ApiTokenStoreCompliance(StorageFixture fixture)
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);

    private readonly IApiTokenStore _tokens = fixture.ApiTokens;
    private readonly IAccountStore _accounts = fixture.Accounts;
    private readonly IIdentityStore _identity = fixture.Identity;
    private readonly string _tenant = "t-" + Guid.NewGuid().ToString("N");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_found_with_its_user_until_it_expires()
    {
        var user = await UserAsync();
        var token = await AddAsync(user);
        var found = await _tokens.FindAsync(token.Id, Noon, Cancellation);
        Assert.Equal((user.UserName, "viewer"), (found!.UserName, found.Role));
        Assert.Equal((token.Name, token.ExpiresAt, token.CreatedAt), (found.Token.Name, found.Token.ExpiresAt, found.Token.CreatedAt));
        Assert.Equal(token.Hash.AsEnumerable(), found.Token.Hash);
        Assert.Equal(["read", "install"], found.Token.Permissions);
        Assert.Null(await _tokens.FindAsync(token.Id, token.ExpiresAt, Cancellation));
        Assert.Null(await _tokens.FindAsync(token.Id + "x", Noon, Cancellation));

        await _tokens.TouchAsync(token.Id, Noon.AddHours(1), Cancellation);
        Assert.Equal(Noon.AddHours(1), (await _tokens.FindAsync(token.Id, Noon, Cancellation))!.Token.UsedAt);
    }

    [Fact]
    public async Task Tokens_are_listed_of_a_user_or_a_tenant_in_pages()
    {
        var (anna, ben) = (await UserAsync(), await UserAsync());
        var all = new List<string>();
        foreach (var user in new[] { anna, ben, anna }) all.Add((await AddAsync(user)).Id);
        all.Sort(StringComparer.Ordinal);
        var first = await _tokens.ListAsync(_tenant, null, null, Noon, 2, Cancellation);
        var rest = await _tokens.ListAsync(_tenant, null, first[^1].Token.Id, Noon, 2, Cancellation);
        Assert.Equal(all, first.Concat(rest).Select(token => token.Token.Id));
        Assert.Equal(ben.UserName, Assert.Single(await _tokens.ListAsync(_tenant, ben.Id, null, Noon, 9, Cancellation)).UserName);
        Assert.Empty(await _tokens.ListAsync("other", null, null, Noon, 9, Cancellation));
        Assert.Empty(await _tokens.ListAsync(_tenant, null, null, Noon.AddDays(1), 9, Cancellation));
    }

    [Fact]
    public async Task A_revoked_token_is_told_and_nowhere_else()
    {
        var user = await UserAsync();
        var token = await AddAsync(user);
        Assert.False(await _tokens.RevokeAsync("other", null, token.Id, Noon.AddHours(1), Cancellation));
        Assert.False(await _tokens.RevokeAsync(_tenant, "other", token.Id, Noon.AddHours(1), Cancellation));
        Assert.True(await _tokens.RevokeAsync(_tenant, user.Id, token.Id, Noon.AddHours(1), Cancellation));
        Assert.False(await _tokens.RevokeAsync(_tenant, null, token.Id, Noon.AddHours(2), Cancellation));
        Assert.Null(await _tokens.FindAsync(token.Id, Noon, Cancellation));
        Assert.Contains(token.Id, await _tokens.ListRevokedAsync(Noon.AddHours(1), Cancellation));
        Assert.DoesNotContain(token.Id, await _tokens.ListRevokedAsync(Noon.AddHours(1).AddSeconds(1), Cancellation));
        await _accounts.PurgeAsync(Noon.AddDays(2), Cancellation);
        Assert.DoesNotContain(token.Id, await _tokens.ListRevokedAsync(Noon, Cancellation));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tokens_go_for_good_with_their_users_access(bool delete)
    {
        var user = await UserAsync();
        var token = await AddAsync(user);
        if (delete) await _accounts.DeleteUserAsync(_tenant, user.Id, Noon.AddHours(1), Cancellation);
        else await _accounts.ChangeUserAsync(_tenant, user.Id, 1, new UserDetails { Role = "viewer", DisabledAt = Noon.AddHours(1) }, Noon.AddHours(1), Cancellation);
        Assert.Null(await _tokens.FindAsync(token.Id, Noon, Cancellation));
        Assert.Contains(token.Id, await _tokens.ListRevokedAsync(Noon.AddHours(1), Cancellation));
        if (!delete) await _accounts.ChangeUserAsync(_tenant, user.Id, 2, new UserDetails { Role = "viewer" }, null, Cancellation);
        Assert.Null(await _tokens.FindAsync(token.Id, Noon, Cancellation));
    }

    [Fact]
    public async Task A_user_has_so_many_and_no_more_also_when_they_are_made_at_once()
    {
        var user = await UserAsync();
        var added = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _tokens.AddAsync(Token(user), 3, Cancellation)));
        Assert.Equal(3, added.Count(isAdded => isAdded));
        var old = Token(user) with { CreatedAt = Noon.AddDays(1), ExpiresAt = Noon.AddDays(2) };
        Assert.True(await _tokens.AddAsync(old, 3, Cancellation));
    }

    private async Task<StoredUser> UserAsync()
    {
        var id = Guid.NewGuid().ToString("N");
        var user = new StoredUser { Id = id, Tenant = _tenant, UserName = "u-" + id, Role = "viewer", PasswordHash = "hash", CreatedAt = Noon };
        Assert.True(await _identity.AddUserAsync(user, Cancellation));
        return user;
    }

    private async Task<StoredApiToken> AddAsync(StoredUser user)
    {
        var token = Token(user);
        Assert.True(await _tokens.AddAsync(token, 50, Cancellation));
        return token;
    }

    private static StoredApiToken Token(StoredUser user) => new()
    {
        Id = Guid.NewGuid().ToString("N"), Tenant = user.Tenant, UserId = user.Id, Name = "a token", Hash = [1, 2, 3], Permissions = ["read", "install"], CreatedAt = Noon, ExpiresAt = Noon.AddDays(1),
    };
}

public sealed class SqliteApiTokenStoreTests(SqliteFixture fixture) : ApiTokenStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlApiTokenStoreTests(PostgreSqlFixture fixture) : ApiTokenStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
