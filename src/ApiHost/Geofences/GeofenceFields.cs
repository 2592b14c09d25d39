using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Geofences;

/// <summary>Reads what somebody wants a fence to be, and tells everything that is wrong with it.</summary>
internal static class GeofenceFields
{
    public const int MaxNameLength = 200;

    private const double MaxRadiusMeters = 1_000_000;

    /// <summary>One for every hour of the week.</summary>
    private const int MaxIntervals = 168;
    private const int MaxGroups = 100;
    private static readonly double WeekSeconds = TimeSpan.FromDays(7).TotalSeconds;
    private static readonly double MaxDwellSeconds = TimeSpan.FromDays(366).TotalSeconds;

    /// <summary>The draft; <c>null</c> or not to be used when something is wrong.</summary>
    public static GeofenceDraft? Read(JsonElement body, string id, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return null;
        if (fields.Required("name") is not null && fields.Text("name", MaxNameLength) is { } name) return Read(fields, id, name);
        _ = Read(fields, id, "?");
        return null;
    }

    /// <summary>One that nobody has named yet; <c>null</c> or not to be used when something is wrong.</summary>
    public static GeofenceDraft? ReadUnnamed(JsonFields fields, string id) => Read(fields, id, fields.Text("name", MaxNameLength) ?? "?");

    /// <summary>One made of its parts, if the engine that will evaluate it takes the shape.</summary>
    /// <param name="rules">Wrong ones have been told.</param>
    /// <param name="geometryPath">Where the geometry is in the request.</param>
    public static GeofenceDraft? Make(
        string id, string name, GeofenceShapeKind kind, JsonElement geometry, double? radius, GeofenceRules rules, string geometryPath, Parameters parameters)
    {
        if (geometry.ValueKind != JsonValueKind.Object)
        {
            parameters.Refuse(geometryPath, $"must be an object, was {JsonFields.Shown(geometry)}");
            return null;
        }

        var draft = new GeofenceDraft { Id = id, Name = name, ShapeKind = kind, Geometry = Tidied(geometry), RadiusMeters = radius, Rules = rules };
        try
        {
            Fence.Compile(VersionOf(draft) with { Rules = new GeofenceRules() });
            return draft;
        }
        catch (FenceGeometryException error)
        {
            parameters.Refuse(error.Where is "geometry" or "radiusMeters" ? geometryPath : $"{geometryPath}.{error.Where}", error.What);
            return null;
        }
    }

    public static Geofence VersionOf(GeofenceDraft draft) => new()
    {
        Id = draft.Id, Tenant = "", Name = draft.Name, Version = 1, ValidFrom = DateTimeOffset.UnixEpoch, ShapeKind = draft.ShapeKind,
        Geometry = draft.Geometry, RadiusMeters = draft.RadiusMeters, Rules = draft.Rules,
    };

    public static double? Radius(JsonFields fields, GeofenceShapeKind? kind)
    {
        if (kind is not { } known) return null;
        if (known is not GeofenceShapeKind.Area)
            return fields.Required("radiusMeters") is null ? null : fields.Number("radiusMeters", 0.1, MaxRadiusMeters, "m");
        if (fields.Member("radiusMeters") is { } given) fields.Refuse("radiusMeters", $"must be missing for an area, was {JsonFields.Shown(given)}");
        return null;
    }

    public static GeofenceRules Rules(JsonFields? fields)
    {
        if (fields is null) return new GeofenceRules();
        var rules = new GeofenceRules
        {
            MinDwell = fields.Seconds("minDwell", 0, WeekSeconds),
            MarginMeters = fields.Number("marginMeters", 0, 10_000, "m"),
            SpeedLimitMetersPerSecond = fields.Number("speedLimit", 1, 1_000, "m/s"),
            DwellEventAfter = fields.Seconds("dwellEventAfter", 1, MaxDwellSeconds),
            Schedule = Schedule(fields.Object("schedule")),
            Groups = Groups(fields),
        };
        fields.RefuseOthers();
        return rules;
    }

    private static GeofenceDraft? Read(JsonFields fields, string id, string name)
    {
        var parameters = fields.Parameters;
        var rules = Rules(fields.Object("rules"));
        fields.RefuseOthers("name", "shape", "id", "version", "validFrom", "updatedAt");
        if (fields.Required("shape") is null || fields.Object("shape") is not { } shape) return null;

        shape.Required("type");
        var kind = shape.OneOf("type", GeofenceWords.Shapes);
        var radius = Radius(shape, kind);
        var geometry = shape.Required("geometry");
        shape.RefuseOthers("radiusMeters");
        if (kind is not { } known || geometry is not { } given) return null;

        // Without its radius the shape cannot be asked for the rest, and the radius has been told.
        if (known is not GeofenceShapeKind.Area && radius is null) return null;
        return Make(id, name, known, given, radius, rules, shape.PathOf("geometry"), parameters);
    }

    private static WeeklySchedule? Schedule(JsonFields? fields)
    {
        if (fields is null) return null;
        fields.Required("timeZone");
        var zone = fields.Text("timeZone", 100);
        if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            fields.Refuse("timeZone", $"must be an IANA time zone such as Europe/Helsinki, was {JsonSerializer.Serialize(zone)}");
        if (fields.Required("intervals") is { ValueKind: JsonValueKind.Array } given && given.GetArrayLength() == 0)
            fields.Refuse("intervals", "must have at least one, was []: leave the schedule out for a fence that is always awake");
        var intervals = fields.Items("intervals", MaxIntervals).Select(item => Interval(item.Item, item.Path, fields.Parameters)).ToList();
        fields.RefuseOthers();
        return zone is null ? null : new WeeklySchedule { TimeZone = zone, Intervals = [.. intervals.OfType<WeeklyInterval>()] };
    }

    private static WeeklyInterval? Interval(JsonElement item, string path, Parameters parameters)
    {
        if (JsonFields.Of(item, path, parameters) is not { } fields) return null;
        fields.Required("day");
        var day = fields.OneOf("day", GeofenceWords.Days);
        var (from, to) = (Time(fields, "from"), Time(fields, "to"));
        fields.RefuseOthers();
        return day is { } onDay && from is { } start && to is { } end ? new WeeklyInterval(onDay, start, end) : null;
    }

    private static TimeOnly? Time(JsonFields fields, string name)
    {
        if (fields.Required(name) is not { } given) return null;
        if (given.ValueKind == JsonValueKind.String
            && TimeOnly.TryParseExact(given.GetString(), ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        fields.Refuse(name, $"must be a time of day such as 06:30, was {JsonFields.Shown(given)}");
        return null;
    }

    private static ImmutableArray<string> Groups(JsonFields fields)
    {
        var groups = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var (path, item) in fields.Items("groups", MaxGroups))
        {
            var wrong = item.ValueKind == JsonValueKind.String ? GroupNames.WhatIsWrong(item.GetString()!) : $"must be text, was {JsonFields.Shown(item)}";
            if (wrong is null) groups.Add(item.GetString()!);
            else fields.Parameters.Refuse(path, wrong);
        }

        return [.. groups];
    }

    /// <summary>Without blanks and without what a geometry does not need, so that the same shape is the same text.</summary>
    private static string Tidied(JsonElement geometry)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var name in new[] { "type", "coordinates" })
            {
                if (!geometry.TryGetProperty(name, out var member)) continue;
                writer.WritePropertyName(name);
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
