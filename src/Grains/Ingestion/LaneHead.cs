using FleetTracker.Vehicles;

namespace FleetTracker.Ingestion;

/// <summary>Whether a vehicle's memory is the fold of all rows that its lane has looked at.</summary>
internal enum VehiclePhase : byte
{
    /// <summary>Rows are not handed to it; it will read them.</summary>
    Behind = 0,

    /// <summary>It is reading them.</summary>
    CatchingUp = 1,

    /// <summary>Rows are handed to it as they are committed.</summary>
    Current = 2,
}

/// <summary>What a lane knows of one of its vehicles.</summary>
internal sealed class LaneHead(string tenant, string vehicleId, IVehicleGrain vehicle)
{
    public string Tenant => tenant;

    public string VehicleId => vehicleId;

    public IVehicleGrain Vehicle => vehicle;

    /// <summary>The newest accepted row.</summary>
    public Fix? Newest { get; set; }

    public VehiclePhase Phase { get; set; }

    /// <summary>It waits in the list of those that are behind.</summary>
    public bool IsListed { get; set; }

    /// <summary>Its memory is gone, or not to be trusted: the newest checkpoint is where it begins again.</summary>
    public bool MustForget { get; set; } = true;

    /// <summary>The oldest row that it was not told of; <c>null</c> when there is none.</summary>
    public PositionKey? OldestMissed { get; set; }

    /// <summary>Commits up to this number are in what its catch-up reads.</summary>
    public long ReadThrough { get; set; }

    /// <summary>The lane's work, counted, that carries the newest outcomes that it said.</summary>
    public long SaidIn { get; set; }

    public DateTimeOffset CaughtUpAt { get; set; }

    /// <summary>Before this it is not caught up again.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>When it wants to look at the clock; <c>null</c> = never.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>Its earliest entry in the lane's list of due times; <c>null</c> when it has none.</summary>
    public DateTimeOffset? ListedDue { get; set; }

    public bool MindsRules { get; set; }

    /// <summary>Of the thresholds that it has looked at the clock with.</summary>
    public int OptionsStamp { get; set; }

    public void Miss(PositionKey row)
    {
        if (OldestMissed is null || row < OldestMissed) OldestMissed = row;
    }
}
