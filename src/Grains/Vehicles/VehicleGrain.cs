using System.Collections.Immutable;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Placement;
using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>
/// Where one vehicle is now. Key: tenant and vehicle id. Owns nothing that is not in history: its memory is the fold of committed rows, and
/// its lane gives it the row to start from. Lives on the silo of its lane.
/// </summary>
[LanePlacement]
internal sealed class VehicleGrain(ILocalSiloDetails silo, IOptions<VehicleOptions> options) : Grain, IVehicleGrain
{
    private VehicleState _state = VehicleState.NeverSeen;
    private LaneStart _start;

    public ValueTask<LiveVehicle?> FoldAsync(LaneStart start, Fix? newest, ImmutableArray<Fix> rows)
    {
        // Another owner of the lane may have committed rows that this memory lacks, so a new start means a fresh look (ADR 3).
        if (start != _start) Restart(start, newest);

        var before = _state.Newest;
        foreach (var row in rows) _state = VehiclePolicy.Fold(_state, row);

        var changed = !ReferenceEquals(before, _state.Newest);
        return ValueTask.FromResult(changed ? VehiclePolicy.ToLive(_state, options.Value) : null);
    }

    public ValueTask<LiveVehicle?> GetLiveAsync() =>
        ValueTask.FromResult(_state.Newest is null ? null : VehiclePolicy.ToLive(_state, options.Value));

    private void Restart(LaneStart start, Fix? newest)
    {
        _state = newest is null ? VehicleState.NeverSeen : new VehicleState(newest, TimeSpan.Zero);
        _start = start;
        // The lane moved and left this activation behind: let the next call find it beside its lane.
        if (!start.Silo.Equals(silo.SiloAddress)) this.MigrateOnIdle();
    }
}
