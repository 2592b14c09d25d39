using System.Security.Claims;
using FleetTracker.Geodesy;
using FleetTracker.Identity;
using FleetTracker.LiveMap;
using FleetTracker.Problems;
using Microsoft.AspNetCore.Mvc;

namespace FleetTracker.Vehicles;

/// <summary>A vehicle and where it is seen from a place.</summary>
/// <param name="Distance">Meters along the shortest way on the ellipsoid.</param>
/// <param name="Bearing">Direction of the vehicle from the place, degrees clockwise from true north, to a tenth.</param>
public sealed record NearVehicleView(string VehicleId, string Name, string Status, double Distance, double Bearing, PositionView Position)
{
    internal static NearVehicleView Of(NearVehicle near, double latitude, double longitude)
    {
        var bearing = Math.Round(Geodesy.Bearing.Degrees(latitude, longitude, near.Live.Latitude, near.Live.Longitude), 1);
        return new NearVehicleView(
            near.Live.VehicleId, near.Name, near.Status.Word(), Math.Round(near.Meters, 2), bearing >= 360 ? 0 : bearing, PositionView.Of(near.Live));
    }
}

internal static class NearestEndpoints
{
    public static void MapNearest(this IEndpointRouteBuilder api) => api.MapGroup("").WithTags("Vehicles").RequireAuthorization(Access.Read).WithCommonProblems()
        .MapGet("/vehicles/nearest", FindAsync).WithName("ListNearestVehicles")
        .WithSummary("The vehicles nearest to a place, nearest first, from the live fleet.").Produces<Page<NearVehicleView>>();

    private static async Task<IResult> FindAsync(
        ClaimsPrincipal user, LiveReplicas replicas, CancellationToken cancellationToken,
        string? lat = null, string? lon = null, string? limit = null, string? maxDistance = null, [FromQuery] string[]? status = null)
    {
        var parameters = new Parameters();
        var query = new NearestQuery(
            parameters.Number("lat", lat, -90, 90, null),
            parameters.Number("lon", lon, -180, 180, null),
            parameters.Limit(limit, 10),
            parameters.Number("maxDistance", maxDistance, 0, 20_100_000, Wgs84.LongestDistanceMeters),
            StatusesOf(parameters, status ?? []));
        if (parameters.Problem is { } problem) return problem;

        var replica = await replicas.GetLoadedAsync(user.TenantOf(), cancellationToken);
        var nearest = replica.ReadNearest(query);
        return TypedResults.Ok(new Page<NearVehicleView>([.. nearest.Select(near => NearVehicleView.Of(near, query.Latitude, query.Longitude))], null));
    }

    private static HashSet<VehicleStatus> StatusesOf(Parameters parameters, string[] words)
    {
        var statuses = new HashSet<VehicleStatus>();
        foreach (var word in words)
        {
            statuses.Add(parameters.OneOf(
                "status", word, VehicleStatus.Unknown, ("moving", VehicleStatus.Moving), ("idling", VehicleStatus.Idling), ("stopped", VehicleStatus.Stopped),
                ("offline", VehicleStatus.Offline), ("unknown", VehicleStatus.Unknown)));
        }

        return statuses;
    }
}
