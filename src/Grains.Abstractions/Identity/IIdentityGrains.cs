using System.Collections.Immutable;

namespace FleetTracker.Identity;

/// <summary>Roles within a tenant; <see cref="Owner"/> is above all tenants.</summary>
public static class Roles
{
    public const string Owner = "owner";
    public const string Admin = "admin";
    public const string Dispatcher = "dispatcher";
    public const string Viewer = "viewer";
    public const string Installer = "installer";

    public static ImmutableArray<string> All { get; } = [Owner, Admin, Dispatcher, Viewer, Installer];
}

/// <summary>Sign-in of one user. Key: the upper-case user name. Counts failures and locks, so it must not be bypassed.</summary>
[Alias("IUserSignInGrain")]
public interface IUserSignInGrain : IGrainWithStringKey
{
    /// <param name="password">As typed.</param>
    /// <param name="origin">Kept with the session, for the user to see.</param>
    [Alias("SignIn")]
    ValueTask<SignInResult> SignInAsync(string password, SignInOrigin origin);
}

/// <summary>Where somebody signs in from.</summary>
/// <param name="Address">IP address of the client, or <c>null</c>.</param>
/// <param name="Agent">The program as it calls itself, at most 200 characters, or <c>null</c>.</param>
[GenerateSerializer, Immutable, Alias("SignInOrigin")]
public sealed record SignInOrigin([property: Id(0)] string? Address, [property: Id(1)] string? Agent);

/// <summary>One session of a user, from sign-in to sign-out. Key: the session id.</summary>
[Alias("ISessionGrain")]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Rotates the refresh token. A token that was rotated away ends the session: somebody copied it.</summary>
    [Alias("Refresh")]
    ValueTask<SignInResult> RefreshAsync(string refreshToken);

    [Alias("End")]
    ValueTask EndAsync();

    /// <summary>Ends the session when the token is or was one of it; true when this ended it.</summary>
    [Alias("EndWith")]
    ValueTask<bool> EndWithAsync(string refreshToken);

    /// <summary>False when the session was ended or has expired.</summary>
    [Alias("IsOpen")]
    ValueTask<bool> IsOpenAsync();
}

public enum SignInStatus : byte
{
    Granted = 0,
    BadCredentials = 1,
    TooManyAttempts = 2,
}

/// <summary>The answer to a sign-in or a refresh; the API host turns a granted one into an access token.</summary>
[GenerateSerializer, Immutable, Alias("SignInResult")]
public sealed record SignInResult
{
    [Id(0)] public required SignInStatus Status { get; init; }

    [Id(1)] public string UserId { get; init; } = "";

    [Id(2)] public string UserName { get; init; } = "";

    [Id(3)] public string Tenant { get; init; } = "";

    [Id(4)] public string Role { get; init; } = "";

    [Id(5)] public string SessionId { get; init; } = "";

    /// <summary>Opaque; contains the session id, so that it can be routed.</summary>
    [Id(6)] public string RefreshToken { get; init; } = "";

    /// <summary>When to try again after <see cref="SignInStatus.TooManyAttempts"/>.</summary>
    [Id(7)] public TimeSpan RetryAfter { get; init; }
}
