using System.Security.Claims;
using System.Text.Json;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>Thresholds that a tenant or a vehicle overrides. A change replaces all that is overridden there.</summary>
internal static class SettingsEndpoints
{
    private const string Json = "application/json";
    private const string TenantsOwn = "";

    public static void MapSettings(this IEndpointRouteBuilder api)
    {
        var tenant = api.MapGroup("/settings/policy").WithTags("Settings").WithCommonProblems();
        tenant.MapGet("", FindAsync).RequireAuthorization(Access.Read).WithName("GetPolicySettings")
            .WithSummary("The thresholds of your fleet, and which of them you override.").Produces<SettingsView>();
        tenant.MapPut("", PutAsync).RequireAuthorization(Access.Administer).WithName("PutPolicySettings")
            .WithSummary("Replaces what your fleet overrides. Events and trips from before stay as they are.")
            .Accepts<Dictionary<string, object?>>(Json).Produces<SettingsView>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        tenant.MapDelete("", DeleteAsync).RequireAuthorization(Access.Administer).WithName("DeletePolicySettings")
            .WithSummary("Overrides nothing any more.").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status412PreconditionFailed);

        var vehicle = api.MapGroup("/vehicles/{id}/settings").WithTags("Settings").WithCommonProblems().ProducesProblem(StatusCodes.Status404NotFound);
        vehicle.MapGet("", FindOfVehicleAsync).RequireAuthorization(Access.Read).WithName("GetVehicleSettings")
            .WithSummary("The thresholds of a vehicle, and which of them it overrides.").Produces<SettingsView>();
        vehicle.MapPut("", PutOfVehicleAsync).RequireAuthorization(Access.Dispatch).WithName("PutVehicleSettings")
            .WithSummary("Replaces what a vehicle overrides. Events and trips from before stay as they are.")
            .Accepts<Dictionary<string, object?>>(Json).Produces<SettingsView>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        vehicle.MapDelete("", DeleteOfVehicleAsync).RequireAuthorization(Access.Dispatch).WithName("DeleteVehicleSettings")
            .WithSummary("The vehicle overrides nothing any more.").Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<IResult> FindAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<VehicleOptions> installation, HttpContext context, CancellationToken cancellationToken)
    {
        var own = await rules.FindSettingsAsync(user.TenantOf(), TenantsOwn, cancellationToken);
        return Show(context, new SettingsLevels(installation.Value).With("tenant", own.Settings), own);
    }

    private static async Task<IResult> FindOfVehicleAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, IFleetStore fleet, IOptions<VehicleOptions> installation, HttpContext context,
        CancellationToken cancellationToken)
    {
        if (await fleet.FindVehicleAsync(user.TenantOf(), id, cancellationToken) is null) return VehicleProblems.NotFound(id);
        var own = await rules.FindSettingsAsync(user.TenantOf(), id, cancellationToken);
        return Show(context, (await TenantLevelAsync(user, rules, installation, cancellationToken)).With("vehicle", own.Settings), own);
    }

    private static async Task<IResult> PutAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<VehicleOptions> installation, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var levels = new SettingsLevels(installation.Value);
        var (settings, options, problem) = await ReadAsync(context, levels.Options, cancellationToken);
        if (options is null) return problem!;
        if (await CheckVehiclesAsync(user, rules, options, cancellationToken) is { } wrong) return wrong;

        var change = await rules.PutSettingsAsync(user.TenantOf(), TenantsOwn, settings, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken);
        return Answer(change, context) ?? Show(context, levels.With("tenant", change.Value!.Settings), change.Value);
    }

    private static async Task<IResult> PutOfVehicleAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, IOptions<VehicleOptions> installation, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var levels = await TenantLevelAsync(user, rules, installation, cancellationToken);
        var (settings, options, problem) = await ReadAsync(context, levels.Options, cancellationToken);
        if (options is null) return problem!;

        var change = await rules.PutSettingsAsync(user.TenantOf(), id, settings, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken);
        if (change.Status == ChangeStatus.NotFound) return VehicleProblems.NotFound(id);
        return Answer(change, context) ?? Show(context, levels.With("vehicle", change.Value!.Settings), change.Value);
    }

    private static async Task<IResult> DeleteAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<VehicleOptions> installation, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        if (await CheckVehiclesAsync(user, rules, installation.Value, cancellationToken) is { } wrong) return wrong;
        var change = await rules.PutSettingsAsync(user.TenantOf(), TenantsOwn, null, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken);
        return Answer(change, context) ?? TypedResults.NoContent();
    }

    private static async Task<IResult> DeleteOfVehicleAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var change = await rules.PutSettingsAsync(user.TenantOf(), id, null, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken);
        return change.Status == ChangeStatus.NotFound ? VehicleProblems.NotFound(id) : Answer(change, context) ?? TypedResults.NoContent();
    }

    private static async Task<(string? Settings, VehicleOptions? Options, IResult? Problem)> ReadAsync(
        HttpContext context, VehicleOptions below, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return (null, null, problem);
        using var read = body;
        var problems = new List<SettingProblem>();
        var options = VehicleSettings.Apply(below, body.RootElement, problems);
        if (problems.Count > 0) return (null, null, Refuse("", problems).Problem);

        // The same settings are the same text: no blanks, in the order of the options. Nothing overridden is nothing stored.
        var given = VehicleSettings.Names.Where(name => body.RootElement.TryGetProperty(name, out _))
            .ToDictionary(name => name, name => body.RootElement.GetProperty(name), StringComparer.Ordinal);
        return (given.Count == 0 ? null : JsonSerializer.Serialize(given), options, null);
    }

    /// <summary>What vehicles override must make sense over what their tenant now has.</summary>
    private static async Task<IResult?> CheckVehiclesAsync(ClaimsPrincipal user, IRulesStore rules, VehicleOptions options, CancellationToken cancellationToken)
    {
        const int MaxTold = 100;
        var parameters = new Parameters();
        var told = 0;
        foreach (var (vehicleId, settings) in await rules.ListVehicleSettingsAsync(user.TenantOf(), cancellationToken))
        {
            using var overridden = JsonDocument.Parse(settings);
            var problems = new List<SettingProblem>();
            VehicleSettings.Apply(options, overridden.RootElement, problems);
            if (problems.Count == 0) continue;
            Refuse($"vehicles.{vehicleId}.", problems, parameters);
            if (++told == MaxTold) break;
        }

        return parameters.Problem;
    }

    private static Parameters Refuse(string prefix, List<SettingProblem> problems, Parameters? parameters = null)
    {
        parameters ??= new Parameters();
        foreach (var problem in problems) parameters.Refuse(problem.Name.Length == 0 ? "body" : prefix + problem.Name, problem.Message);
        return parameters;
    }

    private static async Task<SettingsLevels> TenantLevelAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<VehicleOptions> installation, CancellationToken cancellationToken) =>
        new SettingsLevels(installation.Value).With("tenant", (await rules.FindSettingsAsync(user.TenantOf(), TenantsOwn, cancellationToken)).Settings);

    private static IResult? Answer(Change<StoredSettings> change, HttpContext context) =>
        change is { Status: ChangeStatus.Stale, Value: { } now } ? EntityTags.Stale(context, "What is overridden", now.Revision) : null;

    private static Ok<SettingsView> Show(HttpContext context, SettingsLevels levels, StoredSettings own)
    {
        EntityTags.Show(context, own.Revision);
        return TypedResults.Ok(levels.View(own));
    }
}
