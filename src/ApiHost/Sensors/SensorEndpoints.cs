using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace FleetTracker.Sensors;

internal static class SensorEndpoints
{
    private const string Json = "application/json";

    public static void MapSensors(this IEndpointRouteBuilder api)
    {
        var sensors = api.MapGroup("/sensors").WithTags("Sensors").WithCommonProblems();
        var read = sensors.MapGroup("").RequireAuthorization(Access.Read);
        read.MapGet("", ListAsync).WithName("ListSensors").WithSummary("Sensors by name.").Produces<Page<SensorView>>();
        read.MapGet("/{id}", FindAsync).WithName("GetSensor").WithSummary("One sensor; the ETag is for a change of it.")
            .Produces<SensorView>().ProducesProblem(StatusCodes.Status404NotFound);

        var write = sensors.MapGroup("").RequireAuthorization(Access.Dispatch).ProducesProblem(StatusCodes.Status400BadRequest);
        write.MapPost("", CreateAsync).WithName("CreateSensor").WithSummary("Creates a sensor. Events are told of fixes from a few seconds later on.")
            .Accepts<NewSensor>(Json).Produces<SensorView>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        write.MapPut("/{id}", UpdateAsync).WithName("UpdateSensor")
            .WithSummary("Replaces a sensor. Events from before stay as they are; what goes on ends when anything but name, unit and vehicles is changed.")
            .Accepts<NewSensor>(Json).Produces<SensorView>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        write.MapDelete("/{id}", DeleteAsync).WithName("DeleteSensor").WithSummary("Deletes a sensor; its events stay.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal user, ISensorStore sensors, CancellationToken cancellationToken, string? q = null, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 's', 2);
        var query = new SensorQuery
        {
            Tenant = user.TenantOf(), Search = parameters.Text("q", q, 200), After = after is null ? null : (after[0], after[1]), Limit = count + 1,
        };
        if (parameters.Problem is { } problem) return problem;

        var found = await sensors.ListSensorsAsync(query, cancellationToken);
        var next = found.Count > count ? Cursors.Make('s', found[count - 1].Current.Name, found[count - 1].Current.Id) : null;
        return TypedResults.Ok(new Page<SensorView>([.. found.Take(count).Select(SensorView.Of)], next));
    }

    private static async Task<IResult> FindAsync(
        string id, ClaimsPrincipal user, ISensorStore sensors, HttpContext context, CancellationToken cancellationToken) =>
        await sensors.FindSensorAsync(user.TenantOf(), id, cancellationToken) is { } sensor ? Show(context, sensor) : SensorProblems.NotFound(id);

    private static async Task<IResult> CreateAsync(
        ClaimsPrincipal user, ISensorStore sensors, IFleetStore fleet, IOptions<RulesOptions> options, HttpContext context, CancellationToken cancellationToken)
    {
        var (draft, problem) = await ReadAsync(context, ShortIds.New('s'), user.TenantOf(), fleet, null, cancellationToken);
        if (draft is null) return problem!;

        var change = await sensors.CreateSensorAsync(user.TenantOf(), draft, user.NameOf(), cancellationToken);
        if (change is not { Status: ChangeStatus.Done, Value: { } created }) return SensorProblems.TooMany(options.Value.MaxSensorsPerTenant);
        EntityTags.Show(context, created.Revision);
        return TypedResults.Created($"/api/v1/sensors/{created.Current.Id}", SensorView.Of(created));
    }

    private static async Task<IResult> UpdateAsync(
        string id, ClaimsPrincipal user, ISensorStore sensors, IFleetStore fleet, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var known = await sensors.FindSensorAsync(user.TenantOf(), id, cancellationToken);
        var (draft, problem) = await ReadAsync(context, id, user.TenantOf(), fleet, known, cancellationToken);
        if (draft is null) return problem!;
        return Answer(await sensors.UpdateSensorAsync(user.TenantOf(), draft, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken), id, context);
    }

    private static async Task<IResult> DeleteAsync(
        string id, ClaimsPrincipal user, ISensorStore sensors, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null) =>
        Answer(await sensors.DeleteSensorAsync(user.TenantOf(), id, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken), id, context);

    /// <param name="known">The sensor as it is: vehicles that it has are not looked for, they may be gone by now.</param>
    private static async Task<(SensorDraft? Draft, IResult? Problem)> ReadAsync(
        HttpContext context, string id, string tenant, IFleetStore fleet, StoredSensor? known, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return (null, problem);
        using var read = body;
        var parameters = new Parameters();
        var draft = SensorFields.Read(body.RootElement, id, parameters);
        var added = (draft?.Scope.VehicleIds ?? []).Except(known?.Current.Scope.VehicleIds ?? [], StringComparer.Ordinal).ToList();
        foreach (var vehicleId in (await fleet.FindUnknownVehiclesAsync(tenant, added, cancellationToken)).Order(StringComparer.Ordinal))
            parameters.Refuse("vehicleIds", $"must be vehicles of yours, has '{vehicleId}'");

        return parameters.Problem is { } wrong ? (null, wrong) : (draft, null);
    }

    private static IResult Answer(Change<StoredSensor> change, string id, HttpContext context) => change switch
    {
        { Status: ChangeStatus.NotFound } => SensorProblems.NotFound(id),
        { Status: ChangeStatus.Stale, Value: { } now } => EntityTags.Stale(context, $"Sensor '{id}'", now.Revision),
        { Value: { } sensor } => Show(context, sensor),
        _ => TypedResults.NoContent(),
    };

    private static Ok<SensorView> Show(HttpContext context, StoredSensor sensor)
    {
        EntityTags.Show(context, sensor.Revision);
        return TypedResults.Ok(SensorView.Of(sensor));
    }
}
