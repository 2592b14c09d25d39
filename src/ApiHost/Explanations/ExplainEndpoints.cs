using System.Security.Claims;
using FleetTracker.Geofences;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Explanations;

internal static class ExplainEndpoints
{
    public static void MapExplanations(this IEndpointRouteBuilder api) => api.MapGroup("").WithTags("History").RequireAuthorization(Access.Read).WithCommonProblems()
        .MapGet("/vehicles/{id}/explain", ExplainAsync).WithName("ExplainVehicle")
        .WithSummary("Why something did or did not happen to a vehicle at a time: its stored fixes are folded again, and every decision is told.")
        .Produces<ExplanationView>().ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> ExplainAsync(
        string id, ClaimsPrincipal user, IFleetStore fleet, TenantRulesReader reader, Explainer explainer, IOptions<FixOptions> fixes, TimeProvider time,
        CancellationToken cancellationToken, string? at = null, string? geofence = null)
    {
        var parameters = new Parameters();
        var asked = AtOf(parameters, at, fixes.Value, time.GetUtcNow());
        parameters.Text("geofence", geofence, 64);
        if (parameters.Problem is { } problem) return problem;

        var tenant = user.TenantOf();
        if (await fleet.FindVehicleAsync(tenant, id, cancellationToken) is null) return VehicleProblems.NotFound(id);
        if (await reader.ReadAsync(tenant, cancellationToken) is not { } read) return VehicleProblems.NotFound(id);
        if (geofence is not null && read.Rules.Fences.Versions(geofence).Count == 0) return GeofenceProblems.NotFound(geofence);
        return TypedResults.Ok(await explainer.ExplainAsync(id, asked, geofence, read.Rules, cancellationToken));
    }

    private static DateTimeOffset AtOf(Parameters parameters, string? value, FixOptions fixes, DateTimeOffset now)
    {
        if (value is null) parameters.Refuse("at", "must be given: the time to explain, such as 2026-03-01T12:00:00Z");
        if (parameters.Instant("at", value) is not { } at) return default;
        if (at > now + fixes.MaxClockLead) parameters.Refuse("at", $"must not be in the future, was '{value}'");
        else if (at < now - fixes.Retention) parameters.Refuse("at", $"must not be before {Rfc3339.Write(now - fixes.Retention)}: history from before is not kept, was '{value}'");
        return at;
    }
}
