using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Outcomes;

/// <summary>What changed since a reader asked last.</summary>
/// <param name="Items">Outcomes as of their newest revision, each with its <c>type</c>; one that changes again comes again, with a higher revision.</param>
/// <param name="Next">Give this as <c>after</c> the next time; there always is one.</param>
/// <param name="HasMore">Ask again at once; else after a while.</param>
public sealed record FeedPage(IReadOnlyList<OutcomeView> Items, string Next, bool HasMore);

internal static class FeedEndpoints
{
    private const string Now = "now";

    public static void MapFeed(this IEndpointRouteBuilder api) => api.MapGroup("").WithTags("History").RequireAuthorization(Access.Read).WithCommonProblems()
        .MapGet("/feed", ReadAsync).WithName("ReadFeed")
        .WithSummary("Events, trips, stops, visits and excluded positions in the order in which they were written, for programs that follow along.")
        .Produces<FeedPage>();

    private static async Task<IResult> ReadAsync(
        ClaimsPrincipal user, IOutcomeStore outcomes, ILaneCount lanes, CancellationToken cancellationToken, string? after = null, string? limit = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var cursor = after switch
        {
            null => FeedCursor.Beginning(lanes.Count),
            Now => null,
            _ => FeedCursor.TryRead(after, lanes.Count) ?? Refused(parameters, after),
        };
        if (parameters.Problem is { } problem) return problem;

        cursor ??= await EndAsync(outcomes, lanes.Count, cancellationToken);
        var step = string.Equals(after, Now, StringComparison.Ordinal)
            ? new FeedStep([], cursor, false)
            : await OutcomeFeed.ReadAsync(outcomes, user.TenantOf(), cursor, count, cancellationToken);
        return TypedResults.Ok(new FeedPage([.. step.Items.Select(OutcomeView.Of)], step.Next.ToString(), step.HasMore));
    }

    private static async Task<FeedCursor> EndAsync(IOutcomeStore outcomes, int lanes, CancellationToken cancellationToken)
    {
        var ends = await outcomes.ReadFeedEndsAsync(cancellationToken);
        return ends.Count == lanes ? new FeedCursor(0, [.. ends]) : throw new InvalidOperationException($"there are {ends.Count} lanes, not {lanes}");
    }

    private static FeedCursor? Refused(Parameters parameters, string after)
    {
        parameters.Refuse("after", $"must be now, or next of an earlier answer, was '{(after.Length <= 80 ? after : string.Concat(after.AsSpan(0, 80), "…"))}'");
        return null;
    }
}
