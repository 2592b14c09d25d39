using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetTracker.Problems;

/// <summary>
/// A body that is read by hand, so that every wrong member is told with its place and value. What is no JSON, or has text that is none, is a 400.
/// </summary>
internal static class JsonBody
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static async Task<(JsonDocument? Body, IResult? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        ReadOnlyMemory<byte> bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (bytes.Span.StartsWith(ByteOrderMark)) bytes = bytes[ByteOrderMark.Length..];
        try
        {
            if (WhatIsNoText(bytes.Span) is { } wrong) return (null, Unreadable(wrong));

            // The buffer goes with this method; the document lives on.
            return (JsonDocument.Parse(bytes.ToArray()), null);
        }
        catch (JsonException error)
        {
            return (null, Unreadable(error.Message));
        }
    }

    // A parsed document would throw only where somebody looks, anywhere.
    private static string? WhatIsNoText(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes)) return "The body is not UTF-8.";
        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (!reader.ValueIsEscaped) continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return $"The text at byte {reader.TokenStartIndex} has half of a surrogate pair.";
            }
        }

        return null;
    }

    private static ProblemHttpResult Unreadable(string detail) => TypedResults.Problem(
        type: ApiProblems.UnreadableRequest, title: "The request cannot be read", detail: detail, statusCode: StatusCodes.Status400BadRequest);
}
