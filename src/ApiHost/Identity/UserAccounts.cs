using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>What became of a new user.</summary>
public enum NewUserStatus : byte
{
    Created = 0,
    NameTaken = 1,
    InvalidName = 2,
    WeakPassword = 3,
    UnknownRole = 4,
}

/// <summary>Creates users and sets passwords. The one place where a password becomes a hash outside of sign-in.</summary>
public sealed class UserAccounts(IIdentityStore store, IAccountStore accounts, IOptions<PasswordHasherOptions> hashing, TimeProvider time)
{
    public const int MinPasswordLength = 8;
    public const int MaxPasswordLength = 1_024;
    public const int MaxNameLength = 128;

    private readonly PasswordHasher<StoredUser> _hasher = new(hashing);

    public async Task<NewUserStatus> CreateAsync(string tenant, string userName, string role, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        if (!IsName(userName)) return NewUserStatus.InvalidName;
        if (!IsStrong(password)) return NewUserStatus.WeakPassword;
        if (!Roles.All.Contains(role)) return NewUserStatus.UnknownRole;
        var user = NewUser(tenant, userName, role) with { PasswordHash = _hasher.HashPassword(null!, password) };
        return await store.AddUserAsync(user, cancellationToken) ? NewUserStatus.Created : NewUserStatus.NameTaken;
    }

    /// <summary>A user who has yet to choose a password; <c>null</c> when the name is taken. Name and role must be valid.</summary>
    public async Task<StoredUser?> InviteAsync(string tenant, string userName, string role, string? displayName, string? email, CancellationToken cancellationToken)
    {
        var user = NewUser(tenant, userName, role) with { DisplayName = displayName, Email = email };
        return await store.AddUserAsync(user, cancellationToken) ? user : null;
    }

    /// <summary>Sets the password, lifts a lock and ends all sessions. False when there is no such user.</summary>
    public async Task<bool> SetPasswordAsync(string userName, string password, CancellationToken cancellationToken)
    {
        if (!IsStrong(password)) throw new ArgumentException($"a password must be {MinPasswordLength} to 1,024 characters long", nameof(password));
        if (await store.FindUserAsync(userName, cancellationToken) is not { } user) return false;
        await accounts.SetPasswordAsync(user.Id, _hasher.HashPassword(user, password), exceptSession: null, time.GetUtcNow(), cancellationToken);
        return true;
    }

    /// <summary>Of the user who is signed in; other sessions end. The new password must be strong.</summary>
    public async Task<bool> ChangePasswordAsync(StoredUser user, string current, string password, string? session, CancellationToken cancellationToken)
    {
        if (user.PasswordHash.Length == 0 || _hasher.VerifyHashedPassword(user, user.PasswordHash, current) == PasswordVerificationResult.Failed) return false;
        await accounts.SetPasswordAsync(user.Id, _hasher.HashPassword(user, password), session, time.GetUtcNow(), cancellationToken);
        return true;
    }

    /// <summary>A link for a user to choose a password; returns its token, of which only the hash is stored.</summary>
    public async Task<string> NewPasswordLinkAsync(string userId, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await accounts.PutPasswordLinkAsync(userId, HashOf(token), expiresAt, cancellationToken);
        return token;
    }

    /// <summary>Uses a link up. False when it does not work any more. The password must be strong.</summary>
    public async Task<bool> ChoosePasswordAsync(string token, string password, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // Found first, so that guessing costs no hash.
        return await accounts.FindPasswordLinkAsync(HashOf(token), now, cancellationToken) is { } user
            && await accounts.UsePasswordLinkAsync(HashOf(token), _hasher.HashPassword(user, password), now, cancellationToken);
    }

    public static bool IsStrong([NotNullWhen(true)] string? password) => password is { Length: >= MinPasswordLength and <= MaxPasswordLength };

    public static bool IsName([NotNullWhen(true)] string? userName) =>
        userName is { Length: > 0 and <= MaxNameLength } && !userName.Any(character => char.IsWhiteSpace(character) || char.IsControl(character));

    /// <summary>A secret for a person to copy: letters and digits of 144 random bits.</summary>
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));

    private StoredUser NewUser(string tenant, string userName, string role) => new()
    {
        Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), Tenant = tenant, UserName = userName, Role = role, PasswordHash = "", CreatedAt = time.GetUtcNow(),
    };

    private static ImmutableArray<byte> HashOf(string token) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(token))];
}
