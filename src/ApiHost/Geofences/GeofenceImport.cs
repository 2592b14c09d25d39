using System.Security.Claims;
using System.Text.Json;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Geofences;

/// <summary>
/// Fences from a file, all or none: what another format has is first made a GeoJSON FeatureCollection, so that there is one way in. The members of a
/// feature's <c>properties</c> are those of an export; others are ignored, since files from elsewhere have their own.
/// </summary>
internal static class GeofenceImport
{
    public const long MaxBytes = 64 * 1024 * 1024;

    private const int MaxFeatures = 10_000;
    private const int MaxWrongFeatures = 100;

    public static async Task<IResult> ImportAsync(
        ClaimsPrincipal user, IRulesStore rules, IOptions<RulesOptions> options, HttpContext context, CancellationToken cancellationToken,
        string? name = null)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return problem!;
        using var read = body;

        var parameters = new Parameters();
        var nameProperty = parameters.Text("name", name, 100) ?? "name";
        var drafts = Read(body.RootElement, nameProperty, parameters, cancellationToken);
        if (parameters.Problem is { } wrong) return wrong;

        var change = await rules.CreateGeofencesAsync(user.TenantOf(), drafts, user.NameOf(), cancellationToken);
        return change.Status == ChangeStatus.Done
            ? TypedResults.Created("/api/v1/geofences", new ImportedGeofences(drafts.Count, [.. drafts.Select(draft => draft.Id)]))
            : GeofenceProblems.TooMany(options.Value.MaxFencesPerTenant, drafts.Count);
    }

    private static List<GeofenceDraft> Read(JsonElement body, string nameProperty, Parameters parameters, CancellationToken cancellationToken)
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
            if (Read(item, path, nameProperty, ofFeature) is { } draft) drafts.Add(draft);
            if (ofFeature.IsValid) continue;
            foreach (var (where, messages) in ofFeature.Errors) parameters.Refuse(where, string.Join("; ", messages));
            if (++wrong < MaxWrongFeatures) continue;

            // Nobody reads thousands of them, and they are alike.
            parameters.Refuse("features", $"has more than {MaxWrongFeatures} wrong features; only these are listed");
            break;
        }

        return drafts;
    }

    private static GeofenceDraft? Read(JsonElement item, string path, string nameProperty, Parameters parameters)
    {
        if (JsonFields.Of(item, path, parameters) is not { } feature) return null;
        if (feature.Required("type") is { } type && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("Feature")))
            feature.Refuse("type", $"must be Feature, was {JsonFields.Shown(type)}");
        var geometry = feature.Required("geometry");
        if (feature.Required("properties") is null || feature.Object("properties") is not { } properties) return null;

        var name = properties.Required(nameProperty) is null ? null : properties.Text(nameProperty, GeofenceFields.MaxNameLength);
        var kind = properties.OneOf("shape", GeofenceWords.Shapes) ?? KindOf(geometry);
        var radius = GeofenceFields.Radius(properties, kind);
        var rules = GeofenceFields.Rules(properties.Object("rules"));
        if (geometry is not { } given || (kind is not GeofenceShapeKind.Area && radius is null)) return null;
        return GeofenceFields.Make(GeofenceFields.NewId(), name ?? "?", kind, given, radius, rules, feature.PathOf("geometry"), parameters);
    }

    /// <summary>What the geometry can only be; an area when it can be nothing, so that the engine says so.</summary>
    private static GeofenceShapeKind KindOf(JsonElement? geometry)
    {
        if (geometry is not { ValueKind: JsonValueKind.Object } given || !given.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
            return GeofenceShapeKind.Area;
        return type.ValueEquals("Point") ? GeofenceShapeKind.Circle : type.ValueEquals("LineString") ? GeofenceShapeKind.Corridor : GeofenceShapeKind.Area;
    }
}
