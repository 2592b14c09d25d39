using System.Collections.Immutable;
using FleetTracker.LiveMap;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Ingestion;

/// <summary>New rows of one vehicle.</summary>
internal readonly record struct VehicleFold(LaneHead Head, ImmutableArray<Fix> Rows);

/// <summary>
/// The vehicles of a lane: the newest row of each, which tells a late fix from one in order and is shown while the vehicle itself catches up.
/// </summary>
internal sealed class LaneHeads(IGrainFactory grains, VehicleOptions options)
{
    private readonly Dictionary<string, LaneHead> _heads = new(StringComparer.Ordinal);

    public int Count => _heads.Count;

    public IEnumerable<LaneHead> All => _heads.Values;

    /// <summary>A row that was read at the lane's start.</summary>
    public void Load(Fix row)
    {
        var head = _heads.TryGetValue(row.VehicleId, out var known) ? known : Add(row.Tenant, row.VehicleId);
        if (head.Newest is null || PositionKey.Of(row) > PositionKey.Of(head.Newest)) head.Newest = row;
    }

    public IReadOnlyList<LiveVehicle> Live() => [.. _heads.Values.Where(head => head.Newest is not null).Select(head => LiveOf(head.Newest!))];

    /// <summary>What dispatchers see of a vehicle of which only one row is known.</summary>
    public LiveVehicle LiveOf(Fix row) => VehiclePolicy.LiveOf(row, options);

    /// <summary>Vehicles that the lane has not seen before, to be committed with their first row.</summary>
    public IReadOnlyList<LaneVehicle> AddMissing(ImmutableArray<Fix> fixes)
    {
        List<LaneVehicle>? added = null;
        foreach (var fix in fixes)
        {
            if (_heads.ContainsKey(fix.VehicleId)) continue;
            Add(fix.Tenant, fix.VehicleId);
            (added ??= []).Add(new LaneVehicle(fix.Tenant, fix.VehicleId));
        }

        return added ?? (IReadOnlyList<LaneVehicle>)[];
    }

    public bool Has(string vehicleId) => _heads.ContainsKey(vehicleId);

    public LaneHead? Find(string vehicleId) => _heads.GetValueOrDefault(vehicleId);

    /// <summary>Whether the lane still has this very vehicle: one that was removed may have come back as another.</summary>
    public bool Has(LaneHead head) => _heads.TryGetValue(head.VehicleId, out var there) && ReferenceEquals(there, head);

    /// <summary>False when the vehicle is another tenant's; otherwise the lane does not know it afterwards.</summary>
    public bool Remove(string tenant, string vehicleId)
    {
        if (!_heads.TryGetValue(vehicleId, out var head)) return true;
        return string.Equals(head.Tenant, tenant, StringComparison.Ordinal) && _heads.Remove(vehicleId);
    }

    /// <summary>What became of every fix of a commit, in the order of arrival, and what the vehicles have to fold. Moves the heads on.</summary>
    public (IReadOnlyList<BatchReport> Reports, IReadOnlyList<VehicleFold> Folds) Judge(CommittedWork committed)
    {
        var folds = Folds(committed);
        var reports = new List<BatchReport>(committed.Work.Batches.Count);
        var next = 0;
        foreach (var batch in committed.Work.Batches)
        {
            var outcomes = ImmutableArray.CreateBuilder<FixOutcome>(batch.Fixes.Length);
            foreach (var fix in batch.Fixes)
            {
                outcomes.Add(Outcome(fix, committed, next));
                next++;
            }

            reports.Add(new BatchReport { BatchId = batch.Id, Lane = batch.Lane, Outcomes = outcomes.MoveToImmutable() });
        }

        return (reports, folds);
    }

    private FixOutcome Outcome(Fix fix, CommittedWork committed, int index)
    {
        var fate = committed.Fates[committed.Work.RowOf[index]];
        if (fate == RowFate.Refused) return FixOutcome.Refused;
        if (fate == RowFate.Known || committed.Work.IsRepeated[index]) return FixOutcome.Duplicate;
        if (fix.Verdict == FixVerdict.BeyondWindow) return FixOutcome.Late;
        if (fix.Verdict != FixVerdict.Accepted) return FixOutcome.Filtered;

        var head = HeadOf(fix);
        var isLate = head.Newest is { } newest && fix.FixedAt < newest.FixedAt;
        if (head.Newest is null || PositionKey.Of(fix) > PositionKey.Of(head.Newest)) head.Newest = fix;
        return isLate ? FixOutcome.Late : FixOutcome.Accepted;
    }

    private List<VehicleFold> Folds(CommittedWork committed)
    {
        var rows = committed.Work.Rows;
        var folds = new List<VehicleFold>();
        for (var first = 0; first < rows.Length;)
        {
            var end = first + 1;
            while (end < rows.Length && string.Equals(rows[end].VehicleId, rows[first].VehicleId, StringComparison.Ordinal)) end++;
            var fresh = ImmutableArray.CreateBuilder<Fix>(end - first);
            for (var i = first; i < end; i++)
            {
                if (committed.Fates[i] == RowFate.New && rows[i].Verdict != FixVerdict.BeyondWindow) fresh.Add(rows[i]);
            }

            if (fresh.Count > 0) folds.Add(new VehicleFold(HeadOf(rows[first]), fresh.DrainToImmutable()));
            first = end;
        }

        return folds;
    }

    // A head may be missing when the vehicle was removed while its rows were on their way.
    private LaneHead HeadOf(Fix fix) => _heads.TryGetValue(fix.VehicleId, out var head) ? head : Add(fix.Tenant, fix.VehicleId);

    private LaneHead Add(string tenant, string vehicleId)
    {
        var head = new LaneHead(tenant, vehicleId, grains.GetGrain<IVehicleGrain>(VehicleKeys.For(tenant, vehicleId)));
        _heads.Add(vehicleId, head);
        return head;
    }
}
