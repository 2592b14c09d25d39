using System.Security.Claims;
using System.Text.Json;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Geofences;

/// <summary>
/// Fences from a file, all or none. Of a feature's <c>properties</c> those of an export are read; others are ignored, since files from elsewhere have
/// their own.
/// </summary>
internal static class GeofenceImport
{
    public const long MaxBytes = 32 * 1024 * 1024;
    public const string KmlType = "application/vnd.google-earth.kml+xml";

    private const int MaxFeatures = 10_000;
    private const int MaxWrongFeatures = 100;

    public static async Task<IResult> ImportAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<RulesOptions> options, HttpContext context, CancellationToken cancellationToken,
        string? name = null)
    {
        var parameters = new Parameters();
        var nameProperty = parameters.Text("name", name, 100);
        var (drafts, unreadable) = await ReadAsync(context.Request, nameProperty, parameters, cancellationToken);
        if (unreadable is not null) return unreadable;
        if (parameters.Problem is { } wrong) return wrong;

        var change = await rules.CreateGeofencesAsync(user.TenantOf(), drafts, user.NameOf(), cancellationToken);
        return change.Status == ChangeStatus.Done
            ? TypedResults.Created("/api/v1/geofences", new ImportedGeofences(drafts.Count, [.. drafts.Select(draft => draft.Id)]))
            : GeofenceProblems.TooMany(options.Value.MaxFencesPerTenant, drafts.Count);
    }

    private static async Task<(List<GeofenceDraft> Drafts, IResult? Unreadable)> ReadAsync(
        HttpRequest request, string? nameProperty, Parameters parameters, CancellationToken cancellationToken)
    {
        if (request.ContentType?.StartsWith(KmlType, StringComparison.OrdinalIgnoreCase) == true)
            return (await ReadKmlAsync(request.Body, parameters, cancellationToken), null);
        var (body, unreadable) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null) return ([], unreadable);
        using var read = body;
        return (ReadGeoJson(body.RootElement, nameProperty, parameters, cancellationToken), null);
    }

    private static async Task<List<GeofenceDraft>> ReadKmlAsync(Stream body, Parameters parameters, CancellationToken cancellationToken)
    {
        // Read whole first: the reader of KML does not wait for a network.
        using var content = new MemoryStream();
        await body.CopyToAsync(content, cancellationToken);
        content.Position = 0;
        var file = FenceKml.Read(content, new FenceFileLimits { MaxFences = MaxFeatures });
        foreach (var problem in file.Problems) parameters.Refuse(problem.Where, problem.What);

        var drafts = new List<GeofenceDraft>(file.Fences.Length);
        foreach (var (fence, i) in file.Fences.Select((fence, i) => (fence, i)))
        {
            if (fence.Name.Length > GeofenceFields.MaxNameLength || fence.Name.Any(char.IsControl))
                parameters.Refuse($"Placemark {i + 1}", $"must have a name of at most {GeofenceFields.MaxNameLength} characters in one line, was '{fence.Name}'");
            drafts.Add(new GeofenceDraft
            {
                Id = ShortIds.New('g'), Name = fence.Name, ShapeKind = fence.ShapeKind, Geometry = fence.Geometry, RadiusMeters = fence.RadiusMeters,
            });
        }

        return drafts;
    }

    private static List<GeofenceDraft> ReadGeoJson(JsonElement body, string? nameProperty, Parameters parameters, CancellationToken cancellationToken)
    {
        var drafts = new List<GeofenceDraft>();
        if (JsonFields.Of(body, "", parameters) is not { } collection) return drafts;
        if (collection.Required("type") is { } type && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("FeatureCollection")))
            collection.Refuse("type", $"must be FeatureCollection, was {JsonFields.Shown(type)}");
        collection.Required("features");

        var wrong = 0;
        foreach (var (path, item) in collection.Items("features", MaxFeatures))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var ofFeature = new Parameters();
            if (Read(item, path, nameProperty, $"Fence {drafts.Count + 1}", ofFeature) is { } draft) drafts.Add(draft);
            if (ofFeature.IsValid) continue;
            foreach (var (where, messages) in ofFeature.Errors) parameters.Refuse(where, string.Join("; ", messages));
            if (++wrong < MaxWrongFeatures) continue;

            // Nobody reads thousands of them, and they are alike.
            parameters.Refuse("features", $"has {MaxWrongFeatures} wrong features or more; the rest was not looked at");
            break;
        }

        return drafts;
    }

    private static GeofenceDraft? Read(JsonElement item, string path, string? nameProperty, string unnamed, Parameters parameters)
    {
        if (JsonFields.Of(item, path, parameters) is not { } feature) return null;
        if (feature.Required("type") is { } type && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("Feature")))
            feature.Refuse("type", $"must be Feature, was {JsonFields.Shown(type)}");
        var geometry = feature.Required("geometry");
        if (feature.ObjectOrNull("properties") is not { } properties) return null;

        var name = Name(feature, properties, nameProperty) ?? unnamed;
        var kind = properties.OneOf("shape", GeofenceWords.Shapes) ?? KindOf(geometry);
        var radius = GeofenceFields.Radius(properties, kind);
        var rules = GeofenceFields.Rules(properties.Object("rules"));
        if (geometry is not { } given || (kind is not GeofenceShapeKind.Area && radius is null)) return null;
        return GeofenceFields.Make(ShortIds.New('g'), name, kind, given, radius, rules, feature.PathOf("geometry"), parameters);
    }

    /// <summary>Of the property that was chosen; else of <c>name</c>, else the feature's id, as files from elsewhere have it.</summary>
    private static string? Name(JsonFields feature, JsonFields properties, string? nameProperty)
    {
        if (nameProperty is not null) return properties.Required(nameProperty) is null ? null : properties.Text(nameProperty, GeofenceFields.MaxNameLength);
        if (properties.Member("name") is not null) return properties.Text("name", GeofenceFields.MaxNameLength);
        return feature.Member("id") is { ValueKind: JsonValueKind.Number } id ? id.GetRawText() : feature.Text("id", GeofenceFields.MaxNameLength);
    }

    /// <summary>What the geometry can only be; an area when it can be nothing, so that the engine says so.</summary>
    private static GeofenceShapeKind KindOf(JsonElement? geometry)
    {
        if (geometry is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
            return GeofenceShapeKind.Area;
        return type.ValueEquals("Point") ? GeofenceShapeKind.Circle : type.ValueEquals("LineString") ? GeofenceShapeKind.Corridor : GeofenceShapeKind.Area;
    }
}
