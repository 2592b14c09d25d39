namespace FleetTracker.Devices;

internal static class GatewayProblems
{
    public static IResult NameTaken(string name) => TypedResults.Problem(
        type: "/problems/gateway-name-taken", title: "The name is taken",
        detail: $"There is a gateway '{name}' already; names are unique in the installation. Delete it first if it is yours and needs a new password.",
        statusCode: StatusCodes.Status409Conflict);

    public static IResult NotFound(string name) => TypedResults.Problem(
        type: "/problems/gateway-not-found", title: "There is no such gateway",
        detail: $"No gateway '{name}' of yours.", statusCode: StatusCodes.Status404NotFound);
}
