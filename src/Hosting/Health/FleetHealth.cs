using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FleetTracker.Health;

/// <summary>Whether this host can do its work.</summary>
/// <param name="Status"><c>ready</c> or <c>not-ready</c>.</param>
public sealed record HealthReport(string Status, IReadOnlyList<HealthLine> Checks);

/// <param name="Status"><c>ok</c>, <c>degraded</c> or <c>failed</c>.</param>
public sealed record HealthLine(string Name, string Status, string? Detail);

/// <summary><c>/health/live</c>, <c>/health/ready</c> and <c>/health</c>, the same on every host.</summary>
public static class FleetHealth
{
    public static IServiceCollection AddFleetHealth(this IServiceCollection services)
    {
        services.TryAddSingleton<Readiness>();
        return services;
    }

    public static void MapFleetHealth(this IEndpointRouteBuilder app)
    {
        var health = app.MapGroup("/health").WithTags("Health").AllowAnonymous();
        health.MapGet("/live", () => TypedResults.Ok(new HealthReport("live", []))).WithName("Live")
            .WithSummary("The process answers.").Produces<HealthReport>();
        foreach (var (path, name) in new[] { ("/ready", "Ready"), ("", "Health") })
        {
            health.MapGet(path, ReportAsync).WithName(name).WithSummary("Every part that this host depends on.")
                .Produces<HealthReport>().Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static async Task<IResult> ReportAsync(HttpContext context, Readiness readiness, CancellationToken cancellationToken)
    {
        var report = await readiness.ReportAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(report, statusCode: report.Status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>Runs all checks at once. Answers are kept for a second, because anybody may ask.</summary>
internal sealed class Readiness(IEnumerable<IReadinessCheck> checks, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ImmutableArray<IReadinessCheck> _checks = [.. checks.OrderBy(check => check.Name, StringComparer.Ordinal)];
    private readonly SemaphoreSlim _gate = new(1);
    private HealthReport? _last;
    private DateTimeOffset _lastAt;

    public async Task<HealthReport> ReportAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is not null && time.GetUtcNow() - _lastAt < Kept) return _last;
            var results = await Task.WhenAll(_checks.Select(RunAsync));
            var isReady = results.All(result => result.Status != ReadinessStatus.Failed);
            _last = new HealthReport(
                isReady ? "ready" : "not-ready", [.. results.Select((result, i) => new HealthLine(_checks[i].Name, WordOf(result.Status), result.Detail))]);
            _lastAt = time.GetUtcNow();
            return _last;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<ReadinessResult> RunAsync(IReadinessCheck check)
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        try
        {
            return await check.CheckAsync(timeout.Token).AsTask().WaitAsync(Patience, time, CancellationToken.None);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return ReadinessResult.Failed($"did not answer within {Patience.TotalSeconds:0} s");
        }
        catch (Exception exception)
        {
            // The message may hold a host name or worse; the type is enough for a page that anybody may read.
            return ReadinessResult.Failed($"failed: {exception.GetType().Name}");
        }
    }

    private static string WordOf(ReadinessStatus status) => status switch
    {
        ReadinessStatus.Ok => "ok",
        ReadinessStatus.Degraded => "degraded",
        _ => "failed",
    };

    public void Dispose() => _gate.Dispose();
}
