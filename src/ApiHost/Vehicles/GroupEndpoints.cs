using System.Collections.Immutable;
using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

/// <param name="Vehicles">How many are in it.</param>
public sealed record GroupView(string Name, int Vehicles);

internal static class GroupEndpoints
{
    private const int GatewayPage = 500;

    public static void MapGroups(this IEndpointRouteBuilder api)
    {
        var groups = api.MapGroup("/groups").WithTags("Vehicles").WithCommonProblems();
        groups.MapGet("", ListAsync).RequireAuthorization(Access.Read).WithName("ListGroups")
            .WithSummary("Vehicle groups.").Produces<Page<GroupView>>();
        groups.MapDelete("/{name}", DeleteAsync).RequireAuthorization(Access.Administer).WithName("DeleteGroup")
            .WithSummary("Deletes a group with its vehicles, their devices and history, and the gateways that register into it. A slash in the name is sent as %2F. After a failure, the same request finishes the work.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal user, IFleetStore fleet, CancellationToken cancellationToken, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 'g', 1);
        if (parameters.Problem is { } problem) return problem;

        var groups = await fleet.ListGroupsAsync(user.TenantOf(), after?[0], count + 1, cancellationToken);
        var next = groups.Count > count ? Cursors.Make('g', groups[count - 1].Name) : null;
        return TypedResults.Ok(new Page<GroupView>([.. groups.Take(count).Select(group => new GroupView(group.Name, group.Vehicles))], next));
    }

    private static async Task<IResult> DeleteAsync(
        string name, ClaimsPrincipal user, IFleetStore fleet, ForgottenVehicles forgotten, HttpContext context, CancellationToken cancellationToken,
        string? vehicles = null)
    {
        var parameters = new Parameters();
        if (!parameters.OneOf("vehicles", vehicles, false, ("true", true)) && parameters.IsValid)
            parameters.Refuse("vehicles", "must be true: a group is deleted with its vehicles and their history");
        if (parameters.Problem is { } problem) return problem;

        var tenant = user.TenantOf();
        name = GroupNames.OfAddress(context);

        // Gateways that register into the group go first: they would bring it back with their next fix.
        var isFound = await DeleteGatewaysAsync(fleet, tenant, name, cancellationToken);
        var ids = await fleet.DeleteGroupWithVehiclesAsync(tenant, name, cancellationToken);

        // No such group may mean that an earlier attempt stopped between registry and lanes: what it left is found among the removed vehicles.
        if (ids.IsEmpty) ids = await forgotten.ListLeftAsync(tenant, cancellationToken);
        await forgotten.ForgetAsync(tenant, ids);
        return isFound || !ids.IsEmpty ? TypedResults.NoContent() : GroupProblems.NotFound(name);
    }

    private static async Task<bool> DeleteGatewaysAsync(IFleetStore fleet, string tenant, string group, CancellationToken cancellationToken)
    {
        var isFound = false;
        string? after = null;
        while (true)
        {
            var page = await fleet.ListGatewaysAsync(tenant, after, GatewayPage, cancellationToken);
            foreach (var gateway in page.Where(gateway => string.Equals(gateway.Group, group, StringComparison.Ordinal)))
                isFound |= await fleet.DeleteGatewayAsync(tenant, gateway.Name, cancellationToken);
            if (page.Count < GatewayPage) return isFound;
            after = page[^1].Name;
        }
    }
}

/// <summary>Removes from the lanes what has left the registry. Doing it again is harmless: ids are never used twice.</summary>
internal sealed class ForgottenVehicles(IGrainFactory grains, IFleetStore fleet, ILaneCount laneCount)
{
    private const int Batch = 500;
    private const int Page = 5_000;
    private const int MostFinished = 200_000;

    private readonly Lock _gate = new();
    private readonly HashSet<(string Tenant, string VehicleId)> _finished = [];

    public async Task ForgetAsync(string tenant, ImmutableArray<string> vehicleIds)
    {
        if (vehicleIds.IsEmpty) return;
        lock (_gate) _finished.ExceptWith(vehicleIds.Select(id => (tenant, id)));
        foreach (var lane in vehicleIds.GroupBy(id => Lanes.Of(id, laneCount.Count)))
        {
            foreach (var chunk in lane.Chunk(Batch)) await grains.GetGrain<ILaneGrain>(lane.Key).ForgetAsync(tenant, [.. chunk]);
        }

        lock (_gate)
        {
            if (_finished.Count + vehicleIds.Length > MostFinished) _finished.Clear();
            _finished.UnionWith(vehicleIds.Select(id => (tenant, id)));
        }
    }

    /// <summary>
    /// Removed vehicles that this process has not removed from the lanes itself. After a restart those are all that the registry remembers:
    /// then a group that never was is answered once as if something had been left of it.
    /// </summary>
    public async Task<ImmutableArray<string>> ListLeftAsync(string tenant, CancellationToken cancellationToken)
    {
        // From revision 0 a store may leave out what is gone; every tenant's first change has revision 1 or more.
        var removed = new HashSet<string>(StringComparer.Ordinal);
        var revision = 1L;
        while (true)
        {
            var changes = await fleet.ReadVehicleChangesAsync(tenant, revision, Page, cancellationToken);
            removed.UnionWith(changes.Removals);
            if (changes.Upserts.Length + changes.Removals.Length < Page) break;
            revision = changes.Revision;
        }

        lock (_gate) return [.. removed.Where(id => !_finished.Contains((tenant, id)))];
    }
}
