using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Explanations;

/// <summary>Rows of one vehicle around a time, bounded.</summary>
internal sealed class HistoryWindow(ITelemetryStore telemetry, string tenant, string vehicleId)
{
    private static readonly TimeSpan Microsecond = TimeSpan.FromMicroseconds(1);

    /// <summary>
    /// The newest rows at or before a time: those of a span before it, of them not more than <paramref name="most"/>; when there are none, some before.
    /// Ascending.
    /// </summary>
    /// <param name="oldest">Looked back to at most.</param>
    public async Task<IReadOnlyList<Fix>> ReadUpToAsync(DateTimeOffset at, TimeSpan span, int most, DateTimeOffset oldest, CancellationToken cancellationToken)
    {
        // The store reads forward only, so the window is looked for: wider while it is empty, then halved while it holds too much.
        var (from, to) = (at - span, at + Microsecond);
        var rows = await ReadAsync(from, to, most + 1, cancellationToken);
        while (rows.Count == 0 && from > oldest)
        {
            var wider = span * 4;
            (to, from, span) = (from, Later(at - wider, oldest), wider);
            rows = await ReadAsync(from, to, most + 1, cancellationToken);
        }

        while (rows.Count > most && to - from > Microsecond)
        {
            var middle = from + ((to - from) / 2);
            var later = await ReadAsync(middle, to, most + 1, cancellationToken);
            if (later.Count == 0) to = middle;
            else (from, rows) = (middle, later);
        }

        return rows;
    }

    /// <summary>The first rows after a time and before another.</summary>
    public Task<IReadOnlyList<Fix>> ReadAfterAsync(DateTimeOffset at, DateTimeOffset? before, int most, CancellationToken cancellationToken) =>
        ReadAsync(at + Microsecond, before, most, cancellationToken);

    private Task<IReadOnlyList<Fix>> ReadAsync(DateTimeOffset from, DateTimeOffset? to, int limit, CancellationToken cancellationToken) =>
        telemetry.ReadPositionsAsync(new PositionQuery { Tenant = tenant, VehicleId = vehicleId, From = from, To = to, Limit = limit }, cancellationToken);

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
