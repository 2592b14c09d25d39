using Microsoft.AspNetCore.Authorization;

namespace FleetTracker.Identity;

/// <summary>Policies by what somebody wants to do; the roles that may are listed here and nowhere else.</summary>
internal static class Access
{
    /// <summary>Look at the fleet.</summary>
    public const string Read = "read";

    /// <summary>See and change one's own account.</summary>
    public const string Account = "account";

    /// <summary>Connect trackers and gateways.</summary>
    public const string Install = "install";

    /// <summary>Draw fences, and say what is known of vehicles and what counts for them.</summary>
    public const string Dispatch = "dispatch";

    /// <summary>Change or remove what belongs to the tenant.</summary>
    public const string Administer = "administer";

    public static void AddPolicies(AuthorizationOptions options)
    {
        Add(options, Read, Roles.Owner, Roles.Admin, Roles.Dispatcher, Roles.Viewer, Roles.Installer);
        Add(options, Account, [.. Roles.All]);
        Add(options, Install, Roles.Owner, Roles.Admin, Roles.Installer);
        Add(options, Dispatch, Roles.Owner, Roles.Admin, Roles.Dispatcher);
        Add(options, Administer, Roles.Owner, Roles.Admin);
    }

    private static void Add(AuthorizationOptions options, string name, params string[] roles) =>
        options.AddPolicy(name, policy => policy.RequireAuthenticatedUser().RequireRole(roles));
}
