using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>Which sensors a vehicle of the caller's has.</summary>
internal sealed class SensorRequest(ClaimsPrincipal user, IFleetStore fleet, TenantRulesReader rules)
{
    public string Tenant { get; } = user.TenantOf();

    /// <summary>By name; <c>null</c>: there is no such vehicle.</summary>
    public async Task<IReadOnlyList<CompiledSensor>?> ListAsync(string vehicleId, CancellationToken cancellationToken)
    {
        if (await fleet.FindVehicleAsync(Tenant, vehicleId, cancellationToken) is not { } vehicle) return null;
        if (await rules.ReadAsync(Tenant, cancellationToken) is not { } read) return [];
        return
        [
            .. read.Rules.Sensors.All.Where(sensor => sensor.Definition.Scope.Has(vehicleId, vehicle.Groups))
                .OrderBy(sensor => sensor.Definition.Name, StringComparer.Ordinal).ThenBy(sensor => sensor.Definition.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>The sensor, or what the caller is told.</summary>
    public async Task<(CompiledSensor? Sensor, IResult? Problem)> FindAsync(string vehicleId, string sensorId, CancellationToken cancellationToken)
    {
        if (await ListAsync(vehicleId, cancellationToken) is not { } sensors) return (null, VehicleProblems.NotFound(vehicleId));
        var found = sensors.FirstOrDefault(sensor => string.Equals(sensor.Definition.Id, sensorId, StringComparison.Ordinal));
        return found is null ? (null, SensorProblems.NotOfVehicle(sensorId, vehicleId)) : (found, null);
    }
}
