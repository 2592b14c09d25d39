using System.Collections.Immutable;
using System.Security.Claims;
using System.Text.Json;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace FleetTracker.Vehicles;

/// <summary>What people know of a vehicle.</summary>
/// <param name="Plate">1–32 characters.</param>
/// <param name="Vin">17 of <c>A-Z 0-9</c> without I, O and Q.</param>
/// <param name="Kind">Such as <c>van</c>; 1–40 characters.</param>
/// <param name="Icon">Such as <c>truck</c>; 1–40 of <c>a-z 0-9 -</c>.</param>
/// <param name="Fields">At most 50, names of 1–64 characters, texts of at most 500.</param>
public sealed record ProfileView(
    string? Plate, string? Vin, string? Kind, string? Icon, IReadOnlyDictionary<string, string> Fields, DateTimeOffset? UpdatedAt);

/// <summary>As <see cref="ProfileView"/>; what is missing is taken away.</summary>
public sealed record NewProfile(string? Plate, string? Vin, string? Kind, string? Icon, IReadOnlyDictionary<string, string>? Fields);

internal static class ProfileEndpoints
{
    private const int MaxFields = 50;
    private const int MaxFieldName = 64;
    private const int MaxFieldText = 500;

    public static void MapProfiles(this IEndpointRouteBuilder api)
    {
        var profile = api.MapGroup("/vehicles/{id}/profile").WithTags("Vehicles").WithCommonProblems().ProducesProblem(StatusCodes.Status404NotFound);
        profile.MapGet("", FindAsync).RequireAuthorization(Access.Read).WithName("GetVehicleProfile")
            .WithSummary("Plate, VIN, kind, icon and custom fields of a vehicle.").Produces<ProfileView>();
        profile.MapPut("", PutAsync).RequireAuthorization(Access.Dispatch).WithName("PutVehicleProfile").WithSummary("Replaces the profile of a vehicle.")
            .Accepts<NewProfile>("application/json").Produces<ProfileView>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<IResult> FindAsync(
        string id, ClaimsPrincipal user, IVehicleProfileStore profiles, HttpContext context, CancellationToken cancellationToken) =>
        await profiles.FindProfileAsync(user.TenantOf(), id, cancellationToken) is { } profile ? Show(context, profile) : VehicleProblems.NotFound(id);

    private static async Task<IResult> PutAsync(
        string id, ClaimsPrincipal user, IVehicleProfileStore profiles, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return problem!;
        using var read = body;
        var parameters = new Parameters();
        var profile = Read(body.RootElement, parameters);
        if (parameters.Problem is { } wrong) return wrong;

        var change = await profiles.PutProfileAsync(user.TenantOf(), id, profile!, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken);
        return change switch
        {
            { Status: ChangeStatus.Done, Value: { } after } => Show(context, after),
            { Status: ChangeStatus.Stale, Value: { } now } => EntityTags.Stale(context, $"The profile of vehicle '{id}'", now.Revision),
            _ => VehicleProblems.NotFound(id),
        };
    }

    private static VehicleProfile? Read(JsonElement body, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return null;
        var profile = VehicleProfile.Empty with
        {
            Plate = fields.Text("plate", 32), Vin = fields.Text("vin", 17), Kind = fields.Text("kind", 40), Icon = fields.Text("icon", 40), Fields = Custom(fields),
        };
        if (profile.Vin is { } vin && (vin.Length != 17 || !vin.All(letter => char.IsAsciiDigit(letter) || (char.IsAsciiLetterUpper(letter) && letter is not ('I' or 'O' or 'Q')))))
            fields.Refuse("vin", $"must be 17 of A-Z and 0-9 without I, O and Q, was '{vin}'");
        if (profile.Icon is { } icon && !icon.All(letter => char.IsAsciiDigit(letter) || char.IsAsciiLetterLower(letter) || letter == '-'))
            fields.Refuse("icon", $"must be of a-z, 0-9 and -, was '{icon}'");
        fields.RefuseOthers("updatedAt");
        return profile;
    }

    private static ImmutableSortedDictionary<string, string> Custom(JsonFields fields)
    {
        var custom = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (fields.Member("fields") is not { } given || fields.Object("fields") is null) return custom.ToImmutable();
        foreach (var field in given.EnumerateObject())
        {
            var path = fields.PathOf($"fields.{field.Name}");
            if (custom.Count == MaxFields) fields.Refuse("fields", $"must be at most {MaxFields}, has {given.GetPropertyCount()}");
            if (custom.Count == MaxFields) break;
            if (field.Name.Length is 0 or > MaxFieldName || field.Name.Any(char.IsControl))
                fields.Parameters.Refuse(path, $"must have a name of 1 to {MaxFieldName} characters without control characters");
            else if (field.Value.ValueKind != JsonValueKind.String || field.Value.GetString()!.Length > MaxFieldText || field.Value.GetString()!.Contains('\0', StringComparison.Ordinal))
                fields.Parameters.Refuse(path, $"must be text of at most {MaxFieldText} characters, was {JsonFields.Shown(field.Value)}");
            else custom[field.Name] = field.Value.GetString()!;
        }

        return custom.ToImmutable();
    }

    private static Ok<ProfileView> Show(HttpContext context, VehicleProfile profile)
    {
        EntityTags.Show(context, profile.Revision);
        return TypedResults.Ok(new ProfileView(profile.Plate, profile.Vin, profile.Kind, profile.Icon, profile.Fields, profile.UpdatedAt));
    }
}
