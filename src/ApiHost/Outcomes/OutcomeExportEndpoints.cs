using FleetTracker.Identity;
using FleetTracker.Problems;
using Microsoft.AspNetCore.Mvc;

namespace FleetTracker.Outcomes;

/// <summary>Events, trips, stops and visits, of one vehicle or of all, as files.</summary>
internal static class OutcomeExportEndpoints
{
    public static void MapOutcomeExports(this IEndpointRouteBuilder api)
    {
        var read = api.MapGroup("").WithTags("Exports").RequireAuthorization(Access.Read).WithCommonProblems();
        Describe(read.MapGet("/events/export", ExportEventsAsync), "ExportEvents", "Events of all vehicles as a file, streamed.");
        Describe(read.MapGet("/trips/export", ExportTripsAsync), "ExportTrips", "Trips of all vehicles as a file, streamed.");
        Describe(read.MapGet("/stops/export", ExportStopsAsync), "ExportStops", "Stops of all vehicles as a file, streamed.");
        Describe(read.MapGet("/visits/export", ExportVisitsAsync), "ExportVisits", "Visits of geofences of all vehicles as a file, streamed.");
        DescribeOne(read.MapGet("/vehicles/{id}/events/export", ExportVehicleEventsAsync), "ExportVehicleEvents", "A vehicle's events as a file, streamed.");
        DescribeOne(read.MapGet("/vehicles/{id}/trips/export", ExportVehicleTripsAsync), "ExportVehicleTrips", "A vehicle's trips as a file, streamed.");
        DescribeOne(read.MapGet("/vehicles/{id}/stops/export", ExportVehicleStopsAsync), "ExportVehicleStops", "A vehicle's stops as a file, streamed.");
        DescribeOne(read.MapGet("/vehicles/{id}/visits/export", ExportVehicleVisitsAsync), "ExportVehicleVisits", "A vehicle's visits of geofences as a file, streamed.");
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .WithName(name).WithSummary(summary).Produces(StatusCodes.Status200OK, contentType: "text/csv", additionalContentTypes: ["application/geo+json"]);

    private static void DescribeOne(RouteHandlerBuilder endpoint, string name, string summary) =>
        Describe(endpoint, name, summary).ProducesProblem(StatusCodes.Status404NotFound);

    private static Task<IResult> ExportEventsAsync(
        [AsParameters] OutcomeExportRequest request, [FromQuery] string[]? vehicleId = null, [FromQuery] string[]? kind = null, string? subject = null) =>
        request.ExportAsync(OutcomeType.Event, new OutcomeChoice(vehicleId, kind, subject), EventView.Of);

    private static Task<IResult> ExportTripsAsync([AsParameters] OutcomeExportRequest request, [FromQuery] string[]? vehicleId = null) =>
        request.ExportAsync(OutcomeType.Trip, new OutcomeChoice(vehicleId), TripView.Of);

    private static Task<IResult> ExportStopsAsync([AsParameters] OutcomeExportRequest request, [FromQuery] string[]? vehicleId = null) =>
        request.ExportAsync(OutcomeType.Stop, new OutcomeChoice(vehicleId), StopView.Of);

    private static Task<IResult> ExportVisitsAsync(
        [AsParameters] OutcomeExportRequest request, [FromQuery] string[]? vehicleId = null, string? geofence = null) =>
        request.ExportAsync(OutcomeType.Visit, new OutcomeChoice(vehicleId, Subject: geofence, SubjectName: "geofence"), VisitView.Of);

    private static Task<IResult> ExportVehicleEventsAsync(
        string id, [AsParameters] OutcomeExportRequest request, [FromQuery] string[]? kind = null, string? subject = null) =>
        request.ExportOfAsync(id, OutcomeType.Event, new OutcomeChoice(Kinds: kind, Subject: subject), EventView.Of);

    private static Task<IResult> ExportVehicleTripsAsync(string id, [AsParameters] OutcomeExportRequest request) =>
        request.ExportOfAsync(id, OutcomeType.Trip, new OutcomeChoice(), TripView.Of);

    private static Task<IResult> ExportVehicleStopsAsync(string id, [AsParameters] OutcomeExportRequest request) =>
        request.ExportOfAsync(id, OutcomeType.Stop, new OutcomeChoice(), StopView.Of);

    private static Task<IResult> ExportVehicleVisitsAsync(string id, [AsParameters] OutcomeExportRequest request, string? geofence = null) =>
        request.ExportOfAsync(id, OutcomeType.Visit, new OutcomeChoice(Subject: geofence, SubjectName: "geofence"), VisitView.Of);
}
