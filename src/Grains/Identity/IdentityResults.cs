using System.Data.Common;
using System.Net.Sockets;
using FleetTracker.Storage;

namespace FleetTracker.Identity;

internal static class IdentityResults
{
    public static readonly SignInResult Refused = new() { Status = SignInStatus.BadCredentials };

    public static SignInResult Granted(StoredUser user, string sessionId, string refreshToken) => new()
    {
        Status = SignInStatus.Granted,
        UserId = user.Id,
        UserName = user.UserName,
        Tenant = user.Tenant,
        Role = user.Role,
        SessionId = sessionId,
        RefreshToken = refreshToken,
    };
}

internal static class IdentityFailures
{
    /// <summary>The store is away or slow, as opposed to a mistake of ours.</summary>
    public static bool IsUnavailable(Exception exception) =>
        exception is DbException or TimeoutException or SocketException or IOException or OperationCanceledException;
}
