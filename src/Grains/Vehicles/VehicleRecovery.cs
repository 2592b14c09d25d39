using System.Runtime.CompilerServices;
using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>Reads what a vehicle has to be made of again: a checkpoint, the rows after it, and what was said of them.</summary>
internal sealed class VehicleRecovery(ITelemetryStore telemetry, IOutcomeStore outcomes, VehicleStates states, IOptions<FixOptions> fixes, TimeProvider time)
{
    private const int PageRows = 1_000;

    /// <summary>All rows from a key on, ascending.</summary>
    public async Task<IReadOnlyList<Fix>> ReadRowsAsync(string tenant, string vehicleId, PositionKey from)
    {
        var rows = new List<Fix>();
        await foreach (var row in ReadAsync(tenant, vehicleId, from, null, default)) rows.Add(row);
        return rows;
    }

    /// <param name="from">The oldest row that may be missing in what was folded before; <c>null</c> when nobody knows.</param>
    public async Task<(VehicleMemory Memory, FoldResult Result)> RebuildAsync(string tenant, string vehicleId, PositionKey? from, TenantRules rules)
    {
        var before = await ReadStateAsync(tenant, vehicleId, from);
        var memory = VehicleMemory.Begin(tenant, vehicleId, before);
        PositionKey? after = before is null ? null : memory.Before;
        // Read before the rows: what is said of rows that come meanwhile is written after this catch-up.
        var stored = await outcomes.ReadOutcomesAfterAsync(tenant, vehicleId, after, default);
        // Fixes that may still come are at most a late window old, so what is older than that is settled, whatever checkpoints are left.
        var settled = time.GetUtcNow() - fixes.Value.LateWindow - TimeSpan.FromDays(1);
        if (before is not null && rules.SettledAt < settled) rules = rules with { SettledAt = settled };
        var result = await memory.CatchUpAsync(ReadAsync(tenant, vehicleId, null, after, default), stored, rules, time.GetUtcNow());
        return (memory, result);
    }

    private async Task<VehicleState?> ReadStateAsync(string tenant, string vehicleId, PositionKey? from)
    {
        var before = from;
        while (await outcomes.ReadCheckpointAsync(tenant, vehicleId, before, default) is { } checkpoint)
        {
            if (states.Deserialize(vehicleId, checkpoint.State) is { } state) return state;
            before = checkpoint.Head;
        }

        return null;
    }

    private async IAsyncEnumerable<Fix> ReadAsync(string tenant, string vehicleId, PositionKey? from, PositionKey? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new PositionQuery { Tenant = tenant, VehicleId = vehicleId, From = from?.FixedAt, After = after, Limit = PageRows };
        while (true)
        {
            var page = await telemetry.ReadPositionsAsync(query, cancellationToken);
            foreach (var row in page) yield return row;
            if (page.Count < PageRows) yield break;
            query = query with { From = null, After = PositionKey.Of(page[^1]) };
        }
    }
}
