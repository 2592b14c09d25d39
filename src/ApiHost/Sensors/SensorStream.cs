using System.Text.Json;
using FleetTracker.Exports;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>
/// A page of a sensor's samples, written while the fixes are read. It ends after so many samples or, as few fixes may have a value, after so many fixes; the next page
/// goes on after the last fix that was looked at.
/// </summary>
internal sealed class SensorStream : StreamedResult
{
    public const char CursorKind = 'h';

    private readonly Chunks<Fix> _chunks;
    private readonly CompiledSensor _sensor;
    private readonly int _limit;
    private readonly int _maxRows;

    private SensorStream(Chunks<Fix> chunks, CompiledSensor sensor, int limit, int maxRows)
        : base("application/json; charset=utf-8") => (_chunks, _sensor, _limit, _maxRows) = (chunks, sensor, limit, maxRows);

    // One row more than is looked at tells whether there is a next page.
    public static async Task<IResult> OpenAsync(ITelemetryStore telemetry, PositionQuery query, CompiledSensor sensor, int maxRows, CancellationToken cancellationToken) =>
        new SensorStream(await PositionStream.ReadAsync(telemetry, query, maxRows + 1, cancellationToken), sensor, query.Limit, maxRows);

    protected override async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        var (samples, rows, last, hasMore) = (0, 0, (Fix?)null, false);
        await foreach (var chunk in _chunks.ReadAllAsync(cancellationToken))
        {
            foreach (var row in chunk)
            {
                hasMore = samples == _limit || rows == _maxRows;
                if (hasMore) break;
                (last, rows) = (row, rows + 1);
                if (!_sensor.TryRead(row, out var raw, out var value)) continue;
                Write(writer, row, raw, value);
                samples++;
            }

            await writer.FlushAsync(cancellationToken);
            if (hasMore) break;
        }

        writer.WriteEndArray();
        writer.WriteString("next", hasMore ? KeyCursors.Make(CursorKind, last!) : null);
        writer.WriteEndObject();
        await writer.FlushAsync(cancellationToken);
    }

    private static void Write(Utf8JsonWriter writer, Fix row, double raw, double value)
    {
        Span<byte> text = stackalloc byte[Rfc3339.MaxLength];
        writer.WriteStartObject();
        writer.WriteString("fixedAt"u8, text[..Rfc3339.Write(row.FixedAt, text)]);
        writer.WriteNumber("raw"u8, raw);
        writer.WriteNumber("value"u8, value);
        writer.WriteEndObject();
    }
}
