using System.Security.Claims;
using FleetTracker.Geodesy;
using FleetTracker.Identity;
using FleetTracker.LiveMap;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

/// <summary>A vehicle that was in an area.</summary>
/// <param name="FirstAt">Time of its first fix there.</param>
/// <param name="LastAt">Time of its last fix there; it may have left in between.</param>
/// <param name="Fixes">How many fixes are there.</param>
public sealed record AreaVisitView(string VehicleId, DateTimeOffset FirstAt, DateTimeOffset LastAt, long Fixes)
{
    internal static AreaVisitView Of(AreaVisit visit) => new(visit.VehicleId, visit.FirstAt, visit.LastAt, visit.Fixes);
}

internal static class AreaSearchEndpoints
{
    private const double MostMeters = 1_000_000;

    // What is looked at grows with the time asked for.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public static void MapAreaSearch(this IEndpointRouteBuilder api) => api.MapGroup("").WithTags("History").RequireAuthorization(Access.Read).WithCommonProblems()
        .MapGet("/positions/search", SearchAsync).WithName("SearchPositions")
        .WithSummary("Which vehicles were in an area within a span of time, by id. A page may be shorter than asked, or empty, and have a next one.")
        .Produces<Page<AreaVisitView>>();

    private static async Task<IResult> SearchAsync(
        ClaimsPrincipal user, ITelemetryStore telemetry, CancellationToken cancellationToken,
        string? bbox = null, string? lat = null, string? lon = null, string? radius = null, string? from = null, string? to = null,
        string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var (box, circle) = AreaOf(parameters, bbox, lat, lon, radius);
        var query = new AreaQuery
        {
            Tenant = user.TenantOf(),
            Box = box,
            Circle = circle,
            From = Given(parameters, "from", from),
            To = Given(parameters, "to", to),
            After = parameters.Cursor(cursor, 'a', 1)?[0],
            Limit = parameters.Limit(limit, 100),
        };
        if (parameters.IsValid && query.From >= query.To) parameters.Refuse("from", $"must be earlier than to, was '{from}'");
        if (parameters.IsValid && query.To - query.From > Longest) parameters.Refuse("to", $"must not be more than {Longest.Days} days after from, was '{to}'");
        if (parameters.Problem is { } problem) return problem;

        var page = await telemetry.SearchAreaAsync(query, cancellationToken);
        return TypedResults.Ok(new Page<AreaVisitView>([.. page.Vehicles.Select(AreaVisitView.Of)], page.Next is { } next ? Cursors.Make('a', next) : null));
    }

    private static (GeoBox Box, AreaCircle? Circle) AreaOf(Parameters parameters, string? bbox, string? lat, string? lon, string? radius)
    {
        var isCircle = (lat ?? lon ?? radius) is not null;
        if (bbox is not null && isCircle) parameters.Refuse("bbox", "cannot be given together with lat, lon and radius");
        if (!isCircle)
        {
            if (bbox is null) parameters.Refuse("bbox", "must be given, or lat, lon and radius");
            var view = parameters.BoundingBox("bbox", bbox) ?? default;
            return (new GeoBox(view.West, view.South, view.East, view.North), null);
        }

        var circle = new AreaCircle(
            parameters.Number("lat", lat, -90, 90, null), parameters.Number("lon", lon, -180, 180, null), parameters.Number("radius", radius, 1, MostMeters, null));
        return (GeoBox.Around(circle.Latitude, circle.Longitude, circle.RadiusMeters), circle);
    }

    private static DateTimeOffset Given(Parameters parameters, string name, string? value)
    {
        if (value is null) parameters.Refuse(name, "must be given");
        return parameters.Instant(name, value) ?? default;
    }
}
