using System.Collections.Immutable;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Placement;
using FleetTracker.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>
/// Where one vehicle is now, and what it is doing. Key: tenant and vehicle id. Owns nothing that is not in the database: its memory is the fold of
/// committed rows, and what it says is committed by its lane. Lives on the silo of its lane.
/// </summary>
[LanePlacement]
internal sealed partial class VehicleGrain(
    ILocalSiloDetails silo,
    ITenantRules tenants,
    VehicleRecovery recovery,
    VehicleStates states,
    IOptions<VehicleOptions> options,
    FoldMetrics metrics,
    TimeProvider time,
    ILogger<VehicleGrain> logger) : Grain, IVehicleGrain
{
    private static readonly TimeSpan MostRulesWait = TimeSpan.FromSeconds(5);

    private VehicleMemory? _memory;
    private LaneStart _start;
    private VehicleOptions? _stamped;
    private int _stamp;
    private string _tenant = null!;
    private string _vehicleId = null!;

    private static VehicleAnswer Behind { get; } = new() { IsBehind = true };

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        _tenant = VehicleKeys.TenantOf(key);
        _vehicleId = VehicleKeys.VehicleIdOf(key).ToString();
        return Task.CompletedTask;
    }

    public ValueTask<VehicleAnswer> FoldAsync(LaneStart start, ImmutableArray<Fix> rows)
    {
        // Another owner of the lane may have committed rows that this memory lacks, so a new start means a fresh look (ADR 3).
        if (start != _start) Restart(start);
        if (_memory is not { } memory || tenants.Find(_tenant) is not { } rules) return ValueTask.FromResult(Behind);

        var result = memory.Fold(rows, rules, time.GetUtcNow());
        return ValueTask.FromResult(Answer(memory, result, rules));
    }

    public async Task<VehicleAnswer> CatchUpAsync(LaneStart start, PositionKey? from)
    {
        if (start != _start) Restart(start);
        if (tenants.Find(_tenant) is not { } rules) return Behind;

        if (_memory is { } memory && from is { } missed && missed > memory.Before)
        {
            // What it was not told of lies within what it remembers: the known rows among these change nothing.
            var result = memory.Fold(await recovery.ReadRowsAsync(_tenant, _vehicleId, missed), rules, time.GetUtcNow());
            if (!result.IsBehind) return Answer(memory, result, rules);
        }

        _memory = null;
        (memory, var caughtUp) = await recovery.RebuildAsync(_tenant, _vehicleId, from, rules);
        _memory = memory;
        return Answer(memory, caughtUp, rules);
    }

    public ValueTask<VehicleAnswer> ElapseAsync(LaneStart start)
    {
        if (start != _start) Restart(start);
        if (_memory is not { } memory || tenants.Find(_tenant) is not { } rules) return ValueTask.FromResult(Behind);
        return ValueTask.FromResult(Answer(memory, memory.Elapse(rules, time.GetUtcNow()), rules));
    }

    public ValueTask<LiveVehicle?> GetLiveAsync() =>
        ValueTask.FromResult(_memory is { } memory ? VehiclePolicy.ToLive(memory.State, _tenant, _vehicleId, tenants.Find(_tenant)?.OptionsOf(_vehicleId) ?? options.Value) : null);

    public async Task<VehicleCounters?> GetCountersAsync()
    {
        // The lane tells a vehicle what is new to it; whoever only asks gets a memory of his own.
        var rules = tenants.Find(_tenant) ?? await LoadedRulesAsync();
        var memory = _memory ?? (await recovery.RebuildAsync(_tenant, _vehicleId, null, rules)).Memory;
        return VehiclePolicy.CountersOf(memory.State, _vehicleId, time.GetUtcNow(), rules);
    }

    private async Task<TenantRules> LoadedRulesAsync()
    {
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        tenants.Changed += OnChanged;
        try
        {
            if (tenants.Find(_tenant) is { } known) return known;
            await loaded.Task.WaitAsync(MostRulesWait, time);
            return tenants.Find(_tenant) ?? throw new TimeoutException($"the rules of tenant {_tenant} are not loaded");
        }
        finally
        {
            tenants.Changed -= OnChanged;
        }

        void OnChanged(string tenant)
        {
            if (string.Equals(tenant, _tenant, StringComparison.Ordinal)) loaded.TrySetResult();
        }
    }

    private VehicleAnswer Answer(VehicleMemory memory, FoldResult result, TenantRules rules)
    {
        if (result.IsBehind)
        {
            _memory = null;
            return Behind;
        }

        if (result.Failure is { } failure)
        {
            metrics.RowFailed();
            LogRowFailed(failure, _vehicleId);
        }

        return new VehicleAnswer
        {
            Live = memory.Live(rules),
            Outcomes = [.. result.Writes],
            Snapshots = result.Checkpoints.Count == 0 ? [] : [.. result.Checkpoints.Select(checkpoint => new VehicleSnapshot(checkpoint.Head, states.Serialize(checkpoint.State)))],
            DueAt = memory.DueAt(rules, time.GetUtcNow()),
            MindsRules = memory.MindsRules,
            OptionsStamp = StampOf(rules.OptionsOf(_vehicleId)),
        };
    }

    private int StampOf(VehicleOptions options)
    {
        if (!ReferenceEquals(options, _stamped)) (_stamped, _stamp) = (options, options.GetHashCode());
        return _stamp;
    }

    private void Restart(LaneStart start)
    {
        _memory = null;
        _start = start;
        // The lane moved and left this activation behind: let the next call find it beside its lane.
        if (!start.Silo.Equals(silo.SiloAddress)) this.MigrateOnIdle();
    }

    [LoggerMessage(2758, LogLevel.Error, "A fix of vehicle {Vehicle} could not be judged; it is stored and left out")]
    private partial void LogRowFailed(Exception error, string vehicle);
}
