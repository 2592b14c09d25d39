using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetTracker.Problems;

/// <summary>The problems that every feature shares. A problem's <c>type</c> never changes: clients switch on it.</summary>
internal static class ApiProblems
{
    public const string UnreadableRequest = "/problems/unreadable-request";
    public const string Unauthenticated = "/problems/unauthenticated";
    public const string Forbidden = "/problems/forbidden";
    public const string NotFound = "/problems/not-found";
    public const string TooLarge = "/problems/too-large";
    public const string InvalidParameters = "/problems/invalid-parameters";
    public const string TooManyRequests = "/problems/too-many-requests";
    public const string Unavailable = "/problems/unavailable";
    public const string Internal = "/problems/internal";

    public const int RetryAfterOutageSeconds = 5;

    /// <summary>All wrong parameters of a request at once, each with what is wrong and the value that was given.</summary>
    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string[]> errors) => TypedResults.Problem(
        type: InvalidParameters, title: "Some parameters are wrong",
        detail: string.Join(" ", errors.SelectMany(e => e.Value.Select(message => $"{e.Key} {message}."))),
        statusCode: StatusCodes.Status422UnprocessableEntity, extensions: [new("errors", errors)]);

    public static IResult RateLimited(TimeSpan retryAfter) => new RetryLater(
        TypedResults.Problem(
            type: TooManyRequests, title: "Too many requests", detail: $"Try again in {Seconds(retryAfter)} s.",
            statusCode: StatusCodes.Status429TooManyRequests),
        retryAfter);

    public static IResult NotAvailable(string detail) => new RetryLater(
        TypedResults.Problem(
            type: Unavailable, title: "Not available at the moment", detail: detail, statusCode: StatusCodes.Status503ServiceUnavailable),
        TimeSpan.FromSeconds(RetryAfterOutageSeconds));

    /// <summary>Type and title for an answer that has only a status, from the framework's own parts.</summary>
    public static (string Type, string Title)? For(int status) => status switch
    {
        StatusCodes.Status400BadRequest => (UnreadableRequest, "The request cannot be read"),
        StatusCodes.Status401Unauthorized => (Unauthenticated, "Sign in first"),
        StatusCodes.Status403Forbidden => (Forbidden, "Your role does not allow this"),
        StatusCodes.Status404NotFound => (NotFound, "There is nothing here"),
        StatusCodes.Status405MethodNotAllowed => ("/problems/method-not-allowed", "This address does not take that method"),
        StatusCodes.Status413PayloadTooLarge => (TooLarge, "The request is too large"),
        StatusCodes.Status415UnsupportedMediaType => ("/problems/unsupported-media-type", "Send application/json"),
        StatusCodes.Status429TooManyRequests => (TooManyRequests, "Too many requests"),
        StatusCodes.Status500InternalServerError => (Internal, "Something went wrong on our side"),
        StatusCodes.Status503ServiceUnavailable => (Unavailable, "Not available at the moment"),
        _ => null,
    };

    public static string Seconds(TimeSpan span) => Math.Max(1, (long)Math.Ceiling(span.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}

/// <summary>A problem that says when to come back.</summary>
internal sealed class RetryLater(ProblemHttpResult problem, TimeSpan retryAfter) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = ApiProblems.Seconds(retryAfter);
        return problem.ExecuteAsync(httpContext);
    }
}
