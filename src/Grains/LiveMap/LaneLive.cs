using System.Collections.Immutable;

namespace FleetTracker.LiveMap;

/// <summary>
/// The newest state of every vehicle in one lane and the number of the last change. Guarded by the feed's lock.
/// </summary>
internal sealed class LaneLive(int lane, long number)
{
    private readonly Dictionary<string, LiveVehicle> _vehicles = new(StringComparer.Ordinal);

    public int Lane => lane;

    public long Number { get; private set; } = number;

    public DateTimeOffset? NewestCommitAt { get; private set; }

    public int Count => _vehicles.Count;

    public void Apply(IReadOnlyList<LiveVehicle> upserts, IReadOnlyList<string> removals, DateTimeOffset? committedAt)
    {
        Number++;
        NewestCommitAt = committedAt ?? NewestCommitAt;
        foreach (var vehicle in upserts) _vehicles[vehicle.VehicleId] = vehicle;
        foreach (var vehicle in removals) _vehicles.Remove(vehicle);
    }

    public LaneSnapshot Snapshot(ImmutableArray<string> tenants, string? holding) => new()
    {
        Lane = lane,
        Number = Number,
        Vehicles = [.. _vehicles.Values.Where(vehicle => tenants.Contains(vehicle.Tenant))],
        NewestCommitAt = NewestCommitAt,
        Holding = holding,
    };
}
