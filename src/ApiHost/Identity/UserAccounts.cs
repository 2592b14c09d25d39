using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
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
public sealed class UserAccounts(IIdentityStore store, IOptions<PasswordHasherOptions> hashing, TimeProvider time)
{
    public const int MinPasswordLength = 8;

    private readonly PasswordHasher<StoredUser> _hasher = new(hashing);

    public async Task<NewUserStatus> CreateAsync(string tenant, string userName, string role, string password, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        if (userName.Length is 0 or > 128 || userName.Any(char.IsWhiteSpace) || userName.Any(char.IsControl)) return NewUserStatus.InvalidName;
        if (!IsStrong(password)) return NewUserStatus.WeakPassword;
        if (role is not (Roles.Owner or Roles.Admin or Roles.Dispatcher or Roles.Viewer or Roles.Installer)) return NewUserStatus.UnknownRole;

        var added = await store.AddUserAsync(
            new StoredUser
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"),
                Tenant = tenant,
                UserName = userName,
                Role = role,
                PasswordHash = _hasher.HashPassword(null!, password),
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);
        return added ? NewUserStatus.Created : NewUserStatus.NameTaken;
    }

    /// <summary>Sets the password, lifts a lock and ends all sessions. False when there is no such user.</summary>
    public async Task<bool> SetPasswordAsync(string userName, string password, CancellationToken cancellationToken)
    {
        if (!IsStrong(password)) throw new ArgumentException($"a password must be {MinPasswordLength} to 1,024 characters long", nameof(password));
        if (await store.FindUserAsync(userName, cancellationToken) is not { } user) return false;

        // Sessions last: one that was opened with the old password in between must end too.
        await store.SetPasswordAsync(user.Id, _hasher.HashPassword(user, password), cancellationToken);
        await store.SetFailuresAsync(user.Id, 0, null, cancellationToken);
        await store.EndSessionsOfUserAsync(user.Id, time.GetUtcNow(), cancellationToken);
        return true;
    }

    public static bool IsStrong([NotNullWhen(true)] string? password) => password is { Length: >= MinPasswordLength and <= 1_024 };

    /// <summary>A secret for a person to copy: letters and digits of 144 random bits.</summary>
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
}
