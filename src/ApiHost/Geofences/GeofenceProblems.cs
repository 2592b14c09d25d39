namespace FleetTracker.Geofences;

internal static class GeofenceProblems
{
    public static IResult NotFound(string id) => TypedResults.Problem(
        type: "/problems/geofence-not-found", title: "There is no such geofence", detail: $"No geofence '{id}' of yours.",
        statusCode: StatusCodes.Status404NotFound);

    public static IResult TooMany(int max, int added) => TypedResults.Problem(
        type: "/problems/too-many-geofences", title: "You would have too many geofences",
        detail: FormattableString.Invariant($"A tenant may have {max} geofences, and {added} more would be too many. Nothing was saved."),
        statusCode: StatusCodes.Status409Conflict);
}
