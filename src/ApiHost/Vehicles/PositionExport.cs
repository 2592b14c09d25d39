using System.Security.Claims;
using FleetTracker.Exports;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

internal static class PositionExport
{
    public static void MapPositionExport(this IEndpointRouteBuilder api) => api.MapGroup("").WithTags("Exports").RequireAuthorization(Access.Read).WithCommonProblems()
        .MapGet("/vehicles/{id}/positions/export", ExportAsync).WithName("ExportPositions")
        .WithSummary("A vehicle's history as a file, ascending by fix time, streamed.")
        .Produces(StatusCodes.Status200OK, contentType: "text/csv", additionalContentTypes: ["application/gpx+xml", "application/vnd.google-earth.kml+xml", "application/geo+json"])
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> ExportAsync(
        string id, ClaimsPrincipal user, IFleetStore fleet, ITelemetryStore telemetry, IOutcomeStore outcomes, CancellationToken cancellationToken,
        string? format = null, string? from = null, string? to = null, string? verdict = null)
    {
        var parameters = new Parameters();
        var query = new PositionQuery
        {
            Tenant = user.TenantOf(),
            VehicleId = id,
            From = parameters.Instant("from", from),
            To = parameters.Instant("to", to),
            PlacesOnly = parameters.OneOf("verdict", verdict, true, ("accepted", true), ("all", false)),
            Limit = 1,
        };
        parameters.Order("from", query.From, query.To);
        var make = parameters.OneOf<Func<string, IExportFormat<Fix>>>(
            "format", format, _ => new PositionCsv(), ("csv", _ => new PositionCsv()), ("gpx", name => new PositionGpx(name)), ("kml", name => new PositionKml(name)),
            ("geojson", _ => new PositionGeoJson()));
        if (parameters.Problem is { } problem) return problem;

        if (await fleet.FindVehicleAsync(query.Tenant, id, cancellationToken) is not { } vehicle) return VehicleProblems.NotFound(id);
        var chunks = await new JudgedPositions(telemetry, outcomes, query).OpenAsync(int.MaxValue, cancellationToken);
        return new ExportResult<Fix>(chunks, make(vehicle.Name), FileNames.Of(id, "positions", query.From, query.To));
    }
}
