using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Bench;

/// <summary>One vehicle's rows through the code that lanes use, as they arrived, and what was said of it in the end.</summary>
internal sealed class FoldedVehicle
{
    /// <summary>As many as a lane commits at once of a vehicle that is busy.</summary>
    private const int BatchRows = 8;

    private readonly Dictionary<Guid, Outcome> _said = [];
    private readonly TenantRules _rules;
    private readonly string _vehicle;

    private FoldedVehicle(List<Fix> rows, TenantRules rules)
    {
        _rules = rules;
        _vehicle = rows[0].VehicleId;
        Rows = [.. rows.OrderBy(PositionKey.Of)];
    }

    /// <summary>In the order of their keys.</summary>
    public IReadOnlyList<Fix> Rows { get; }

    /// <summary>How often a row was so late that all was folded again.</summary>
    public int Rebuilds { get; private set; }

    public IEnumerable<Outcome> Said => _said.Values.Where(outcome => outcome.State != OutcomeState.Withdrawn);

    public static async Task<FoldedVehicle> OfAsync(List<Fix> arrived, TenantRules rules)
    {
        var vehicle = new FoldedVehicle(arrived, rules);
        var memory = VehicleMemory.Begin("default", vehicle._vehicle, null);
        for (var from = 0; from < arrived.Count; from += BatchRows)
        {
            List<Fix> batch = [.. arrived.Skip(from).Take(BatchRows).OrderBy(PositionKey.Of)];
            var now = batch.Max(row => row.ReceivedAt);
            var result = memory.Fold(batch, rules, now);
            if (result.IsBehind)
            {
                vehicle.Rebuilds++;
                memory = VehicleMemory.Begin("default", vehicle._vehicle, null);
                var known = arrived.Take(from + BatchRows).OrderBy(PositionKey.Of).ToAsyncEnumerable();
                result = await memory.CatchUpAsync(known, [.. vehicle.Said], rules, now);
            }

            vehicle.Take(result);
        }

        // Long after: whatever silence says has been said.
        vehicle.Take(memory.Elapse(rules, arrived[^1].ReceivedAt.AddDays(2)));
        return vehicle;
    }

    /// <summary>What is still going on lasts until the last row.</summary>
    public IEnumerable<Stretch> Stretches(OutcomeType type) => Said.Where(outcome => outcome.Type == type).OrderBy(outcome => outcome.At)
        .Select(outcome => new Stretch(_vehicle, outcome.At.FixedAt, outcome.EndedAt ?? Rows[^1].FixedAt, outcome.Subject));

    public List<TraceLine> Explain(string? fenceId, DateTimeOffset from, DateTimeOffset to)
    {
        var (state, trace) = (new VehicleState(), new FoldTrace { FenceId = fenceId });
        foreach (var row in Rows) VehiclePolicy.Fold(state, row, _rules, trace: trace);
        return [.. trace.Lines.Where(line => line.At >= from && line.At <= to)];
    }

    private void Take(FoldResult result)
    {
        foreach (var outcome in result.Writes) _said[outcome.Id] = outcome;
    }
}
