using System.Globalization;
using System.Text.Json;
using FleetTracker.Exports;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

/// <summary>A page of history, written while it is read.</summary>
internal sealed class PositionStream : StreamedResult
{
    public const char CursorKind = 'p';

    private readonly Chunks<Fix> _chunks;
    private readonly int _limit;

    private PositionStream(Chunks<Fix> chunks, int limit)
        : base("application/json; charset=utf-8") => (_chunks, _limit) = (chunks, limit);

    // One row more than is written tells whether there is a next page.
    public static async Task<IResult> OpenAsync(ITelemetryStore telemetry, IOutcomeStore outcomes, PositionQuery query, CancellationToken cancellationToken) =>
        new PositionStream(await new JudgedPositions(telemetry, outcomes, query).OpenAsync(query.Limit + 1, cancellationToken), query.Limit);

    /// <summary>Rows as they are stored, in chunks, from where the query begins.</summary>
    public static Task<Chunks<Fix>> ReadAsync(ITelemetryStore telemetry, PositionQuery query, int most, CancellationToken cancellationToken) => Chunks<Fix>.OpenAsync(
        (after, count, cancel) => telemetry.ReadPositionsAsync(query with { After = after is null ? query.After : PositionKey.Of(after), Limit = count }, cancel),
        most, cancellationToken);

    protected override async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        // What is written is right by construction; checking it costs a tenth of the time.
        await using var writer = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { SkipValidation = true });
        var json = new PositionJson();
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        var left = _limit;
        Fix? last = null;
        var hasMore = false;
        await foreach (var chunk in _chunks.ReadAllAsync(cancellationToken))
        {
            var wanted = Math.Min(left, chunk.Count);
            for (var i = 0; i < wanted; i++) json.Write(writer, last = chunk[i]);
            left -= wanted;
            hasMore = chunk.Count > wanted;
            await writer.FlushAsync(cancellationToken);
        }

        writer.WriteEndArray();
        writer.WriteString("next", hasMore ? KeyCursors.Make(CursorKind, last!) : null);
        writer.WriteEndObject();
        await writer.FlushAsync(cancellationToken);
    }
}
