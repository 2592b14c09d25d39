using System.Globalization;

namespace FleetTracker.Simulation;

/// <summary>The server's own count of what became of the fixes, read from its metrics page and put into the judge's groups.</summary>
public static class IngestionMetric
{
    public const string Name = "fleettracker_ingestion_fixes_total";

    public static IReadOnlyDictionary<SourceGroup, long> Parse(string page)
    {
        ArgumentNullException.ThrowIfNull(page);
        var counts = new Dictionary<SourceGroup, long>();
        foreach (var line in page.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(Name, StringComparison.Ordinal) || line.Length == Name.Length || line[Name.Length] is not ('{' or ' ')) continue;

            var text = line.ToString();
            var group = GroupOf(Label(text, "outcome"), Label(text, "reason"));
            counts[group] = counts.GetValueOrDefault(group) + Value(text);
        }

        return counts;
    }

    /// <summary>The reason is the finer word where there is one: "filtered" alone would not say why.</summary>
    internal static SourceGroup GroupOf(string outcome, string reason) => (Plain(outcome), Plain(reason)) switch
    {
        (_, "noposition") => SourceGroup.WithoutPosition,
        (_, "nullisland") => SourceGroup.NullIsland,
        (_, "beyondwindow") => SourceGroup.BeyondWindow,
        ("accepted", _) => SourceGroup.InOrder,
        ("late", _) => SourceGroup.Late,
        ("duplicate", _) => SourceGroup.Duplicate,
        _ => SourceGroup.Rejected,
    };

    private static string Plain(string word) =>
        word.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string Label(string line, string name)
    {
        var start = line.IndexOf($"{name}=\"", StringComparison.Ordinal);
        if (start < 0) return "";
        start += name.Length + 2;
        return line[start..line.IndexOf('"', start)];
    }

    /// <summary><c>name{labels} value [timestamp]</c></summary>
    private static long Value(string line)
    {
        var labelsEnd = line.LastIndexOf('}');
        var rest = labelsEnd < 0 ? line[Name.Length..] : line[(labelsEnd + 1)..];
        var value = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return (long)double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
