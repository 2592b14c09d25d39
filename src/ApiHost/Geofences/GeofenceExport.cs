using System.Text.Json;
using FleetTracker.Exports;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Geofences;

/// <summary>All fences as a GeoJSON FeatureCollection. The first page is read before anything is sent.</summary>
internal sealed class GeofenceExport : StreamedResult
{
    public const string GeoJsonType = "application/geo+json";

    private const int PageSize = 500;

    private readonly IRulesStore _rules;
    private readonly string _tenant;
    private readonly JsonSerializerOptions _json;
    private readonly IReadOnlyList<StoredGeofence> _first;

    private GeofenceExport(IRulesStore rules, string tenant, JsonSerializerOptions json, IReadOnlyList<StoredGeofence> first)
        : base(GeoJsonType) => (_rules, _tenant, _json, _first) = (rules, tenant, json, first);

    public static async Task<IResult> OpenAsync(IRulesStore rules, string tenant, JsonSerializerOptions json, CancellationToken cancellationToken) =>
        new GeofenceExport(rules, tenant, json, await ReadAsync(rules, tenant, null, cancellationToken));

    protected override void SetHeaders(HttpResponse response) => response.Headers.ContentDisposition = "attachment; filename=\"geofences.geojson\"";

    protected override async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("type", "FeatureCollection");
        writer.WriteStartArray("features");
        for (var page = _first; page.Count > 0; page = await ReadAsync(_rules, _tenant, page[^1].Current, cancellationToken))
        {
            foreach (var fence in page) Write(writer, fence, _json);
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
