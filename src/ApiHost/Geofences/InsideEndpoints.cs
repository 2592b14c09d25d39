using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.LiveMap;
using FleetTracker.Outcomes;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Geofences;

/// <summary>A vehicle whose newest position is inside.</summary>
/// <param name="Since">When its visit began; <c>null</c> = it has not been inside for long enough, or the geofence is not for it or asleep.</param>
public sealed record InsideVehicleView(string VehicleId, string Status, DateTimeOffset? Since, PositionView Position);

internal static class InsideEndpoints
{
    /// <summary>Positions in the bounds of the fence that are looked at together.</summary>
    private const int Chunk = 2_000;

    private const int VisitChunk = 500;

    public static void MapInside(this IEndpointRouteBuilder api) => api.MapGroup("").WithTags("Geofences").RequireAuthorization(Access.Read).WithCommonProblems()
        .MapGet("/geofences/{id}/inside", ListAsync).WithName("ListVehiclesInside")
        .WithSummary("The vehicles that are inside of a geofence now, by their ids, from the live fleet.")
        .Produces<Page<InsideVehicleView>>().ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> ListAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, GeofenceSnapshots snapshots, LiveReplicas replicas, IOutcomeStore outcomes,
        CancellationToken cancellationToken, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 'i', 1);
        if (parameters.Problem is { } problem) return problem;

        var tenant = user.TenantOf();
        if (await rules.FindGeofenceAsync(tenant, id, cancellationToken) is not { Current: var current }) return GeofenceProblems.NotFound(id);
        var fence = (await snapshots.GetAsync(tenant, cancellationToken)).Versions(id).FirstOrDefault(version => version.Definition.Version == current.Version) ?? Fence.Compile(current);
        var replica = await replicas.GetLoadedAsync(tenant, cancellationToken);
        var inside = Find(replica, fence, after?[0], count + 1);
        var shown = inside.Take(count).ToList();
        var since = await ReadSinceAsync(outcomes, tenant, id, shown, cancellationToken);
        var now = replica.Read(shown.Select(live => live.VehicleId));
        var next = inside.Count > count ? Cursors.Make('i', shown[^1].VehicleId) : null;
        return TypedResults.Ok(new Page<InsideVehicleView>(
            [.. shown.Select((live, i) => new InsideVehicleView(live.VehicleId, now[i].Status.Word(), since.TryGetValue(live.VehicleId, out var at) ? at : null, PositionView.Of(live)))],
            next));
    }

    private static List<LiveVehicle> Find(TenantReplica replica, Fence fence, string? after, int limit)
    {
        var (west, south, east, north) = fence.Box;
        if (!Viewport.TryCreate(west, Math.Max(-90, south), east, Math.Min(90, north), zoom: 0, out var box, out var wrong)) throw new InvalidOperationException(wrong);
        var inside = new List<LiveVehicle>();
        while (true)
        {
            var chunk = replica.ReadLatest(box, after, Chunk);
            foreach (var live in chunk)
            {
                if (fence.Covers(live.Latitude, live.Longitude)) inside.Add(live);
                if (inside.Count == limit) return inside;
            }

            if (chunk.Count < Chunk) return inside;
            after = chunk[^1].VehicleId;
        }
    }

    private static async Task<Dictionary<string, DateTimeOffset>> ReadSinceAsync(
        IOutcomeStore outcomes, string tenant, string fenceId, List<LiveVehicle> vehicles, CancellationToken cancellationToken)
    {
        var since = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var chunk in vehicles.Chunk(VisitChunk))
        {
            var visits = await outcomes.ReadOutcomesAsync(
                new OutcomeQuery
                {
                    Tenant = tenant, VehicleIds = [.. chunk.Select(live => live.VehicleId)], Types = [OutcomeType.Visit], Subject = fenceId, OpenOnly = true, Limit = 2 * VisitChunk,
                },
                cancellationToken);
            foreach (var visit in visits) since[visit.VehicleId] = visit.At.FixedAt;
        }

        return since;
    }
}
