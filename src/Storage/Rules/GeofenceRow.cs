using System.Text.Json;
using System.Text.Json.Serialization;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>A fence joined with one of its versions.</summary>
internal sealed class GeofenceRow
{
    public const string Select = """
        SELECT f.id AS Id, f.tenant AS Tenant, f.name AS Name, f.revision AS Revision, f.created_at AS CreatedAt, f.updated_at AS UpdatedAt,
               v.version AS Version, v.valid_from AS ValidFrom, v.valid_to AS ValidTo, v.shape_kind AS ShapeKind, v.geometry AS Geometry,
               v.radius AS Radius, v.rules AS Rules
        FROM geofences f JOIN geofence_versions v ON v.tenant = f.tenant AND v.fence_id = f.id
        """;

    /// <summary>Names are stored: a member that is renamed keeps its old one here.</summary>
    private static readonly JsonSerializerOptions RulesJson = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new JsonStringEnumConverter() },
    };

    public string Id { get; set; } = "";

    public string Tenant { get; set; } = "";

    public string Name { get; set; } = "";

    public long Revision { get; set; }

    public long CreatedAt { get; set; }

    public long UpdatedAt { get; set; }

    public long Version { get; set; }

    public long ValidFrom { get; set; }

    public long? ValidTo { get; set; }

    public long ShapeKind { get; set; }

    public string Geometry { get; set; } = "";

    public double? Radius { get; set; }

    public string Rules { get; set; } = "{}";

    public static string Write(GeofenceRules rules) => JsonSerializer.Serialize(rules, RulesJson);

    public Geofence ToVersion() => new()
    {
        Id = Id,
        Tenant = Tenant,
        Name = Name,
        Version = checked((int)Version),
        ValidFrom = Instants.FromUnixMicroseconds(ValidFrom),
        ValidTo = ValidTo is { } end ? Instants.FromUnixMicroseconds(end) : null,
        ShapeKind = (GeofenceShapeKind)ShapeKind,
        Geometry = Geometry,
        RadiusMeters = Radius,
        Rules = JsonSerializer.Deserialize<GeofenceRules>(Rules, RulesJson) ?? new GeofenceRules(),
    };

    public StoredGeofence ToStored() =>
        new(ToVersion(), Revision, Instants.FromUnixMicroseconds(CreatedAt), Instants.FromUnixMicroseconds(UpdatedAt));
}
