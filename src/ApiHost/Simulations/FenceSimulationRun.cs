using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Vehicles;

namespace FleetTracker.Simulations;

/// <summary>Runs one fence over a scope and gathers the answer, bounded.</summary>
internal sealed class FenceSimulationRun(FenceSimulation simulation, SimulationScope scope, int maxListed)
{
    private const string Cross = "geofence.cross";

    private readonly List<FenceVehicleView> _vehicles = [];
    private readonly List<SimulatedEventView> _events = [];
    private readonly List<SimulatedVisitView> _visits = [];
    private readonly List<MissedPassView> _missed = [];
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private int _visitCount;
    private int _flaps;
    private int _flapsWithoutDwell;
    private int _tooShort;

    public async Task<FenceSimulationView> RunAsync(SimulatedHistory history, CancellationToken cancellationToken)
    {
        await history.ReadAsync(
            scope, vehicleId => simulation.Begin(vehicleId, scope.From), row => simulation.Take(row, cancellationToken),
            until => Add(simulation.End(until, cancellationToken)), cancellationToken);
        if (_events.Count == maxListed || _visits.Count == maxListed || _missed.Count == maxListed)
            scope.Cut.Add($"Of events, visits and missed passes the first {maxListed} are listed; all are counted.");
        return new FenceSimulationView(
            history.Rows, _counts, _visitCount, new FlapsView(_flaps, _flapsWithoutDwell),
            new MissedPassesView(_counts.GetValueOrDefault(Cross), _tooShort, _missed), SuggestionOf(simulation.Suggestion),
            new SeenView(Rounded(simulation.TypicalAccuracyMeters), Rounded(simulation.TypicalIntervalSeconds), Rounded(simulation.TypicalSpeedMetersPerSecond)),
            [
                .. FenceLinter.Check(simulation.Fence, simulation.TypicalAccuracyMeters, simulation.TypicalIntervalSeconds, simulation.TypicalSpeedMetersPerSecond)
                    .Select(warning => new GeofenceWarning(warning.Code, warning.Text)),
            ],
            _vehicles, _events, _visits, scope.Cut);
    }

    private void Add(SimulatedVehicle vehicle)
    {
        var counts = vehicle.Events.CountBy(happened => happened.Kind, StringComparer.Ordinal).OrderBy(kind => kind.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        foreach (var (kind, count) in counts) _counts[kind] = _counts.GetValueOrDefault(kind) + count;
        _vehicles.Add(new FenceVehicleView(
            vehicle.VehicleId, vehicle.Rows, counts, vehicle.Visits.Count, vehicle.Flaps, vehicle.FlapsWithoutDwell, vehicle.ShortStays.Count));
        _visitCount += vehicle.Visits.Count;
        _flaps += vehicle.Flaps;
        _flapsWithoutDwell += vehicle.FlapsWithoutDwell;
        _tooShort += vehicle.ShortStays.Count;

        _events.AddRange(vehicle.Events.Take(maxListed - _events.Count).Select(happened => EventOf(vehicle.VehicleId, happened)));
        _visits.AddRange(vehicle.Visits.Take(maxListed - _visits.Count).Select(visit => new SimulatedVisitView(
            vehicle.VehicleId, visit.EnteredAt, visit.ExitedAt, visit.Duration?.TotalSeconds, visit.EndReason)));
        _missed.AddRange(vehicle.Events.Where(happened => string.Equals(happened.Kind, Cross, StringComparison.Ordinal))
            .Select(crossed => new MissedPassView(vehicle.VehicleId, "crossed", crossed.At.FixedAt, null))
            .Concat(vehicle.ShortStays.Select(stay => new MissedPassView(vehicle.VehicleId, "too-short", stay.EnteredAt, stay.Duration.TotalSeconds)))
            .OrderBy(pass => pass.At).Take(maxListed - _missed.Count));
    }

    private static SimulatedEventView EventOf(string vehicleId, OutcomeDraft happened) =>
        new(vehicleId, happened.Kind, happened.At.FixedAt, JsonElement.Parse(happened.Evidence));

    private static SuggestionView? SuggestionOf(FenceSuggestion? suggestion) => suggestion is null
        ? null
        : new SuggestionView(suggestion.MinDwell.TotalSeconds, suggestion.MarginMeters, suggestion.Flaps, suggestion.LostVisits, suggestion.IsPartial);

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, 1) : null;
}
