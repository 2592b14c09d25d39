using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace FleetTracker.Identity;

/// <summary>Policies by what somebody wants to do; the roles that may are listed here and nowhere else.</summary>
internal static class Access
{
    /// <summary>Look at the fleet.</summary>
    public const string Read = "read";

    /// <summary>See and change one's own account: for people, never for API tokens.</summary>
    public const string Account = "account";

    /// <summary>Connect trackers and gateways.</summary>
    public const string Install = "install";

    /// <summary>Draw fences, and say what is known of vehicles and what counts for them.</summary>
    public const string Dispatch = "dispatch";

    /// <summary>Change or remove what belongs to the tenant.</summary>
    public const string Administer = "administer";

    /// <summary>What an API token may be given.</summary>
    public static readonly ImmutableArray<string> Grantable = [Read, Dispatch, Install, Administer];

    private static readonly FrozenDictionary<string, ImmutableArray<string>> RolesOf = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
    {
        [Read] = Roles.All,
        [Account] = Roles.All,
        [Install] = [Roles.Owner, Roles.Admin, Roles.Installer],
        [Dispatch] = [Roles.Owner, Roles.Admin, Roles.Dispatcher],
        [Administer] = [Roles.Owner, Roles.Admin],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static void AddPolicies(AuthorizationOptions options)
    {
        foreach (var name in RolesOf.Keys)
            options.AddPolicy(name, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Allows(context.User, name)));
    }

    /// <summary>The role of the user must allow it, and the token, if it is one that asks.</summary>
    public static bool Allows(ClaimsPrincipal user, string permission) =>
        RolesOf[permission].Any(user.IsInRole) && (user.FindFirst(FleetClaims.Token) is null || user.HasClaim(FleetClaims.Permission, permission));
}
