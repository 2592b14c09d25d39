using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace FleetTracker.Problems;

/// <summary>What the parameters of history, exports and searches mean; see <see cref="OpenApiSetup"/>.</summary>
internal static class HistoryDocs
{
    private static readonly string[] OutcomeLists = ["/events", "/trips", "/stops", "/visits"];

    public static (OpenApiSchema? Schema, string? Description) Of(string? parameter, string path) => parameter switch
    {
        "limit" when path.EndsWith("nearest", StringComparison.Ordinal) => (Limit(10), "Vehicles at most."),
        "limit" when path.EndsWith("search", StringComparison.Ordinal) => (Limit(100), "Vehicles per page."),
        "vehicleId" => (null, "Only this vehicle; may be given up to 100 times."),
        "kind" => (null, "Only this kind, such as `geofence.enter`; may be given up to 20 times."),
        "subject" => (null, "Only what is about this, a geofence's or sensor's id for example."),
        "geofence" when IsOfOutcomes(path) => (null, "Only visits of this geofence, by its id."),
        "open" => (Words("true", "false"), "`true` = only what is still going on."),
        "withdrawn" => (Words("true", "false"), "`true` = also what later positions showed not to have happened."),
        "order" => (Words("asc", "desc"), "`asc` (default) = oldest first."),
        "after" => (null, "`next` of the answer before; `now` = only what comes from now on; absent = from the beginning."),
        "lat" => (Number(-90, 90), "Degrees."),
        "lon" => (Number(-180, 180), "Degrees."),
        "radius" => (Number(1, 1_000_000), "Meters around `lat`, `lon`."),
        "maxDistance" => (Number(0, 20_100_000), "Meters; farther vehicles are left out."),
        "status" => (null, "`moving`, `idling`, `stopped`, `offline` or `unknown`; may be given several times."),
        "from" when IsOfOutcomes(path) => (Time(), "Only what ends at or after this, or goes on."),
        "to" when IsOfOutcomes(path) => (Time(), "Only what begins before this."),
        _ => (null, null),
    };

    private static bool IsOfOutcomes(string path) => OutcomeLists.Any(list => path.Contains(list, StringComparison.Ordinal));

    private static OpenApiSchema Limit(int defaultValue) =>
        new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "10000", Default = JsonValue.Create(defaultValue) };

    private static OpenApiSchema Number(int least, int most) => new() { Type = JsonSchemaType.Number, Minimum = $"{least}", Maximum = $"{most}" };

    public static OpenApiSchema Time() => new() { Type = JsonSchemaType.String, Format = "date-time" };

    public static OpenApiSchema Words(params string[] words) => new() { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (JsonNode)JsonValue.Create(word))] };
}
