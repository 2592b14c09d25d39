using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

internal static class VehicleEndpoints
{
    public static void MapVehicles(this IEndpointRouteBuilder api)
    {
        var read = api.MapGroup("").WithTags("Vehicles").RequireAuthorization(Access.Read).WithCommonProblems();
        read.MapGet("/vehicles", ListAsync).WithName("ListVehicles")
            .WithSummary("Vehicles by name, with their newest position.").Produces<Page<VehicleView>>();
        read.MapGet("/vehicles/{id}", FindAsync).WithName("GetVehicle")
            .WithSummary("One vehicle with its newest position.").Produces<VehicleView>().ProducesProblem(StatusCodes.Status404NotFound);
        read.MapGet("/vehicles/{id}/positions", ListPositionsAsync).WithName("ListPositions")
            .WithSummary("A vehicle's history, ascending by fix time, streamed.")
            .Produces<Page<PositionView>>().ProducesProblem(StatusCodes.Status404NotFound);
        read.MapGet("/positions/latest", ListLatestAsync).WithName("ListLatestPositions")
            .WithSummary("The newest position of every vehicle, optionally in a box.").Produces<Page<PositionView>>();
    }

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal user, IFleetStore fleet, LiveReplicas replicas, CancellationToken cancellationToken,
        string? q = null, string? group = null, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 'v', 2);
        var query = new VehicleQuery
        {
            Tenant = user.TenantOf(),
            Search = parameters.Text("q", q, 200),
            Group = parameters.Text("group", group, 200),
            After = after is null ? null : (after[0], after[1]),
            Limit = count + 1,
        };
        if (parameters.Problem is { } problem) return problem;

        var replica = await replicas.GetLoadedAsync(query.Tenant, cancellationToken);
        var vehicles = await fleet.ListVehiclesAsync(query, cancellationToken);
        var now = replica.Read(vehicles.Select(vehicle => vehicle.Id));
        var next = vehicles.Count > count ? Cursors.Make('v', vehicles[count - 1].Name, vehicles[count - 1].Id) : null;
        return TypedResults.Ok(new Page<VehicleView>([.. vehicles.Take(count).Select((vehicle, i) => VehicleView.Of(vehicle, now[i]))], next));
    }

    private static async Task<IResult> FindAsync(
        string id, ClaimsPrincipal user, IFleetStore fleet, LiveReplicas replicas, CancellationToken cancellationToken)
    {
        if (await fleet.FindVehicleAsync(user.TenantOf(), id, cancellationToken) is not { } vehicle) return VehicleProblems.NotFound(id);
        var replica = await replicas.GetLoadedAsync(user.TenantOf(), cancellationToken);
        return TypedResults.Ok(VehicleView.Of(vehicle, replica.Read([id])[0]));
    }

    private static async Task<IResult> ListPositionsAsync(
        string id, ClaimsPrincipal user, IFleetStore fleet, ITelemetryStore telemetry, IOutcomeStore outcomes, CancellationToken cancellationToken,
        string? from = null, string? to = null, string? limit = null, string? cursor = null, string? verdict = null)
    {
        var parameters = new Parameters();
        var query = new PositionQuery
        {
            Tenant = user.TenantOf(),
            VehicleId = id,
            From = parameters.Instant("from", from),
            To = parameters.Instant("to", to),
            PlacesOnly = parameters.OneOf("verdict", verdict, true, ("accepted", true), ("all", false)),
            After = KeyCursors.Read(parameters, PositionStream.CursorKind, cursor),
            Limit = parameters.Limit(limit, 1_000),
        };
        parameters.Order("from", query.From, query.To);
        if (parameters.Problem is { } problem) return problem;

        if (await fleet.FindVehicleAsync(query.Tenant, id, cancellationToken) is null) return VehicleProblems.NotFound(id);
        return await PositionStream.OpenAsync(telemetry, outcomes, query, cancellationToken);
    }

    private static async Task<IResult> ListLatestAsync(
        ClaimsPrincipal user, LiveReplicas replicas, CancellationToken cancellationToken,
        string? bbox = null, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var box = parameters.BoundingBox("bbox", bbox);
        var count = parameters.Limit(limit, 1_000);
        var after = parameters.Cursor(cursor, 'l', 1);
        if (parameters.Problem is { } problem) return problem;

        var replica = await replicas.GetLoadedAsync(user.TenantOf(), cancellationToken);
        var latest = replica.ReadLatest(box, after?[0], count + 1);
        var next = latest.Count > count ? Cursors.Make('l', latest[count - 1].VehicleId) : null;
        return TypedResults.Ok(new Page<PositionView>([.. latest.Take(count).Select(PositionView.Of)], next));
    }
}
