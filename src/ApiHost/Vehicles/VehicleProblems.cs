namespace FleetTracker.Vehicles;

internal static class VehicleProblems
{
    public static IResult NotFound(string vehicleId) => TypedResults.Problem(
        type: "/problems/vehicle-not-found", title: "There is no such vehicle",
        detail: $"No vehicle '{vehicleId}' in your fleet.", statusCode: StatusCodes.Status404NotFound);
}
