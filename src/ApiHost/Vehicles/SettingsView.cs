using System.Text.Json;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

/// <summary>The thresholds that count, and what is overridden here. Spans of time are in seconds.</summary>
/// <param name="Effective">Every setting.</param>
/// <param name="Overridden">What this level overrides; send the same shape to change it.</param>
/// <param name="UpdatedAt">When it was last changed; <c>null</c> = nothing is overridden.</param>
public sealed record SettingsView(
    IReadOnlyDictionary<string, SettingView> Effective, IReadOnlyDictionary<string, object?> Overridden, DateTimeOffset? UpdatedAt);

/// <param name="Value">A number, true or false, or <c>null</c> for never.</param>
/// <param name="From"><c>installation</c>, <c>tenant</c> or <c>vehicle</c>.</param>
public sealed record SettingView(object? Value, string From);

/// <summary>Options of the installation with what lies over them, one level after the other.</summary>
internal sealed class SettingsLevels(VehicleOptions installation)
{
    private readonly Dictionary<string, string> _from = VehicleSettings.Names.ToDictionary(name => name, _ => "installation", StringComparer.Ordinal);

    public VehicleOptions Options { get; private set; } = installation;

    /// <summary>What is stored and makes no sense any more changes nothing, as on the silos.</summary>
    public SettingsLevels With(string level, string settings)
    {
        using var overridden = JsonDocument.Parse(settings);
        var problems = new List<SettingProblem>();
        var options = VehicleSettings.Apply(Options, overridden.RootElement, problems);
        if (problems.Count > 0) return this;
        Options = options;
        foreach (var setting in overridden.RootElement.EnumerateObject()) _from[setting.Name] = level;
        return this;
    }

    public SettingsView View(StoredSettings own)
    {
        using var overridden = JsonDocument.Parse(own.Settings);
        return new SettingsView(
            VehicleSettings.Read(Options).ToDictionary(setting => setting.Key, setting => new SettingView(setting.Value, _from[setting.Key]), StringComparer.Ordinal),
            overridden.RootElement.EnumerateObject().ToDictionary(setting => setting.Name, setting => (object?)setting.Value.Clone(), StringComparer.Ordinal),
            own.UpdatedAt);
    }
}
