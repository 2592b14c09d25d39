using System.Collections.Frozen;
using System.Collections.Immutable;

namespace FleetTracker.Sensors;

/// <summary>The sensors of a tenant's vehicles, made ready: what is watched on a vehicle is one look-up. Immutable.</summary>
public sealed class SensorSet
{
    public static readonly SensorSet Empty = new([], [], FrozenDictionary<string, CompiledSensor[]>.Empty);

    private readonly CompiledSensor[] _ofEveryone;
    private readonly FrozenDictionary<string, CompiledSensor[]> _ofVehicles;

    private SensorSet(ImmutableArray<CompiledSensor> all, CompiledSensor[] ofEveryone, FrozenDictionary<string, CompiledSensor[]> ofVehicles) =>
        (All, _ofEveryone, _ofVehicles) = (all, ofEveryone, ofVehicles);

    /// <summary>By id.</summary>
    public ImmutableArray<CompiledSensor> All { get; }

    /// <param name="sensors">In any order.</param>
    /// <param name="groups">Groups of vehicles that are in any, by vehicle id.</param>
    /// <param name="leftOut">Told of each that makes no sense: it takes no other with it.</param>
    public static SensorSet Build(IEnumerable<Sensor> sensors, IReadOnlyDictionary<string, ImmutableArray<string>> groups, Action<Sensor, Exception> leftOut)
    {
        ArgumentNullException.ThrowIfNull(sensors);
        ArgumentNullException.ThrowIfNull(groups);
        var all = Compile(sensors, leftOut);
        if (all.IsEmpty) return Empty;

        // In the order of ids, which is that of the steps' words.
        var watched = all.Where(sensor => sensor.IsWatched).ToArray();
        var named = watched.Where(sensor => !sensor.Definition.Scope.IsEveryone).ToArray();
        var vehicles = new Dictionary<string, CompiledSensor[]>(StringComparer.Ordinal);
        foreach (var vehicleId in named.SelectMany(sensor => sensor.Definition.Scope.VehicleIds).Concat(WithGroups(named, groups)))
        {
            if (vehicles.ContainsKey(vehicleId)) continue;
            var own = groups.TryGetValue(vehicleId, out var of) ? of : [];
            vehicles[vehicleId] = [.. watched.Where(sensor => sensor.Definition.Scope.Has(vehicleId, own))];
        }

        return new SensorSet(all, [.. watched.Where(sensor => sensor.Definition.Scope.IsEveryone)], vehicles.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Those of a vehicle of which something may be told, by id.</summary>
    internal CompiledSensor[] WatchedOf(string vehicleId) => _ofVehicles.TryGetValue(vehicleId, out var own) ? own : _ofEveryone;

    private static ImmutableArray<CompiledSensor> Compile(IEnumerable<Sensor> sensors, Action<Sensor, Exception> leftOut)
    {
        var compiled = ImmutableArray.CreateBuilder<CompiledSensor>();
        foreach (var sensor in sensors.OrderBy(sensor => sensor.Id, StringComparer.Ordinal))
        {
            try
            {
                compiled.Add(CompiledSensor.Compile(sensor));
            }
            catch (SensorException error)
            {
                leftOut(sensor, error);
            }
        }

        return compiled.ToImmutable();
    }

    private static IEnumerable<string> WithGroups(CompiledSensor[] named, IReadOnlyDictionary<string, ImmutableArray<string>> groups)
    {
        var wanted = named.SelectMany(sensor => sensor.Definition.Scope.Groups).ToFrozenSet(StringComparer.Ordinal);
        return wanted.Count == 0 ? [] : groups.Where(vehicle => vehicle.Value.Any(wanted.Contains)).Select(vehicle => vehicle.Key);
    }
}
