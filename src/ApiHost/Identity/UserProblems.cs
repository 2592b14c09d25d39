namespace FleetTracker.Identity;

internal static class UserProblems
{
    public static IResult NotFound(string id) => TypedResults.Problem(
        type: "/problems/user-not-found", title: "There is no such user", detail: $"No user '{id}' of yours.", statusCode: StatusCodes.Status404NotFound);

    public static IResult NameTaken(string name) => TypedResults.Problem(
        type: "/problems/user-name-taken", title: "The name is taken",
        detail: $"There is a user '{name}' already; names are unique in the installation and compared without case.", statusCode: StatusCodes.Status409Conflict);

    public static IResult OwnAccount() => TypedResults.Problem(
        type: "/problems/own-account", title: "That is your own account",
        detail: "Your own role and access are changed by somebody else, so that nobody locks the tenant's last administrator out.", statusCode: StatusCodes.Status409Conflict);

    public static IResult OwnersAlone() => TypedResults.Problem(
        type: "/problems/owners-alone", title: "Only an owner may do that", detail: "Only an owner makes, changes and removes owners.", statusCode: StatusCodes.Status403Forbidden);

    public static IResult SessionNotFound(string id) => TypedResults.Problem(
        type: "/problems/session-not-found", title: "There is no such session", detail: $"No open session '{id}' of yours.", statusCode: StatusCodes.Status404NotFound);

    public static IResult TokenNotFound(string id) => TypedResults.Problem(
        type: "/problems/token-not-found", title: "There is no such token", detail: $"No API token '{id}' of yours.", statusCode: StatusCodes.Status404NotFound);

    public static IResult TooManyTokens(int most) => TypedResults.Problem(
        type: "/problems/too-many-tokens", title: "There are too many tokens",
        detail: $"You have {most} API tokens, which is as many as one user may have; revoke one that is not needed.", statusCode: StatusCodes.Status409Conflict);

    public static IResult LinkExpired() => TypedResults.Problem(
        type: "/problems/link-expired", title: "The link does not work any more",
        detail: "It was used, has expired, or a newer one took its place. Ask for a new one.", statusCode: StatusCodes.Status410Gone);

    public static IResult WrongPassword() => TypedResults.Problem(
        type: "/problems/wrong-password", title: "The password is wrong", detail: "currentPassword is not your password.", statusCode: StatusCodes.Status403Forbidden);
}
