using FleetTracker.Outcomes;
using FleetTracker.Storage;

namespace FleetTracker.Ingestion;

/// <summary>Batches of one lane on their way into a commit: their rows sorted by key, each key once, and where each fix went.</summary>
internal sealed class LaneWork
{
    private LaneWork(
        LaneQueue queue, IReadOnlyList<LaneBatch> batches, Fix[] rows, int[] rowOf, bool[] isRepeated, IReadOnlyList<LaneVehicle> newVehicles,
        IReadOnlyList<Outcome> outcomes, IReadOnlyList<Checkpoint> checkpoints)
    {
        Outcomes = outcomes;
        Checkpoints = checkpoints;
        Queue = queue;
        Batches = batches;
        Rows = rows;
        RowOf = rowOf;
        IsRepeated = isRepeated;
        NewVehicles = newVehicles;
    }

    public LaneQueue Queue { get; }

    /// <summary>Counts the works of a queue from 1.</summary>
    public long Sequence { get; set; }

    public IReadOnlyList<LaneBatch> Batches { get; }

    /// <summary>Distinct keys, sorted by (vehicle, FixedAt, digest).</summary>
    public Fix[] Rows { get; }

    /// <summary>For every fix, in the batches' order, its row.</summary>
    public int[] RowOf { get; }

    /// <summary>For every fix, in the batches' order: an earlier fix of the same work has the same key.</summary>
    public bool[] IsRepeated { get; }

    public IReadOnlyList<LaneVehicle> NewVehicles { get; }

    /// <summary>What vehicles said since the last commit, each outcome once.</summary>
    public IReadOnlyList<Outcome> Outcomes { get; }

    public IReadOnlyList<Checkpoint> Checkpoints { get; }

    /// <summary>Indexes of rows that may lie at or before the head of a checkpoint of their vehicle, ascending.</summary>
    public IReadOnlyList<int> LateRows { get; set; } = [];

    public IEnumerable<QuarantinedMessage> Quarantine => Batches.SelectMany(batch => batch.Quarantine);

    public static LaneWork Of(
        LaneQueue queue, IReadOnlyList<LaneBatch> batches, IReadOnlyList<LaneVehicle> newVehicles, IReadOnlyList<Outcome>? outcomes = null, IReadOnlyList<Checkpoint>? checkpoints = null)
    {
        var count = 0;
        foreach (var batch in batches) count += batch.Fixes.Length;

        var fixes = new Fix[count];
        var order = new int[count];
        var next = 0;
        foreach (var batch in batches)
        {
            foreach (var fix in batch.Fixes)
            {
                fixes[next] = fix;
                order[next] = next;
                next++;
            }
        }

        // Equal keys keep the order of arrival, so that the repetition is the later one.
        Array.Sort(order, (a, b) => CompareKeys(fixes[a], fixes[b]) is var c and not 0 ? c : a - b);

        var rows = new List<Fix>(count);
        var rowOf = new int[count];
        var isRepeated = new bool[count];
        foreach (var i in order)
        {
            isRepeated[i] = rows.Count > 0 && CompareKeys(rows[^1], fixes[i]) == 0;
            if (!isRepeated[i]) rows.Add(fixes[i]);
            rowOf[i] = rows.Count - 1;
        }

        return new LaneWork(queue, batches, [.. rows], rowOf, isRepeated, newVehicles, outcomes ?? [], checkpoints ?? []);
    }

    public static int CompareKeys(Fix a, Fix b)
    {
        var vehicle = string.CompareOrdinal(a.VehicleId, b.VehicleId);
        if (vehicle != 0) return vehicle;
        var time = a.FixedAt.CompareTo(b.FixedAt);
        return time != 0 ? time : a.Digest.CompareTo(b.Digest);
    }
}

/// <summary>What became of a row in the database.</summary>
internal enum RowFate : byte
{
    Known = 0,
    New = 1,
    Refused = 2,
}

/// <summary>Work that is durable, and what became of its rows.</summary>
/// <param name="Number">The lane's number since.</param>
internal sealed record CommittedWork(LaneWork Work, RowFate[] Fates, DateTimeOffset CommittedAt, long Number);
