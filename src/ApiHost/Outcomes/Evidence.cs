using System.Text.Json;

namespace FleetTracker.Outcomes;

/// <summary>
/// What an outcome gives as its reasons. The policy writes it and may say more with every release, so what is missing or of another kind is
/// simply not there.
/// </summary>
internal readonly struct Evidence
{
    private readonly JsonElement _root;

    private Evidence(JsonElement root) => _root = root;

    /// <summary>As it was stored; <c>null</c> when it is no object.</summary>
    public JsonElement? Json => _root.ValueKind == JsonValueKind.Object ? _root : null;

    public static Evidence Of(Outcome outcome)
    {
        try
        {
            return new Evidence(JsonElement.Parse(outcome.Evidence));
        }
        catch (JsonException)
        {
            // An answer without reasons is better than none: one row of a list must not take the others with it.
            return default;
        }
    }

    public double? Number(string name) => Number(_root, name);

    /// <summary>An object with <c>lat</c> and <c>lon</c>.</summary>
    public PlaceView? Place(string name) =>
        _root.ValueKind == JsonValueKind.Object && _root.TryGetProperty(name, out var place) ? PlaceOf(place) : null;

    /// <summary>Where it happened: <c>lat</c> and <c>lon</c> of the evidence itself, or of its <c>position</c>.</summary>
    public PlaceView? Place() => PlaceOf(_root) ?? Place("position");

    private static PlaceView? PlaceOf(JsonElement place) =>
        Number(place, "lat") is { } lat && Number(place, "lon") is { } lon ? new PlaceView(lat, lon) : null;

    private static double? Number(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : null;
}
