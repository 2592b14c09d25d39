using FleetTracker.Problems;

namespace FleetTracker.Identity;

internal static class AuthProblems
{
    public static IResult BadCredentials() => TypedResults.Problem(
        type: "/problems/bad-credentials", title: "User name or password is wrong",
        detail: "No session was opened.", statusCode: StatusCodes.Status401Unauthorized);

    public static IResult SessionEnded() => TypedResults.Problem(
        type: "/problems/session-ended", title: "The session is over",
        detail: "The refresh token is not valid: it has expired, was used before, or the session was ended. Sign in again.",
        statusCode: StatusCodes.Status401Unauthorized);

    public static IResult TooManyAttempts(TimeSpan retryAfter) => new RetryLater(
        TypedResults.Problem(
            type: "/problems/too-many-attempts", title: "Too many failed sign-ins",
            detail: $"This user name is locked. Try again in {ApiProblems.Seconds(retryAfter)} s.", statusCode: StatusCodes.Status429TooManyRequests),
        retryAfter);
}
