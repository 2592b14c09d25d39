using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Simulations;

/// <summary>A stay inside that was too short to count.</summary>
public sealed record ShortStay(DateTimeOffset EnteredAt, TimeSpan Duration);

/// <summary>What a fence would have said of one vehicle.</summary>
/// <param name="Events">By time.</param>
/// <param name="FlapsWithoutDwell">The same if every fix counted at once.</param>
/// <param name="ShortStays">Stays inside that are shorter than the dwell and belong to no visit.</param>
public sealed record SimulatedVehicle(
    string VehicleId, int Rows, IReadOnlyList<OutcomeDraft> Events, IReadOnlyList<SimulatedVisit> Visits, int Flaps, int FlapsWithoutDwell,
    IReadOnlyList<ShortStay> ShortStays);

/// <summary>
/// Runs a fence over history before anybody depends on it, with the same fold that will run it. Vehicles one after the other: begin, rows in order,
/// end. Pure.
/// </summary>
public sealed class FenceSimulation
{
    /// <summary>Beyond this no threshold that is tried makes a difference, in meters.</summary>
    private const double NearMeters = 250;

    /// <summary>After this everything that a stay or an absence could decide is decided.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(6);

    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(5);

    private readonly FenceCandidate _asked;
    private readonly FenceCandidate _atOnce;
    private readonly FenceTuning _tuning;
    private readonly Samples _accuracies = new();
    private readonly Samples _intervals = new();
    private readonly Samples _speeds = new();
    private readonly List<Fix> _stretch = [];
    private VehicleState? _beforeStretch;
    private DateTimeOffset _nearAt;
    private DateTimeOffset _from;
    private string _vehicleId = "";
    private FenceRun? _run;
    private FenceRun? _runAtOnce;
    private Fix? _last;
    private int _rows;

    /// <param name="definition">It counts at all times, whatever its validity says.</param>
    /// <param name="rules">Thresholds and groups; their fences are not looked at.</param>
    /// <param name="mostTuningRows">Rows near the fence for which thresholds are tried, each about thirty times.</param>
    public FenceSimulation(Geofence definition, TenantRules rules, int mostTuningRows)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(rules);
        definition = definition with { ValidFrom = DateTimeOffset.MinValue, ValidTo = null };
        _asked = new FenceCandidate(definition, rules);
        _atOnce = new FenceCandidate(definition with { Rules = definition.Rules with { MinDwell = TimeSpan.Zero } }, rules);
        _tuning = new FenceTuning(definition, rules, mostTuningRows);
    }

    public Fence Fence => _asked.Fence;

    /// <summary>What is typical of fixes that say how accurate they are; <c>null</c> = none did.</summary>
    public double? TypicalAccuracyMeters => _accuracies.Median;

    /// <summary>Seconds between two fixes of a vehicle that moves.</summary>
    public double? TypicalIntervalSeconds => _intervals.Median;

    /// <summary>Of vehicles that move near the fence.</summary>
    public double? TypicalSpeedMetersPerSecond => _speeds.Median;

    public FenceSuggestion? Suggestion => _tuning.Suggestion;

    /// <param name="from">What happens before is for warming up and is not told.</param>
    public void Begin(string vehicleId, DateTimeOffset from)
    {
        (_vehicleId, _from, _last, _rows, _beforeStretch) = (vehicleId, from, null, 0, null);
        _run = new FenceRun(_asked, vehicleId, new VehicleState(), from);
        _runAtOnce = new FenceRun(_atOnce, vehicleId, new VehicleState(), from);
        _stretch.Clear();
    }

    public void Take(Fix row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Verdict == FixVerdict.BeyondWindow) return;
        _rows++;
        var isNear = IsNear(row);
        if (isNear) _nearAt = row.FixedAt;
        if (isNear && _beforeStretch is null) _beforeStretch = _run!.State.Clone();
        if (_beforeStretch is not null && _tuning.HasRoom(_stretch.Count + 1)) _stretch.Add(row);

        _run!.Take(row);
        _runAtOnce!.Take(row);
        Watch(row, isNear);
        if (_beforeStretch is not null && !isNear && row.FixedAt - _nearAt > Settling && _run.State.Visits.Length == 0) EndStretch(cancellationToken);
        if (row.Verdict == FixVerdict.Accepted) _last = row;
    }

    /// <param name="until">Through when the rows were complete.</param>
    /// <param name="cancellationToken">Ends the trying of thresholds.</param>
    public SimulatedVehicle End(DateTimeOffset until, CancellationToken cancellationToken)
    {
        EndStretch(cancellationToken);
        _run!.End(until);
        _runAtOnce!.End(until);
        var (visits, atOnce) = (_run.Visits, _runAtOnce.Visits);
        List<ShortStay> tooShort =
        [
            .. from visit in atOnce
               where visit.EndReason == "left" && visit.EnteredAt >= _from && !visits.Exists(visit.Overlaps)
               select new ShortStay(visit.EnteredAt, visit.Duration!.Value),
        ];
        return new SimulatedVehicle(_vehicleId, _rows, [.. _run.Events], visits, Flaps.Count(visits), Flaps.Count(atOnce), tooShort);
    }

    private void EndStretch(CancellationToken cancellationToken)
    {
        if (_beforeStretch is { } before && _stretch.Count > 0) _tuning.Take(_vehicleId, before, _stretch, _from, cancellationToken);
        _beforeStretch = null;
        _stretch.Clear();
    }

    private bool IsNear(Fix row)
    {
        if (row.Verdict != FixVerdict.Accepted) return _beforeStretch is not null && row.FixedAt - _nearAt <= Settling;
        var (latitude, longitude) = (row.Latitude!.Value, row.Longitude!.Value);
        if (Fence.MetersOutside(latitude, longitude) <= NearMeters) return true;
        return _last is { } last && Fence.MetersInside(last.Latitude!.Value, last.Longitude!.Value, latitude, longitude) > 0;
    }

    private void Watch(Fix row, bool isNear)
    {
        if (row.Verdict != FixVerdict.Accepted) return;
        if (row.AccuracyMeters is > 0 and var accuracy) _accuracies.Add(accuracy);
        var options = _asked.Rules.OptionsOf(_vehicleId);
        if (!(row.SpeedMetersPerSecond >= options.MovingSpeedMetersPerSecond) || row.SpeedMetersPerSecond > options.MaxSpeedMetersPerSecond) return;
        if (isNear) _speeds.Add(row.SpeedMetersPerSecond.Value);
        if (_last is { } last && row.FixedAt - last.FixedAt is { Ticks: > 0 } gap && gap < LongestInterval) _intervals.Add(gap.TotalSeconds);
    }
}
