namespace FleetTracker.Mqtt;

/// <summary>
/// The names under which the server keeps sessions. The client id is the client's free choice and the user name may be somebody else's device,
/// so neither alone keeps one tenant's session, with its subscriptions, out of another's hands.
/// </summary>
internal static class SessionKeys
{
    public static string Of(ClientAccess access, string clientId) => $"{Prefix(access.Tenant)}{access.UserName}/{clientId}";

    public static bool IsOf(string sessionKey, string tenant) => sessionKey.StartsWith(Prefix(tenant), StringComparison.Ordinal);

    // Escaped, so that no tenant's name can begin with another's and a slash.
    private static string Prefix(string tenant) => $"{Uri.EscapeDataString(tenant)}/";
}
