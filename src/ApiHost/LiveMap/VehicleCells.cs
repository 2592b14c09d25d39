using System.Runtime.CompilerServices;

namespace FleetTracker.LiveMap;

/// <summary>One vehicle in a replica: what the registry says, what the lanes say, and its place in the index.</summary>
internal sealed class ReplicaVehicle(string id)
{
    public string Id { get; } = id;

    public string Name { get; set; } = id;

    /// <summary>A vehicle that the registry does not know is not shown.</summary>
    public bool IsRegistered { get; set; }

    public LiveVehicle? Live { get; set; }

    public VehicleStatus Status { get; set; } = VehicleStatus.Unknown;

    /// <summary>The due time under which the vehicle waits in the offline queue; <c>MaxValue</c> when it does not.</summary>
    public DateTimeOffset QueuedAt { get; set; } = DateTimeOffset.MaxValue;

    public bool IsShown => IsRegistered && Live is not null;

    internal VehicleCell? Cell { get; set; }

    internal int Slot { get; set; }

    internal VehicleStatus CountedAs { get; set; }

    internal (long Latitude, long Longitude) CountedAt { get; set; }
}

/// <summary>The shown vehicles in one cell, with sums that make clusters of whole cells without looking at vehicles.</summary>
internal sealed class VehicleCell(Cell key)
{
    public Cell Key { get; } = key;

    public List<ReplicaVehicle> Vehicles { get; } = [];

    public ClusterSum Sum;
}

[InlineArray(VehicleStatuses.Count)]
internal struct StatusCounts
{
    private int _first;
}

/// <summary>How many vehicles, where on average, doing what. In whole 10⁻⁷ degrees, so that adding and removing never drifts.</summary>
internal struct ClusterSum
{
    private const double Scale = 1e7;

    private StatusCounts _counts;

    public int Count { get; private set; }

    public long Latitude { get; private set; }

    public long Longitude { get; private set; }

    public readonly VehicleStatus Worst
    {
        get
        {
            for (var i = VehicleStatuses.Count - 1; i > 0; i--)
            {
                if (_counts[i] > 0) return (VehicleStatus)i;
            }

            return VehicleStatus.Moving;
        }
    }

    public readonly double MeanLatitude => Latitude / Scale / Count;

    public readonly double MeanLongitude => Longitude / Scale / Count;

    public static (long Latitude, long Longitude) Scaled(LiveVehicle live) =>
        ((long)Math.Round(live.Latitude * Scale), (long)Math.Round(live.Longitude * Scale));

    public void Add((long Latitude, long Longitude) at, VehicleStatus status, int sign)
    {
        Count += sign;
        Latitude += sign * at.Latitude;
        Longitude += sign * at.Longitude;
        _counts[(int)status] += sign;
    }

    public void Add(in ClusterSum other)
    {
        Count += other.Count;
        Latitude += other.Latitude;
        Longitude += other.Longitude;
        for (var i = 0; i < VehicleStatuses.Count; i++) _counts[i] += other._counts[i];
    }
}

/// <summary>Shown vehicles by place. Not safe for threads: the replica's lock covers it.</summary>
internal sealed class VehicleCells
{
    /// <summary>About 11 km: a city is dozens of cells, a street's viewport is one or four.</summary>
    public static readonly CellGrid Grid = new(0.1);

    private readonly Dictionary<Cell, VehicleCell> _cells = [];

    public int Count { get; private set; }

    /// <summary>Puts a vehicle where its live state says, or takes it out when it is not shown.</summary>
    public void Update(ReplicaVehicle vehicle)
    {
        if (!vehicle.IsShown)
        {
            Remove(vehicle);
            return;
        }

        var live = vehicle.Live!;
        var key = Grid.Of(live.Latitude, live.Longitude);
        if (vehicle.Cell is { } cell && cell.Key == key)
        {
            cell.Sum.Add(vehicle.CountedAt, vehicle.CountedAs, -1);
        }
        else
        {
            Remove(vehicle);
            if (!_cells.TryGetValue(key, out cell)) _cells[key] = cell = new VehicleCell(key);
            vehicle.Cell = cell;
            vehicle.Slot = cell.Vehicles.Count;
            cell.Vehicles.Add(vehicle);
            Count++;
        }

        vehicle.CountedAs = vehicle.Status;
        vehicle.CountedAt = ClusterSum.Scaled(live);
        cell.Sum.Add(vehicle.CountedAt, vehicle.CountedAs, +1);
    }

    public void Remove(ReplicaVehicle vehicle)
    {
        if (vehicle.Cell is not { } cell) return;
        cell.Sum.Add(vehicle.CountedAt, vehicle.CountedAs, -1);
        var last = cell.Vehicles[^1];
        cell.Vehicles[vehicle.Slot] = last;
        last.Slot = vehicle.Slot;
        cell.Vehicles.RemoveAt(cell.Vehicles.Count - 1);
        if (cell.Vehicles.Count == 0) _cells.Remove(cell.Key);
        vehicle.Cell = null;
        Count--;
    }

    /// <summary>Vehicles in the viewport, in no order.</summary>
    public IEnumerable<ReplicaVehicle> In(Viewport view)
    {
        foreach (var (cell, isInside) in CellsIn(view))
        {
            foreach (var vehicle in cell.Vehicles)
            {
                if (isInside || view.Contains(vehicle.Live!.Latitude, vehicle.Live.Longitude)) yield return vehicle;
            }
        }
    }

    /// <summary>Occupied cells that the viewport touches, and whether they lie wholly in it. Walks whichever is fewer: cells in view or occupied ones.</summary>
    public IEnumerable<(VehicleCell Cell, bool IsInside)> CellsIn(Viewport view)
    {
        var range = Grid.Cover(view);
        if (range.Count > _cells.Count)
        {
            foreach (var cell in _cells.Values)
            {
                if (range.Contains(cell.Key)) yield return (cell, range.ContainsInside(cell.Key));
            }

            yield break;
        }

        foreach (var key in range.Cells())
        {
            if (_cells.TryGetValue(key, out var cell)) yield return (cell, range.ContainsInside(key));
        }
    }
}
