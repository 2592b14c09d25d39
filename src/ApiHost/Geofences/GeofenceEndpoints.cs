using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace FleetTracker.Geofences;

internal static class GeofenceEndpoints
{
    private const string Json = "application/json";

    public static void MapGeofences(this IEndpointRouteBuilder api)
    {
        var fences = api.MapGroup("/geofences").WithTags("Geofences").WithCommonProblems();
        var read = fences.MapGroup("").RequireAuthorization(Access.Read);
        read.MapGet("", ListAsync).WithName("ListGeofences").WithSummary("Geofences by name.").Produces<Page<GeofenceView>>();
        read.MapGet("/{id}", FindAsync).WithName("GetGeofence").WithSummary("One geofence; the ETag is for a change of it.")
            .Produces<GeofenceView>().ProducesProblem(StatusCodes.Status404NotFound);
        read.MapGet("/containing", ContainingAsync).WithName("ListContainingGeofences")
            .WithSummary("The geofences that a point is in, at a time.").Produces<ContainingGeofences>();
        read.MapGet("/export", ExportAsync).WithName("ExportGeofences").WithSummary("All geofences, streamed.")
            .Produces(StatusCodes.Status200OK, contentType: GeofenceExport.GeoJsonType);

        var write = fences.MapGroup("").RequireAuthorization(Access.Dispatch).ProducesProblem(StatusCodes.Status400BadRequest);
        write.MapPost("", CreateAsync).WithName("CreateGeofence").WithSummary("Creates a geofence; it counts a few seconds later.")
            .Accepts<NewGeofence>(Json).Produces<GeofenceView>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        write.MapPut("/{id}", UpdateAsync).WithName("UpdateGeofence")
            .WithSummary("Replaces a geofence. A new shape or rule counts from a few seconds later; fixes from before meet what was there before.")
            .Accepts<NewGeofence>(Json).Produces<GeofenceView>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        write.MapDelete("/{id}", DeleteAsync).WithName("DeleteGeofence").WithSummary("Deletes a geofence; fixes from before still meet it.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        write.MapPost("/check", CheckAsync).WithName("CheckGeofence").WithSummary("Says what is wrong with a geofence, without saving it.")
            .Accepts<NewGeofence>(Json).Produces<GeofenceCheck>();
        write.MapPost("/import", GeofenceImport.ImportAsync).WithName("ImportGeofences")
            .WithSummary("Creates a geofence of every feature of a GeoJSON or KML file, all or none.")
            .WithMetadata(new RequestSizeLimitAttribute(GeofenceImport.MaxBytes)).Accepts<object>(Json, GeofenceExport.GeoJsonType, GeofenceImport.KmlType)
            .Produces<ImportedGeofences>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
    }

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal user, IRulesStore rules, CancellationToken cancellationToken, string? q = null, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 'f', 2);
        var query = new GeofenceQuery
        {
            Tenant = user.TenantOf(), Search = parameters.Text("q", q, 200), After = after is null ? null : (after[0], after[1]), Limit = count + 1,
        };
        if (parameters.Problem is { } problem) return problem;

        var fences = await rules.ListGeofencesAsync(query, cancellationToken);
        var next = fences.Count > count ? Cursors.Make('f', fences[count - 1].Current.Name, fences[count - 1].Current.Id) : null;
        return TypedResults.Ok(new Page<GeofenceView>([.. fences.Take(count).Select(GeofenceView.Of)], next));
    }

    private static async Task<IResult> FindAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, HttpContext context, CancellationToken cancellationToken) =>
        await rules.FindGeofenceAsync(user.TenantOf(), id, cancellationToken) is { } fence ? Show(context, fence) : GeofenceProblems.NotFound(id);

    private static async Task<IResult> CreateAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<RulesOptions> options, HttpContext context, CancellationToken cancellationToken)
    {
        var (draft, problem) = await ReadAsync(context, ShortIds.New('g'), cancellationToken);
        if (draft is null) return problem!;

        var change = await rules.CreateGeofencesAsync(user.TenantOf(), [draft], user.NameOf(), cancellationToken);
        if (change.Status != ChangeStatus.Done) return GeofenceProblems.TooMany(options.Value.MaxFencesPerTenant, 1);
        var created = change.Value![0];
        EntityTags.Show(context, created.Revision);
        return TypedResults.Created($"/api/v1/geofences/{created.Current.Id}", GeofenceView.Of(created));
    }

    private static async Task<IResult> UpdateAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var (draft, problem) = await ReadAsync(context, id, cancellationToken);
        if (draft is null) return problem!;
        return Answer(await rules.UpdateGeofenceAsync(user.TenantOf(), draft, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken), id, context);
    }

    private static async Task<IResult> DeleteAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null) =>
        Answer(await rules.DeleteGeofenceAsync(user.TenantOf(), id, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken), id, context);

    private static async Task<IResult> CheckAsync(
        HttpContext context, CancellationToken cancellationToken, string? accuracy = null, string? interval = null, string? speed = null)
    {
        var query = new Parameters();
        var (meters, seconds, fast) = (
            query.OptionalNumber("accuracy", accuracy, 0, 100_000), query.OptionalNumber("interval", interval, 0, 604_800), query.OptionalNumber("speed", speed, 0, 1_000));
        if (query.Problem is { } problem) return problem;
        var (body, unreadable) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return unreadable!;
        using var read = body;

        var parameters = new Parameters();
        var draft = GeofenceFields.Read(body.RootElement, "", parameters);
        IReadOnlyList<FenceWarning> warnings = draft is null || !parameters.IsValid ? [] : FenceLinter.Check(Fence.Compile(GeofenceFields.VersionOf(draft)), meters, seconds, fast);
        return TypedResults.Ok(new GeofenceCheck(parameters.Errors, [.. warnings.Select(warning => new GeofenceWarning(warning.Code, warning.Text))]));
    }

    private static async Task<IResult> ContainingAsync(
        ClaimsPrincipal user, GeofenceSnapshots snapshots, TimeProvider time, CancellationToken cancellationToken,
        string? lat = null, string? lon = null, string? at = null)
    {
        var parameters = new Parameters();
        var (latitude, longitude) = (parameters.Number("lat", lat, -90, 90), parameters.Number("lon", lon, -180, 180));
        var instant = parameters.Instant("at", at) ?? time.GetUtcNow();
        if (instant < snapshots.Reach) parameters.Refuse("at", $"must not be before {Rfc3339.Write(snapshots.Reach)}: what was changed earlier is not kept, was '{at}'");
        if (parameters.Problem is { } problem) return problem;

        var near = new List<Fence>();
        (await snapshots.GetAsync(user.TenantOf(), cancellationToken)).Near(latitude, longitude, latitude, longitude, near);
        return TypedResults.Ok(new ContainingGeofences(
        [
            .. near.Where(fence => fence.IsValidAt(instant) && fence.Covers(latitude, longitude))
                .OrderBy(fence => fence.Definition.Name, StringComparer.Ordinal).ThenBy(fence => fence.Definition.Id, StringComparer.Ordinal)
                .Select(fence => new ContainingGeofenceView(fence.Definition.Id, fence.Definition.Name, fence.Definition.Version, fence.IsAwakeAt(instant))),
        ]));
    }

    private static async Task<IResult> ExportAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<JsonOptions> json, CancellationToken cancellationToken, string? format = null)
    {
        var parameters = new Parameters();
        parameters.OneOf("format", format, true, ("geojson", true));
        return parameters.Problem ?? await GeofenceExport.OpenAsync(rules, user.TenantOf(), json.Value.SerializerOptions, cancellationToken);
    }

    private static async Task<(GeofenceDraft? Draft, IResult? Problem)> ReadAsync(HttpContext context, string id, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return (null, problem);
        using var read = body;
        var parameters = new Parameters();
        var draft = GeofenceFields.Read(body.RootElement, id, parameters);
        return parameters.Problem is { } wrong ? (null, wrong) : (draft, null);
    }

    private static IResult Answer(Change<StoredGeofence> change, string id, HttpContext context) => change switch
    {
        { Status: ChangeStatus.NotFound } => GeofenceProblems.NotFound(id),
        { Status: ChangeStatus.Stale, Value: { } now } => EntityTags.Stale(context, $"Geofence '{id}'", now.Revision),
        { Value: { } fence } => Show(context, fence),
        _ => TypedResults.NoContent(),
    };

    private static Ok<GeofenceView> Show(HttpContext context, StoredGeofence fence)
    {
        EntityTags.Show(context, fence.Revision);
        return TypedResults.Ok(GeofenceView.Of(fence));
    }
}
