using System.Security.Claims;
using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Identity;
using FleetTracker.Outcomes;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Simulations;

/// <summary>Fences and thresholds run over stored history before anybody depends on them. Nothing is saved.</summary>
internal static class SimulationEndpoints
{
    private const string Json = "application/json";

    public static void MapSimulations(this IEndpointRouteBuilder api)
    {
        var simulations = api.MapGroup("").RequireAuthorization(Access.Dispatch).WithCommonProblems()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status429TooManyRequests);
        simulations.MapPost("/geofences/simulate", SimulateFenceAsync).WithTags("Geofences").WithName("SimulateGeofence")
            .WithSummary("What a geofence would have said of stored history, what it would have missed, and thresholds that would have served. Nothing is saved.")
            .Accepts<FenceSimulationRequest>(Json).Produces<FenceSimulationView>().ProducesProblem(StatusCodes.Status404NotFound);
        simulations.MapPost("/settings/policy/simulate", SimulatePolicyAsync).WithTags("Settings").WithName("SimulatePolicySettings")
            .WithSummary("How many trips, stops and events other thresholds would have found in stored history. Nothing is saved.")
            .Accepts<PolicySimulationRequest>(Json).Produces<PolicySimulationView>();
    }

    private static async Task<IResult> SimulateFenceAsync(
        ClaimsPrincipal user, SimulationRequest request, TenantRulesReader reader, IRulesStore store, ITelemetryStore telemetry, SimulationSlots slots,
        IOptions<SimulationOptions> options, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return unreadable!;
        using var read = body;
        var parameters = new Parameters();
        if (JsonFields.Of(body.RootElement, "", parameters) is not { } fields) return parameters.Problem!;

        var drawn = fields.Object("geofence") is { } shape ? GeofenceFields.ReadUnnamed(shape, "simulated") : null;
        var fenceId = fields.Text("geofenceId", 64);
        if (fields.Member("geofence") is null == fenceId is null) fields.Refuse("geofence", "or geofenceId must be given, and not both");
        var scope = await request.ReadAsync(user.TenantOf(), fields, cancellationToken);
        fields.RefuseOthers();
        if (scope is null || parameters.Problem is not null) return parameters.Problem!;

        var definition = drawn is not null ? GeofenceFields.VersionOf(drawn) : (await store.FindGeofenceAsync(scope.Tenant, fenceId!, cancellationToken))?.Current;
        if (definition is null) return GeofenceProblems.NotFound(fenceId!);
        var rules = (await reader.ReadAsync(scope.Tenant, cancellationToken))?.Rules ?? TenantRules.None;
        return await slots.RunAsync(async () =>
        {
            var run = new FenceSimulationRun(new FenceSimulation(definition, rules, options.Value.MaxTuningRows), scope, options.Value.MaxListed);
            return TypedResults.Ok(await run.RunAsync(new SimulatedHistory(telemetry, options.Value, time), cancellationToken));
        });
    }

    private static async Task<IResult> SimulatePolicyAsync(
        ClaimsPrincipal user, SimulationRequest request, TenantRulesReader reader, ITelemetryStore telemetry, SimulationSlots slots, IOptions<VehicleOptions> installation,
        IOptions<SimulationOptions> options, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return unreadable!;
        using var read = body;
        var parameters = new Parameters();
        if (JsonFields.Of(body.RootElement, "", parameters) is not { } fields) return parameters.Problem!;

        var problems = new List<SettingProblem>();
        var settings = fields.Required("settings") is { } given ? VehicleSettings.Apply(installation.Value, given, problems) : null;
        foreach (var problem in problems) fields.Refuse(problem.Name.Length == 0 ? "settings" : $"settings.{problem.Name}", problem.Message);
        var scope = await request.ReadAsync(user.TenantOf(), fields, cancellationToken);
        fields.RefuseOthers();
        if (scope is null || parameters.Problem is not null) return parameters.Problem!;

        if (await reader.ReadAsync(scope.Tenant, cancellationToken) is not { } now) return ApiProblems.NotAvailable("The settings of your fleet are not there yet.");
        return await slots.RunAsync(async () => TypedResults.Ok(await SimulateAsync(
            new PolicySimulation(now.Rules, reader.With(now, settings!)), new SimulatedHistory(telemetry, options.Value, time), scope, cancellationToken)));
    }

    private static async Task<PolicySimulationView> SimulateAsync(
        PolicySimulation simulation, SimulatedHistory history, SimulationScope scope, CancellationToken cancellationToken)
    {
        var vehicles = new List<(string VehicleId, IReadOnlyList<KindCount> Counts)>();
        var vehicle = "";
        await history.ReadAsync(
            scope,
            vehicleId => simulation.Begin(vehicle = vehicleId, scope.From),
            simulation.Take,
            until => vehicles.Add((vehicle, simulation.End(until))),
            cancellationToken);
        var all = vehicles.SelectMany(one => one.Counts).GroupBy(count => (count.Type, count.Kind))
            .Select(kind => new KindCount(kind.Key.Type, kind.Key.Kind, kind.Sum(count => count.Before), kind.Sum(count => count.After)));
        return new PolicySimulationView(
            history.Rows, ViewsOf(all), [.. vehicles.Select(one => new PolicyVehicleView(one.VehicleId, ViewsOf(one.Counts)))], scope.Cut);
    }

    private static KindCountView[] ViewsOf(IEnumerable<KindCount> counts) =>
    [
        .. counts.OrderBy(count => count.Type).ThenBy(count => count.Kind, StringComparer.Ordinal)
            .Select(count => new KindCountView(OutcomeView.WordOf(count.Type), count.Kind, count.Before, count.After)),
    ];
}
