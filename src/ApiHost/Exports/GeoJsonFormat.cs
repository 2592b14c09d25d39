using System.Buffers;
using System.Text.Json;

namespace FleetTracker.Exports;

/// <summary>A feature collection (RFC 7946): one feature for each item.</summary>
internal abstract class GeoJsonFormat<T> : IExportFormat<T>
{
    private Utf8JsonWriter? _writer;

    private Utf8JsonWriter Json => _writer ?? throw new InvalidOperationException("not begun");

    public string ContentType => "application/geo+json; charset=utf-8";

    public string Extension => "geojson";

    public void Begin(IBufferWriter<byte> output)
    {
        _writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        Json.WriteStartObject();
        Json.WriteString("type", "FeatureCollection");
        Json.WriteStartArray("features");
    }

    public void Write(T item)
    {
        Json.WriteStartObject();
        Json.WriteString("type"u8, "Feature"u8);
        Json.WritePropertyName("geometry"u8);
        WriteGeometry(Json, item);
        Json.WritePropertyName("properties"u8);
        WriteProperties(Json, item);
        Json.WriteEndObject();
    }

    public void End()
    {
        Json.WriteEndArray();
        Json.WriteEndObject();
    }

    public void Flush() => Json.Flush();

    public void Dispose() => _writer?.Dispose();

    /// <summary>A geometry, or <c>null</c> for what has no place.</summary>
    protected abstract void WriteGeometry(Utf8JsonWriter json, T item);

    protected abstract void WriteProperties(Utf8JsonWriter json, T item);

    /// <summary>Longitude before latitude.</summary>
    protected static void WriteLngLat(Utf8JsonWriter json, double latitude, double longitude, double? altitude = null)
    {
        json.WriteStartArray();
        json.WriteNumberValue(longitude);
        json.WriteNumberValue(latitude);
        if (altitude is { } meters) json.WriteNumberValue(meters);
        json.WriteEndArray();
    }
}
