using System.Globalization;
using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Devices;

internal static class QuarantineEndpoints
{
    public static void MapQuarantine(this IEndpointRouteBuilder api) =>
        api.MapGroup("/devices").WithTags("Devices").RequireAuthorization(Access.Read).WithCommonProblems()
            .MapGet("/quarantine", ListAsync).WithName("ListQuarantine")
            .WithSummary("Messages that became no position and why, newest first.").Produces<Page<QuarantineView>>();

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal user, ITelemetryStore telemetry, CancellationToken cancellationToken,
        string? deviceId = null, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var device = parameters.Text("deviceId", deviceId, 256);
        var before = SequenceOf(parameters, cursor);
        if (parameters.Problem is { } problem) return problem;

        var messages = await telemetry.ReadQuarantineAsync(user.TenantOf(), device, before, count + 1, cancellationToken);
        var next = messages.Count > count ? Cursors.Make('q', messages[count - 1].Sequence.ToString(CultureInfo.InvariantCulture)) : null;
        return TypedResults.Ok(new Page<QuarantineView>([.. messages.Take(count).Select(stored => QuarantineView.Of(stored.Message))], next));
    }

    private static long? SequenceOf(Parameters parameters, string? cursor)
    {
        if (parameters.Cursor(cursor, 'q', 1) is not { } parts) return null;
        if (long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)) return sequence;
        parameters.Refuse("cursor", $"is not one that this list gave out, was '{cursor}'");
        return null;
    }
}
