using System.Globalization;
using System.Text.Json;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

/// <summary>
/// A page of history, written while it is read: memory holds one chunk. The first chunk is read before anything is sent, so that most
/// failures are still a problem and not a broken body; a later one cuts the connection, which no client can take for the end.
/// </summary>
internal sealed class PositionStream : IResult
{
    private const int ChunkRows = 1_000;

    private readonly ITelemetryStore _telemetry;
    private readonly PositionQuery _query;
    private readonly JsonSerializerOptions _json;
    private readonly IReadOnlyList<Fix> _first;

    private PositionStream(ITelemetryStore telemetry, PositionQuery query, JsonSerializerOptions json, IReadOnlyList<Fix> first) =>
        (_telemetry, _query, _json, _first) = (telemetry, query, json, first);

    public static async Task<IResult> OpenAsync(
        ITelemetryStore telemetry, PositionQuery query, JsonSerializerOptions json, CancellationToken cancellationToken) =>
        new PositionStream(telemetry, query, json, await ReadAsync(telemetry, query, query.After, query.Limit, cancellationToken));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        try
        {
            await WriteAsync(httpContext.Response, httpContext.RequestAborted);
        }
        catch (Exception) when (httpContext.Response.HasStarted)
        {
            httpContext.Abort();
            throw;
        }
    }

    private async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        var left = _query.Limit;
        var chunk = _first;
        Fix? last = null;
        while (true)
        {
            var wanted = Math.Min(left, ChunkRows);
            foreach (var fix in chunk.Take(wanted)) JsonSerializer.Serialize(writer, PositionView.Of(last = fix), _json);
            var hasMore = chunk.Count > wanted;
            left -= wanted;
            if (left == 0 || !hasMore)
            {
                writer.WriteEndArray();
                writer.WriteString("next", hasMore ? CursorOf(last!) : null);
                writer.WriteEndObject();
                await writer.FlushAsync(cancellationToken);
                return;
            }

            await writer.FlushAsync(cancellationToken);
            await response.BodyWriter.FlushAsync(cancellationToken);
            chunk = await ReadAsync(_telemetry, _query, new PositionKey(last!.FixedAt, last.Digest), left, cancellationToken);
        }
    }

    // One row more than is written tells whether there is a next page.
    private static Task<IReadOnlyList<Fix>> ReadAsync(
        ITelemetryStore telemetry, PositionQuery query, PositionKey? after, int left, CancellationToken cancellationToken) =>
        telemetry.ReadPositionsAsync(query with { After = after, Limit = Math.Min(left, ChunkRows) + 1 }, cancellationToken);

    private static string CursorOf(Fix last) => Cursors.Make(
        'p', last.FixedAt.ToUnixMicroseconds().ToString(CultureInfo.InvariantCulture), last.Digest.ToString(CultureInfo.InvariantCulture));
}
