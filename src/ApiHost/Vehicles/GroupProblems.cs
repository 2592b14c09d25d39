namespace FleetTracker.Vehicles;

internal static class GroupProblems
{
    public static IResult NotFound(string name) => TypedResults.Problem(
        type: "/problems/group-not-found", title: "There is no such group",
        detail: $"No group '{name}' of yours, no gateway that registers into it, and nothing left of one that was deleted.",
        statusCode: StatusCodes.Status404NotFound);
}
