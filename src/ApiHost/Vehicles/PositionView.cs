using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;

namespace FleetTracker.Vehicles;

/// <summary>Where a vehicle was at one instant, named as in the native fix: degrees, meters, meters per second.</summary>
/// <param name="FixedAt">The device's clock.</param>
/// <param name="ReceivedAt">Our clock when it arrived.</param>
/// <param name="Lat">WGS-84 degrees; <c>null</c> when the device had no position.</param>
/// <param name="Lon">WGS-84 degrees; <c>null</c> when the device had no position.</param>
/// <param name="Heading">Degrees clockwise from true north; <c>null</c> when not given.</param>
/// <param name="Verdict"><c>accepted</c>, <c>no-position</c>, <c>null-island</c>, <c>beyond-window</c> or <c>excluded</c>.</param>
/// <param name="Attributes">Ignition, odometer (meters) and everything else that the device said.</param>
public sealed record PositionView(
    string VehicleId,
    DateTimeOffset FixedAt,
    DateTimeOffset ReceivedAt,
    double? Lat,
    double? Lon,
    double? Altitude,
    double? Speed,
    double? Heading,
    double? Accuracy,
    string Verdict,
    PositionAttributes Attributes)
{
    internal static PositionView Of(Fix fix) => new(
        fix.VehicleId, fix.FixedAt, fix.ReceivedAt, fix.Latitude, fix.Longitude, fix.AltitudeMeters, fix.SpeedMetersPerSecond,
        fix.HeadingDegrees, fix.AccuracyMeters, WordOf(fix.Verdict), new PositionAttributes(fix.Ignition, fix.OdometerMeters, fix.Attributes));

    internal static PositionView Of(LiveVehicle live) => new(
        live.VehicleId, live.FixedAt, live.ReceivedAt, live.Latitude, live.Longitude, null, live.SpeedMetersPerSecond,
        live.HeadingDegrees, live.AccuracyMeters, WordOf(FixVerdict.Accepted), new PositionAttributes(null, null, null));

    internal static string WordOf(FixVerdict verdict) => verdict switch
    {
        FixVerdict.Accepted => "accepted",
        FixVerdict.NoPosition => "no-position",
        FixVerdict.NullIsland => "null-island",
        FixVerdict.BeyondWindow => "beyond-window",
        FixVerdict.Excluded => "excluded",
        _ => throw new UnreachableException(),
    };
}

/// <summary>One JSON object made of the fields that we know and of what the decoder kept, without reading that apart.</summary>
[JsonConverter(typeof(PositionAttributesConverter))]
public sealed record PositionAttributes(bool? Ignition, double? Odometer, string? Rest);

internal sealed class PositionAttributesConverter : JsonConverter<PositionAttributes>
{
    public override PositionAttributes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("positions are only written");

    public override void Write(Utf8JsonWriter writer, PositionAttributes value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        if (value.Ignition is { } ignition) writer.WriteBoolean("ignition", ignition);
        if (value.Odometer is { } odometer) writer.WriteNumber("odometer", odometer);
        if (value.Rest is not null) WriteRest(writer, value);
        writer.WriteEndObject();
    }

    private static void WriteRest(Utf8JsonWriter writer, PositionAttributes value)
    {
        using var rest = JsonDocument.Parse(value.Rest!);
        if (rest.RootElement.ValueKind != JsonValueKind.Object) return;
        foreach (var property in rest.RootElement.EnumerateObject())
        {
            var isWritten = (value.Ignition is not null && property.NameEquals("ignition")) || (value.Odometer is not null && property.NameEquals("odometer"));
            if (!isWritten) property.WriteTo(writer);
        }
    }
}
