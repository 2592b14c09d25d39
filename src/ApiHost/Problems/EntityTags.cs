using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace FleetTracker.Problems;

/// <summary>Revisions as entity tags, so that an editor notices when somebody else was faster.</summary>
internal static class EntityTags
{
    private const long NoRevision = -1;

    public static void Show(HttpContext context, long revision) => context.Response.Headers.ETag = Of(revision);

    /// <summary>The revision that <c>If-Match</c> asks for; <c>null</c> = any. What is no tag of ours matches nothing.</summary>
    public static long? Expected(string? ifMatch)
    {
        if (string.IsNullOrWhiteSpace(ifMatch) || ifMatch.Trim() == "*") return null;
        return EntityTagHeaderValue.TryParse(ifMatch, out var tag) && !tag.IsWeak
            && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : NoRevision;
    }

    public static IResult Stale(HttpContext context, string what, long revision)
    {
        Show(context, revision);
        return TypedResults.Problem(
            type: "/problems/changed-meanwhile", title: "Somebody else changed it",
            detail: $"{what} is not what If-Match says any more: its tag is {Of(revision)}. Read it again and repeat the change.",
            statusCode: StatusCodes.Status412PreconditionFailed);
    }

    private static string Of(long revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");
}
