using System.Data.Common;
using System.Diagnostics;
using System.Net.Sockets;
using FleetTracker.Identity;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans.Serialization;

namespace FleetTracker.Problems;

/// <summary>
/// Turns what no endpoint expected into a problem. A silo or database that is away is a 503 to be tried again; anything else is a 500 that
/// shows a trace id and nothing more.
/// </summary>
internal sealed partial class FailureHandler(ILogger<FailureHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested) return true;
        if (exception is BadHttpRequestException bad)
        {
            await Problem(bad.StatusCode).ExecuteAsync(httpContext);
            return true;
        }

        if (IsUnavailable(exception))
        {
            LogUnavailable(exception, httpContext.Request.Path);
            await ApiProblems.NotAvailable("A part of the system did not answer. Nothing is known to be lost; try again.").ExecuteAsync(httpContext);
            return true;
        }

        LogFailed(exception, httpContext.Request.Path);
        await Problem(StatusCodes.Status500InternalServerError).ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>Something that we depend on is away or slow, as opposed to a mistake of ours.</summary>
    public static bool IsUnavailable(Exception exception) => exception is TimeoutException or DbException or SocketException or OrleansException
        or IdentityUnavailableException or ReplicaUnavailableException or UnavailableExceptionFallbackException or OperationCanceledException;

    private static ProblemHttpResult Problem(int status) => TypedResults.Problem(
        type: ApiProblems.For(status)?.Type, title: ApiProblems.For(status)?.Title, statusCode: status,
        extensions: [new("traceId", Activity.Current?.TraceId.ToHexString())]);

    [LoggerMessage(2801, LogLevel.Warning, "A request to {Path} was answered with 503")]
    private partial void LogUnavailable(Exception exception, string path);

    [LoggerMessage(2802, LogLevel.Error, "A request to {Path} failed")]
    private partial void LogFailed(Exception exception, string path);
}
