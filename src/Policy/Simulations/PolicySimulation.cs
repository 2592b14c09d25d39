using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Simulations;

/// <summary>How many outcomes of a kind a fold finds, with the present thresholds and with others.</summary>
public readonly record struct KindCount(OutcomeType Type, string Kind, int Before, int After);

/// <summary>Folds history twice, with the thresholds of now and with others, and counts what is different. Pure.</summary>
/// <param name="before">The rules of now.</param>
/// <param name="after">The same fences with other thresholds.</param>
public sealed class PolicySimulation(TenantRules before, TenantRules after)
{
    private readonly Side _before = new(before);
    private readonly Side _after = new(after);

    /// <param name="from">What begins before is for warming up and is not counted.</param>
    public void Begin(string vehicleId, DateTimeOffset from)
    {
        _before.Begin(vehicleId, from);
        _after.Begin(vehicleId, from);
    }

    public void Take(Fix row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Verdict == FixVerdict.BeyondWindow) return;
        _before.Take(row);
        _after.Take(row);
    }

    /// <summary>The counts of this vehicle, by type and kind; kinds that neither finds are left out.</summary>
    public IReadOnlyList<KindCount> End(DateTimeOffset until)
    {
        var (one, other) = (_before.End(until), _after.End(until));
        return
        [
            .. one.Keys.Union(other.Keys).OrderBy(kind => kind.Type).ThenBy(kind => kind.Kind, StringComparer.Ordinal)
                .Select(kind => new KindCount(kind.Type, kind.Kind, one.GetValueOrDefault(kind), other.GetValueOrDefault(kind))),
        ];
    }

    private sealed class Side(TenantRules rules)
    {
        private readonly OutcomeDrafts _drafts = new();
        private readonly HashSet<(OutcomeType Type, string Kind, string Subject, PositionKey At)> _found = [];
        private VehicleState _state = new();
        private string _vehicleId = "";
        private DateTimeOffset _from;

        public void Begin(string vehicleId, DateTimeOffset from)
        {
            (_vehicleId, _from, _state) = (vehicleId, from, new VehicleState());
            _found.Clear();
        }

        public void Take(Fix row)
        {
            VehiclePolicy.Fold(_state, row, rules, _drafts);
            Keep();
        }

        public Dictionary<(OutcomeType Type, string Kind), int> End(DateTimeOffset until)
        {
            VehiclePolicy.AdvanceTo(_state, _vehicleId, until, rules, _drafts);
            Keep();
            return _found.CountBy(found => (found.Type, found.Kind)).ToDictionary();
        }

        // What began is written again when it ends: one thing is counted once.
        private void Keep()
        {
            foreach (var draft in _drafts.All)
            {
                if (draft.At.FixedAt >= _from) _found.Add((draft.Type, draft.Kind, draft.Subject, draft.At));
            }

            _drafts.Clear();
        }
    }
}
