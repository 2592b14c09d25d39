using System.Text.Json;
using FleetTracker.Problems;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace FleetTracker.Geofences;

/// <summary>
/// All fences as a GeoJSON FeatureCollection, written while they are read. The first page is read before anything is sent; what fails later cuts
/// the connection, which nobody can take for the end.
/// </summary>
internal sealed class GeofenceExport : IResult
{
    public const string GeoJsonType = "application/geo+json";

    private const int PageSize = 500;

    private readonly IRulesStore _rules;
    private readonly string _tenant;
    private readonly IReadOnlyList<StoredGeofence> _first;

    private GeofenceExport(IRulesStore rules, string tenant, IReadOnlyList<StoredGeofence> first) => (_rules, _tenant, _first) = (rules, tenant, first);

    public static async Task<IResult> OpenAsync(IRulesStore rules, string tenant, CancellationToken cancellationToken) =>
        new GeofenceExport(rules, tenant, await ReadAsync(rules, tenant, null, cancellationToken));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = GeoJsonType;
        httpContext.Response.Headers.ContentDisposition = "attachment; filename=\"geofences.geojson\"";
        var json = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        try
        {
            await WriteAsync(httpContext.Response, json, httpContext.RequestAborted);
        }
        catch (Exception) when (httpContext.Response.HasStarted)
        {
            httpContext.Abort();
            throw;
        }
    }

    private async Task WriteAsync(HttpResponse response, JsonSerializerOptions json, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("type", "FeatureCollection");
        writer.WriteStartArray("features");
        for (var page = _first; page.Count > 0; page = await ReadAsync(_rules, _tenant, page[^1].Current, cancellationToken))
        {
            foreach (var fence in page) Write(writer, fence, json);
            await writer.FlushAsync(cancellationToken);
            await response.BodyWriter.FlushAsync(cancellationToken);
            if (page.Count < PageSize) break;
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(cancellationToken);
    }

    private static void Write(Utf8JsonWriter writer, StoredGeofence stored, JsonSerializerOptions json)
    {
        var view = GeofenceView.Of(stored);
        writer.WriteStartObject();
        writer.WriteString("type", "Feature");
        writer.WriteString("id", view.Id);
        writer.WritePropertyName("geometry");
        writer.WriteRawValue(view.Shape.Geometry.Text, skipInputValidation: true);
        writer.WriteStartObject("properties");
        writer.WriteString("name", view.Name);
        writer.WriteString("shape", view.Shape.Type);
        if (view.Shape.RadiusMeters is { } radius) writer.WriteNumber("radiusMeters", radius);
        writer.WritePropertyName("rules");
        JsonSerializer.Serialize(writer, view.Rules, json);
        writer.WriteNumber("version", view.Version);
        writer.WriteString("validFrom", Rfc3339.Write(view.ValidFrom));
        writer.WriteString("updatedAt", Rfc3339.Write(view.UpdatedAt));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static Task<IReadOnlyList<StoredGeofence>> ReadAsync(IRulesStore rules, string tenant, Geofence? after, CancellationToken cancellationToken) =>
        rules.ListGeofencesAsync(
            new GeofenceQuery { Tenant = tenant, After = after is null ? null : (after.Name, after.Id), Limit = PageSize }, cancellationToken);
}
