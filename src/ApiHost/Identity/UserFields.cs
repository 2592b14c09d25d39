using System.Text.Json;
using FleetTracker.Problems;

namespace FleetTracker.Identity;

/// <summary>What a request says of a user.</summary>
internal sealed record WantedUser(string Role, string? DisplayName, string? Email, bool Disabled);

/// <summary>Reads users from bodies.</summary>
internal static class UserFields
{
    private const int MaxDisplayName = 100;
    private const int MaxEmail = 254;

    public static (string UserName, WantedUser User) ReadNew(JsonElement body, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return ("", Nobody);
        fields.Required("userName");
        var name = fields.Text("userName", UserAccounts.MaxNameLength) ?? "";
        if (name.Length > 0 && !UserAccounts.IsName(name)) fields.Refuse("userName", $"must not have white space, was '{name}'");
        var user = Read(fields) with { Disabled = false };
        fields.RefuseOthers();
        return (name, user);
    }

    public static WantedUser ReadChange(JsonElement body, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return Nobody;
        var user = Read(fields);
        user = user with { Disabled = ReadFlag(fields, "disabled") };
        // What an answer has may come back.
        fields.RefuseOthers("id", "userName", "status", "createdAt", "signedInAt");
        return user;
    }

    /// <summary>How a user shows up, as the user may say it too.</summary>
    public static (string? DisplayName, string? Email) ReadOwn(JsonElement body, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return default;
        var own = (fields.Text("displayName", MaxDisplayName), ReadEmail(fields));
        fields.RefuseOthers();
        return own;
    }

    private static WantedUser Nobody { get; } = new("", null, null, false);

    private static WantedUser Read(JsonFields fields)
    {
        fields.Required("role");
        var role = fields.OneOf("role", [.. Roles.All.Select(word => (word, Array.IndexOf([.. Roles.All], word)))]);
        return new WantedUser(role is { } known ? Roles.All[known] : "", fields.Text("displayName", MaxDisplayName), ReadEmail(fields), false);
    }

    private static string? ReadEmail(JsonFields fields)
    {
        var email = fields.Text("email", MaxEmail);
        if (email is null) return null;
        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at == email.Length - 1 || email.LastIndexOf('@') != at || email.Any(char.IsWhiteSpace)) fields.Refuse("email", $"must be an address such as anna@example.com, was '{email}'");
        return email;
    }

    private static bool ReadFlag(JsonFields fields, string name)
    {
        if (fields.Member(name) is not { } member) return false;
        if (member.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) fields.Refuse(name, $"must be true or false, was {JsonFields.Shown(member)}");
        return member.ValueKind == JsonValueKind.True;
    }
}
