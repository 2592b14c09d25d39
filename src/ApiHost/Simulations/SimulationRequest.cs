using System.Text.Json;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.Simulations;

/// <summary>Reads which vehicles and what time a simulation is for.</summary>
internal sealed class SimulationRequest(IFleetStore fleet, IOptions<SimulationOptions> options, IOptions<FixOptions> fixes, TimeProvider time)
{
    /// <summary>The scope, or <c>null</c> when something is wrong with it; all of that is told.</summary>
    public async Task<SimulationScope?> ReadAsync(string tenant, JsonFields fields, CancellationToken cancellationToken)
    {
        var parameters = fields.Parameters;
        var (from, to) = (Instant(fields, "from"), Instant(fields, "to"));
        if (from is { } start && to is { } end)
        {
            if (start >= end) fields.Refuse("from", $"must be before to, was '{Rfc3339.Write(start)}'");
            else if (end - start > options.Value.MaxSpan) fields.Refuse("to", $"must be at most {options.Value.MaxSpan.TotalDays:0.##} days after from, was '{Rfc3339.Write(end)}'");
            var oldest = time.GetUtcNow() - fixes.Value.Retention;
            if (end < oldest) fields.Refuse("to", $"must not be before {Rfc3339.Write(oldest)}: history from before is not kept, was '{Rfc3339.Write(end)}'");
        }

        var ids = fields.Items("vehicleIds", options.Value.MaxVehicles).ToList();
        var group = fields.Text("group", 200);
        if (ids.Count > 0 == group is not null) fields.Refuse("vehicleIds", "or group must be given, and not both");
        var texts = ids.Where(id => id.Item.ValueKind == JsonValueKind.String).Select(id => id.Item.GetString()!).ToList();
        var unknown = await fleet.FindUnknownVehiclesAsync(tenant, texts, cancellationToken);
        foreach (var (path, item) in ids)
        {
            if (item.ValueKind != JsonValueKind.String) parameters.Refuse(path, $"must be text, was {JsonFields.Shown(item)}");
            else if (unknown.Contains(item.GetString()!)) parameters.Refuse(path, $"is no vehicle of yours, was {JsonFields.Shown(item)}");
        }

        if (!parameters.IsValid) return null;
        if (group is null) return new SimulationScope(tenant, [.. ids.Select(id => id.Item.GetString()!).Distinct(StringComparer.Ordinal)], from!.Value, to!.Value);
        var vehicles = await fleet.ListVehiclesAsync(new VehicleQuery { Tenant = tenant, Group = group, Limit = options.Value.MaxVehicles + 1 }, cancellationToken);
        if (vehicles.Count == 0) parameters.Refuse("group", $"has no vehicle, was '{group}'");
        var scope = new SimulationScope(tenant, [.. vehicles.Take(options.Value.MaxVehicles).Select(vehicle => vehicle.Id)], from!.Value, to!.Value);
        if (vehicles.Count > options.Value.MaxVehicles) scope.Cut.Add($"Only the first {options.Value.MaxVehicles} vehicles of group '{group}' were looked at.");
        return parameters.IsValid ? scope : null;
    }

    private static DateTimeOffset? Instant(JsonFields fields, string name) =>
        fields.Required(name) is null || fields.Text(name, 64) is not { } text ? null : fields.Parameters.Instant(fields.PathOf(name), text);
}
