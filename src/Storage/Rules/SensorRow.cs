using System.Text.Json;
using System.Text.Json.Serialization;
using FleetTracker.Ingestion;
using FleetTracker.Sensors;

namespace FleetTracker.Storage;

/// <summary>A sensor as it is stored.</summary>
internal sealed class SensorRow
{
    public const string Select = """
        SELECT id AS Id, tenant AS Tenant, name AS Name, unit AS Unit, version AS Version, rules AS Rules, scope AS Scope, revision AS Revision,
               created_at AS CreatedAt, updated_at AS UpdatedAt
        FROM sensors
        """;

    /// <summary>Names are stored: a member that is renamed keeps its old one here.</summary>
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new JsonStringEnumConverter() }, IgnoreReadOnlyProperties = true,
    };

    public string Id { get; set; } = "";

    public string Tenant { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Unit { get; set; }

    public long Version { get; set; }

    public string Rules { get; set; } = "{}";

    public string Scope { get; set; } = "{}";

    public long Revision { get; set; }

    public long CreatedAt { get; set; }

    public long UpdatedAt { get; set; }

    public static string Write(SensorRules rules) => JsonSerializer.Serialize(rules, Json);

    public static string Write(SensorScope scope) => JsonSerializer.Serialize(scope, Json);

    public Sensor ToSensor() => new()
    {
        Id = Id,
        Tenant = Tenant,
        Name = Name,
        Unit = Unit,
        Version = checked((int)Version),
        Rules = JsonSerializer.Deserialize<SensorRules>(Rules, Json) ?? throw new JsonException("no rules"),
        Scope = JsonSerializer.Deserialize<SensorScope>(Scope, Json) ?? SensorScope.Everyone,
    };

    public StoredSensor ToStored() => new(ToSensor(), Revision, Instants.FromUnixMicroseconds(CreatedAt), Instants.FromUnixMicroseconds(UpdatedAt));
}
