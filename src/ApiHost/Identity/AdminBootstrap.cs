using System.Security.Cryptography;
using System.Text;
using FleetTracker.Storage;

namespace FleetTracker.Identity;

/// <summary>What the operator wants to be there at first start; <c>null</c> = generate.</summary>
public sealed record BootstrapRequest
{
    public string? AdminPassword { get; init; }

    public string? EnrollmentKey { get; init; }
}

/// <summary>What was created, so that the host can print it once. Secrets are here only when this call created them.</summary>
public sealed record BootstrapResult
{
    public required bool TenantCreated { get; init; }

    public required bool AdminCreated { get; init; }

    /// <summary>The generated password; <c>null</c> when the operator gave one or the user was there.</summary>
    public string? GeneratedPassword { get; init; }

    public required bool EnrollmentKeyCreated { get; init; }

    /// <summary>The generated key; <c>null</c> when the operator gave one or the tenant has one.</summary>
    public string? GeneratedEnrollmentKey { get; init; }
}

/// <summary>
/// The first tenant, its owner and a way in for trackers. Safe to call at every start and by several hosts at once: what is there stays.
/// </summary>
public sealed class AdminBootstrap(IFleetStore fleet, UserAccounts users, TimeProvider time)
{
    public const string Tenant = "default";
    public const string UserName = "admin";

    public async Task<BootstrapResult> EnsureAsync(BootstrapRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.AdminPassword is not null && !UserAccounts.IsStrong(request.AdminPassword))
            throw new ArgumentException($"the admin's password must be {UserAccounts.MinPasswordLength} to 1,024 characters long", nameof(request));
        if (request.EnrollmentKey is { Length: < 8 })
            throw new ArgumentException("the enrollment key must be at least 8 characters long", nameof(request));

        var tenantCreated = await fleet.EnsureTenantAsync(Tenant, "Default", time.GetUtcNow(), cancellationToken);
        var password = request.AdminPassword ?? UserAccounts.NewSecret();
        var adminCreated = await users.CreateAsync(Tenant, UserName, Roles.Owner, password, cancellationToken) == NewUserStatus.Created;
        var key = await EnsureKeyAsync(request.EnrollmentKey, cancellationToken);
        return new BootstrapResult
        {
            TenantCreated = tenantCreated,
            AdminCreated = adminCreated,
            GeneratedPassword = adminCreated && request.AdminPassword is null ? password : null,
            EnrollmentKeyCreated = key is not null,
            GeneratedEnrollmentKey = request.EnrollmentKey is null ? key : null,
        };
    }

    /// <summary>Sets the admin's password, given or generated, and ends the admin's sessions; returns it.</summary>
    public async Task<string> ResetPasswordAsync(string? password, CancellationToken cancellationToken)
    {
        password ??= UserAccounts.NewSecret();
        return await users.SetPasswordAsync(UserName, password, cancellationToken)
            ? password
            : throw new InvalidOperationException($"there is no user '{UserName}': start the installation once first");
    }

    /// <summary>The key that was added, or <c>null</c>.</summary>
    private async Task<string?> EnsureKeyAsync(string? given, CancellationToken cancellationToken)
    {
        if (given is null && await fleet.HasEnrollmentKeysAsync(Tenant, cancellationToken)) return null;
        var key = given ?? UserAccounts.NewSecret();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        if (given is not null && await fleet.FindEnrollmentKeyAsync([.. hash], cancellationToken) is not null) return null;
        await fleet.AddEnrollmentKeyAsync(Tenant, [.. hash], given is null ? "generated at first start" : "configured", time.GetUtcNow(), cancellationToken);
        return key;
    }
}
