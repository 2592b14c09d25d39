using System.Text.Json;
using FleetTracker.Exports;
using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>One point for each position.</summary>
internal sealed class PositionGeoJson : GeoJsonFormat<Fix>
{
    private readonly PositionJson _position = new();

    protected override void WriteGeometry(Utf8JsonWriter json, Fix item)
    {
        if (item is not { Latitude: { } latitude, Longitude: { } longitude })
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "Point"u8);
        json.WritePropertyName("coordinates"u8);
        WriteLngLat(json, latitude, longitude, item.AltitudeMeters);
        json.WriteEndObject();
    }

    protected override void WriteProperties(Utf8JsonWriter json, Fix item) => _position.WriteProperties(json, item);
}
