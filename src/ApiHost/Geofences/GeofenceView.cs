using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FleetTracker.Storage;

namespace FleetTracker.Geofences;

/// <summary>A fence: its current version.</summary>
/// <param name="Version">Counts from 1; a change of shape or rules is a new one.</param>
/// <param name="ValidFrom">The version counts for fixes from this time on, a few seconds after it was saved.</param>
public sealed record GeofenceView(
    string Id, string Name, GeofenceShapeView Shape, GeofenceRulesView Rules, int Version, DateTimeOffset ValidFrom, DateTimeOffset UpdatedAt)
{
    internal static GeofenceView Of(StoredGeofence stored)
    {
        var fence = stored.Current;
        return new GeofenceView(
            fence.Id, fence.Name, GeofenceShapeView.Of(fence), GeofenceRulesView.Of(fence.Rules), fence.Version, fence.ValidFrom, stored.UpdatedAt);
    }
}

/// <param name="Name">1–200 characters.</param>
/// <param name="Rules">Default: the vehicle's settings decide.</param>
public sealed record NewGeofence(string Name, GeofenceShapeView Shape, GeofenceRulesView? Rules);

/// <param name="Type"><c>area</c>, <c>circle</c> or <c>corridor</c>.</param>
/// <param name="Geometry">GeoJSON, longitude before latitude: Polygon or MultiPolygon, Point, LineString.</param>
/// <param name="RadiusMeters">Of a circle; half of the width of a corridor; otherwise <c>null</c>.</param>
public sealed record GeofenceShapeView(string Type, GeoJsonGeometry Geometry, double? RadiusMeters)
{
    internal static GeofenceShapeView Of(Geofence fence) => new(fence.ShapeKind.Word(), new GeoJsonGeometry(fence.Geometry), fence.RadiusMeters);
}

/// <summary>What is <c>null</c> is decided by the vehicle's settings, or is not asked.</summary>
/// <param name="MinDwell">Seconds a vehicle must stay inside for an enter, and outside for an exit, to count.</param>
/// <param name="MarginMeters">How far outside a vehicle must be for an exit to begin.</param>
/// <param name="SpeedLimit">Meters per second.</param>
/// <param name="DwellEventAfter">Seconds after which a stay is an event of its own.</param>
/// <param name="Schedule">When the fence is awake; <c>null</c> = always.</param>
/// <param name="Groups">Vehicle groups it is for; empty = all vehicles.</param>
public sealed record GeofenceRulesView(
    double? MinDwell, double? MarginMeters, double? SpeedLimit, double? DwellEventAfter, GeofenceScheduleView? Schedule, ImmutableArray<string> Groups)
{
    internal static GeofenceRulesView Of(GeofenceRules rules) => new(
        rules.MinDwell?.TotalSeconds, rules.MarginMeters, rules.SpeedLimitMetersPerSecond, rules.DwellEventAfter?.TotalSeconds,
        rules.Schedule is { } schedule ? GeofenceScheduleView.Of(schedule) : null, rules.Groups);
}

/// <param name="TimeZone">IANA name.</param>
public sealed record GeofenceScheduleView(string TimeZone, ImmutableArray<GeofenceIntervalView> Intervals)
{
    internal static GeofenceScheduleView Of(WeeklySchedule schedule) => new(schedule.TimeZone, [.. schedule.Intervals.Select(GeofenceIntervalView.Of)]);
}

/// <param name="Day"><c>monday</c> to <c>sunday</c>.</param>
/// <param name="From"><c>HH:mm</c> or <c>HH:mm:ss</c>, local time, inclusive.</param>
/// <param name="To">Exclusive; at or before <c>from</c> it is on the next day.</param>
public sealed record GeofenceIntervalView(string Day, string From, string To)
{
    internal static GeofenceIntervalView Of(WeeklyInterval interval) => new(interval.Day.Word(), Text(interval.From), Text(interval.To));

    private static string Text(TimeOnly time) => time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);
}

/// <summary>A GeoJSON geometry that is passed on as it is stored.</summary>
[JsonConverter(typeof(GeoJsonGeometryConverter))]
public sealed record GeoJsonGeometry(string Text);

internal sealed class GeoJsonGeometryConverter : JsonConverter<GeoJsonGeometry>
{
    public override GeoJsonGeometry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("geometries are read by hand");

    public override void Write(Utf8JsonWriter writer, GeoJsonGeometry value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text, skipInputValidation: true);
}

/// <summary>A fence that a point is in.</summary>
/// <param name="Version">The one of the time that was asked for.</param>
/// <param name="Awake">Whether its schedule has it awake at that time.</param>
public sealed record ContainingGeofenceView(string Id, string Name, int Version, bool Awake);

public sealed record ContainingGeofences(IReadOnlyList<ContainingGeofenceView> Items);

/// <summary>What would happen to a fence that is saved.</summary>
/// <param name="Errors">Why it would be refused, by member; empty = it would not.</param>
/// <param name="Warnings">What it will not do as it was drawn, for vehicles that are as accurate, report as often and drive as fast as was said.</param>
public sealed record GeofenceCheck(IReadOnlyDictionary<string, string[]> Errors, IReadOnlyList<GeofenceWarning> Warnings);

/// <param name="Code">Stable: <c>fence-below-accuracy</c> or <c>fence-between-fixes</c>.</param>
/// <param name="Text">For whoever draws the fence, with the numbers.</param>
public sealed record GeofenceWarning(string Code, string Text);

/// <param name="Ids">In the order of the features.</param>
public sealed record ImportedGeofences(int Created, IReadOnlyList<string> Ids);
