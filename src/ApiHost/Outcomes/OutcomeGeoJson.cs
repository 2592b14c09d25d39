using System.Text.Json;
using FleetTracker.Exports;

namespace FleetTracker.Outcomes;

/// <summary>
/// Outcomes where they happened: a point, or the two points at which a trip or visit began and ended. Those are not joined, since nobody drove along
/// that line.
/// </summary>
/// <param name="view">As what it is shown, which makes the properties.</param>
/// <param name="options">How that is written.</param>
internal sealed class OutcomeGeoJson<TView>(Func<Outcome, TView> view, JsonSerializerOptions options) : GeoJsonFormat<Outcome>
{
    protected override void WriteGeometry(Utf8JsonWriter json, Outcome item)
    {
        var places = Places(item);
        if (places.Count == 0)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, places.Count == 1 ? "Point"u8 : "MultiPoint"u8);
        json.WritePropertyName("coordinates"u8);
        if (places.Count > 1) json.WriteStartArray();
        foreach (var place in places) WriteLngLat(json, place.Lat, place.Lon);
        if (places.Count > 1) json.WriteEndArray();
        json.WriteEndObject();
    }

    protected override void WriteProperties(Utf8JsonWriter json, Outcome item) => JsonSerializer.Serialize(json, view(item), options);

    private static List<PlaceView> Places(Outcome outcome)
    {
        var evidence = Evidence.Of(outcome);
        PlaceView?[] places = outcome.Type switch
        {
            OutcomeType.Trip => [evidence.Place("start"), evidence.Place("end")],
            OutcomeType.Visit => [evidence.Place("enter"), evidence.Place("exit")],
            _ => [evidence.Place()],
        };
        return [.. places.OfType<PlaceView>()];
    }
}
