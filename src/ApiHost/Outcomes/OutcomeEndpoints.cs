using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.Mvc;

namespace FleetTracker.Outcomes;

/// <summary>Events, trips, stops and visits, of one vehicle or of all.</summary>
internal static class OutcomeEndpoints
{
    public static void MapOutcomes(this IEndpointRouteBuilder api)
    {
        var read = api.MapGroup("").WithTags("History").RequireAuthorization(Access.Read).WithCommonProblems();
        Describe<EventView>(read.MapGet("/events", ListEventsAsync), "ListEvents", "Events of all vehicles by fix time.");
        Describe<TripView>(read.MapGet("/trips", ListTripsAsync), "ListTrips", "Trips of all vehicles by their start.");
        Describe<StopView>(read.MapGet("/stops", ListStopsAsync), "ListStops", "Stops of all vehicles by their start.");
        Describe<VisitView>(read.MapGet("/visits", ListVisitsAsync), "ListVisits", "Visits of geofences of all vehicles by their start.");
        DescribeOne<ExcludedView>(read.MapGet("/vehicles/{id}/excluded", ListExcludedAsync), "ListVehicleExcluded", "A vehicle's positions that are left out, and why, by fix time.");
        DescribeOne<EventView>(read.MapGet("/vehicles/{id}/events", ListVehicleEventsAsync), "ListVehicleEvents", "A vehicle's events by fix time.");
        DescribeOne<TripView>(read.MapGet("/vehicles/{id}/trips", ListVehicleTripsAsync), "ListVehicleTrips", "A vehicle's trips by their start.");
        DescribeOne<StopView>(read.MapGet("/vehicles/{id}/stops", ListVehicleStopsAsync), "ListVehicleStops", "A vehicle's stops by their start.");
        DescribeOne<VisitView>(read.MapGet("/vehicles/{id}/visits", ListVehicleVisitsAsync), "ListVehicleVisits", "A vehicle's visits of geofences by their start.");
    }

    private static RouteHandlerBuilder Describe<T>(RouteHandlerBuilder endpoint, string name, string summary) =>
        endpoint.WithName(name).WithSummary(summary).Produces<Page<T>>();

    private static void DescribeOne<T>(RouteHandlerBuilder endpoint, string name, string summary) =>
        Describe<T>(endpoint, name, summary).ProducesProblem(StatusCodes.Status404NotFound);

    private static Task<IResult> ListEventsAsync(
        [AsParameters] OutcomeListRequest request, [FromQuery] string[]? vehicleId = null, [FromQuery] string[]? kind = null, string? subject = null) =>
        request.ListAsync(OutcomeType.Event, new OutcomeChoice(vehicleId, kind, subject), EventView.Of);

    private static Task<IResult> ListTripsAsync([AsParameters] OutcomeListRequest request, [FromQuery] string[]? vehicleId = null) =>
        request.ListAsync(OutcomeType.Trip, new OutcomeChoice(vehicleId), TripView.Of);

    private static Task<IResult> ListStopsAsync([AsParameters] OutcomeListRequest request, [FromQuery] string[]? vehicleId = null) =>
        request.ListAsync(OutcomeType.Stop, new OutcomeChoice(vehicleId), StopView.Of);

    private static Task<IResult> ListVisitsAsync(
        [AsParameters] OutcomeListRequest request, [FromQuery] string[]? vehicleId = null, string? geofence = null) =>
        request.ListAsync(OutcomeType.Visit, new OutcomeChoice(vehicleId, Subject: geofence, SubjectName: "geofence"), VisitView.Of);

    private static Task<IResult> ListVehicleEventsAsync(
        string id, [AsParameters] OutcomeListRequest request, [FromQuery] string[]? kind = null, string? subject = null) =>
        request.ListOfAsync(id, OutcomeType.Event, new OutcomeChoice(Kinds: kind, Subject: subject), EventView.Of);

    private static Task<IResult> ListExcludedAsync(string id, [AsParameters] OutcomeListRequest request) =>
        request.ListOfAsync(id, OutcomeType.Excluded, new OutcomeChoice(), ExcludedView.Of);

    private static Task<IResult> ListVehicleTripsAsync(string id, [AsParameters] OutcomeListRequest request) =>
        request.ListOfAsync(id, OutcomeType.Trip, new OutcomeChoice(), TripView.Of);

    private static Task<IResult> ListVehicleStopsAsync(string id, [AsParameters] OutcomeListRequest request) =>
        request.ListOfAsync(id, OutcomeType.Stop, new OutcomeChoice(), StopView.Of);

    private static Task<IResult> ListVehicleVisitsAsync(string id, [AsParameters] OutcomeListRequest request, string? geofence = null) =>
        request.ListOfAsync(id, OutcomeType.Visit, new OutcomeChoice(Subject: geofence, SubjectName: "geofence"), VisitView.Of);
}
