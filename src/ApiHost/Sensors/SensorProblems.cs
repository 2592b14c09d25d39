namespace FleetTracker.Sensors;

internal static class SensorProblems
{
    public static IResult NotFound(string id) => TypedResults.Problem(
        type: "/problems/sensor-not-found", title: "There is no such sensor", detail: $"No sensor '{id}' of yours.",
        statusCode: StatusCodes.Status404NotFound);

    public static IResult NotOfVehicle(string id, string vehicleId) => TypedResults.Problem(
        type: "/problems/sensor-not-found", title: "There is no such sensor", detail: $"Vehicle '{vehicleId}' has no sensor '{id}'.",
        statusCode: StatusCodes.Status404NotFound);

    public static IResult TooMany(int max) => TypedResults.Problem(
        type: "/problems/too-many-sensors", title: "You would have too many sensors",
        detail: FormattableString.Invariant($"A tenant may have {max} sensors. Nothing was saved."), statusCode: StatusCodes.Status409Conflict);
}
