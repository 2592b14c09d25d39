using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>What was said of a trace, in the end.</summary>
internal static class Told
{
    public static TenantRules Rules(params Fence[] fences) => TenantRules.None with { Fences = FenceSnapshot.Build(fences) };

    /// <summary>Row after row as they are received; then nothing more until <paramref name="later"/>.</summary>
    public static Archive Archive(Trace trace, TenantRules rules, TimeSpan later = default)
    {
        var archive = new Archive(rules);
        foreach (var row in trace.Rows) archive.Commit([row], row.ReceivedAt);
        archive.Elapse(trace.Now + later);
        return archive;
    }

    public static List<Outcome> Of(Trace trace, TenantRules rules, TimeSpan later = default) => Sorted(Archive(trace, rules, later).Said);

    /// <summary>Of some kinds alone; <c>geofence.*</c> is all that begin so.</summary>
    public static List<Outcome> Of(Trace trace, TenantRules rules, string kind, TimeSpan later = default) =>
        [.. Of(trace, rules, later).Where(outcome => kind.EndsWith('*') ? outcome.Kind.StartsWith(kind[..^1], StringComparison.Ordinal) : outcome.Kind == kind)];

    public static int Second(this Outcome outcome) => (int)(outcome.At.FixedAt - Trace.Start).TotalSeconds;

    public static int? EndSecond(this Outcome outcome) => outcome.EndedAt is { } at ? (int)(at - Trace.Start).TotalSeconds : null;

    public static double Number(this Outcome outcome, string name)
    {
        using var evidence = JsonDocument.Parse(outcome.Evidence);
        return evidence.RootElement.GetProperty(name).GetDouble();
    }

    public static string? Text(this Outcome outcome, string name)
    {
        using var evidence = JsonDocument.Parse(outcome.Evidence);
        return evidence.RootElement.GetProperty(name).GetString();
    }

    private static List<Outcome> Sorted(IEnumerable<Outcome> said) => [.. said.OrderBy(outcome => outcome.At).ThenBy(outcome => outcome.Kind, StringComparer.Ordinal)];
}
