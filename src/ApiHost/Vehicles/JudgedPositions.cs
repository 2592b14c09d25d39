using FleetTracker.Exports;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

/// <summary>
/// History as the fold judged it: a row that is implausible beside its neighbors is an outcome, so rows and outcomes are read side by side. For one answer, not for two
/// reads at once.
/// </summary>
internal sealed class JudgedPositions(ITelemetryStore telemetry, IOutcomeStore outcomes, PositionQuery query)
{
    private const int ExcludedPage = 1_000;

    private readonly HashSet<PositionKey> _excluded = [];
    private (PositionKey At, Guid Id)? _last;
    private bool _isComplete;

    /// <summary>In chunks, from where the query begins.</summary>
    public Task<Chunks<Fix>> OpenAsync(int most, CancellationToken cancellationToken) => Chunks<Fix>.OpenAsync(
        (after, count, cancel) => ReadAsync(query with { After = after is null ? query.After : PositionKey.Of(after), Limit = count }, cancel), most, cancellationToken);

    /// <summary>Fewer than the limit only when there are no more.</summary>
    private async Task<IReadOnlyList<Fix>> ReadAsync(PositionQuery page, CancellationToken cancellationToken)
    {
        var wanted = page.Limit;
        var kept = new List<Fix>();
        while (true)
        {
            var rows = await telemetry.ReadPositionsAsync(page, cancellationToken);
            if (rows.Count > 0) await LoadThroughAsync(rows, cancellationToken);
            if (kept.Count == 0 && _excluded.Count == 0) return rows;
            foreach (var row in rows)
            {
                if (!_excluded.Contains(PositionKey.Of(row))) kept.Add(row);
                else if (!query.PlacesOnly) kept.Add(row with { Verdict = FixVerdict.Excluded });
            }

            if (rows.Count < page.Limit || kept.Count == wanted) return kept;
            page = page with { After = PositionKey.Of(rows[^1]), Limit = wanted - kept.Count };
        }
    }

    private async Task LoadThroughAsync(IReadOnlyList<Fix> rows, CancellationToken cancellationToken)
    {
        var (first, last) = (PositionKey.Of(rows[0]), PositionKey.Of(rows[^1]));
        _excluded.RemoveWhere(key => key < first);
        while (!_isComplete && !(_last?.At > last))
        {
            var page = await outcomes.ReadOutcomesAsync(
                new OutcomeQuery
                {
                    Tenant = query.Tenant, VehicleIds = [query.VehicleId], Types = [OutcomeType.Excluded], From = rows[0].FixedAt, To = query.To, After = _last, Limit = ExcludedPage,
                },
                cancellationToken);
            foreach (var outcome in page.Where(outcome => outcome.At >= first)) _excluded.Add(outcome.At);
            _isComplete = page.Count < ExcludedPage;
            if (page.Count > 0) _last = (page[^1].At, page[^1].Id);
        }
    }
}
