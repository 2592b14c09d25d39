using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>One file of expected transitions against what the engine says.</summary>
internal sealed record VerifyResult(string Reference, int Equal, int Missing, int Extra);

/// <summary>
/// Holds the engine against transitions that were computed elsewhere: raw fixes in time order, no filter, no dwell, no margin; an edge is inside, and
/// exits come before enters at one fix.
/// </summary>
internal static class VerifyCommand
{
    private static readonly Option<DirectoryInfo> Data = new("--data")
    {
        Description = "Has traces/TRACE.csv.gz, geofences/FENCES.geojson and reference/geofence_transitions.TRACE.FENCES.csv.",
        Required = true,
    };

    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("verify", "Transitions of recorded vehicles against expected ones. Fails on any difference.") { Data, JsonFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var data = parsed.GetRequiredValue(Data).FullName;
        var references = Directory.GetFiles(Path.Combine(data, "reference"), "geofence_transitions.*.csv").Order(StringComparer.Ordinal).ToArray();
        if (references.Length == 0)
        {
            await Console.Error.WriteLineAsync($"{data} has no reference/geofence_transitions.*.csv.");
            return 2;
        }

        var results = new List<VerifyResult>();
        foreach (var reference in references)
        {
            cancellationToken.ThrowIfCancellationRequested();
            results.Add(await VerifyAsync(data, reference));
        }

        await Console.Out.WriteLineAsync($"{"trace and fences",-60}{"equal",8}{"missing",8}{"extra",8}");
        foreach (var result in results) await Console.Out.WriteLineAsync($"{result.Reference,-60}{result.Equal,8}{result.Missing,8}{result.Extra,8}");
        if (parsed.GetValue(JsonFile) is { } file) await Results.WriteAsync(results, file);
        return results.TrueForAll(result => result is { Equal: > 0, Missing: 0, Extra: 0 }) ? 0 : 1;
    }

    private static async Task<VerifyResult> VerifyAsync(string data, string reference)
    {
        var names = Path.GetFileNameWithoutExtension(reference).Split('.');
        var fences = Fences(Path.Combine(data, "geofences", names[2] + ".geojson"));
        var expected = File.ReadLines(reference).Skip(1).ToArray();
        // A reference may begin later than its trace.
        var fixes = Fixes(Path.Combine(data, "traces", names[1] + ".csv.gz"), names[1] == "capmetro_bus_austin" ? CapMetroFrom : default);
        var seen = Transitions(fixes, fences).ToArray();

        var left = expected.CountBy(line => line, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var extra = new List<string>();
        foreach (var line in seen)
        {
            if (left.GetValueOrDefault(line) == 0) extra.Add("extra   " + line);
            else left[line]--;
        }

        var missing = left.SelectMany(line => Enumerable.Repeat("missing " + line.Key, line.Value)).ToArray();
        foreach (var line in missing.Concat(extra).Take(10)) await Console.Error.WriteLineAsync(line);
        return new VerifyResult(string.Join('.', names[1..]), expected.Length - missing.Length, missing.Length, extra.Count);
    }

    private static readonly DateTimeOffset CapMetroFrom = new(2017, 4, 18, 17, 0, 0, TimeSpan.Zero);

    private static FenceSnapshot Fences(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        return FenceSnapshot.Build([.. file.RootElement.GetProperty("features").EnumerateArray().Select(Fence)]);
    }

    private static Fence Fence(JsonElement feature)
    {
        var id = feature.GetProperty("id").ToString();
        var definition = new Geofence
        {
            Id = id, Tenant = "verify", Name = id, Version = 1, ValidFrom = DateTimeOffset.MinValue, ShapeKind = GeofenceShapeKind.Area,
            Geometry = feature.GetProperty("geometry").GetRawText(),
        };
        try
        {
            return Geofences.Fence.Compile(definition);
        }
        catch (FenceGeometryException)
        {
            // Published outlines may cross themselves. What is inside of one is still decided, by counting crossings.
            return Geofences.Fence.CompileUnchecked(definition);
        }
    }

    private static List<CsvRow> Fixes(string path, DateTimeOffset from)
    {
        using var reader = TraceFile.Open(path);
        return [.. CsvTrace.Rows(reader).Where(row => row.FixedAt >= from)];
    }

    private static IEnumerable<string> Transitions(List<CsvRow> fixes, FenceSnapshot fences)
    {
        var near = new List<Fence>();
        foreach (var vehicle in fixes.GroupBy(fix => fix.Vehicle, StringComparer.Ordinal))
        {
            HashSet<string>? inside = null;
            // Fixes of the same time stay as they came.
            foreach (var fix in vehicle.OrderBy(fix => fix.FixedAt))
            {
                near.Clear();
                fences.Near(fix.Latitude, fix.Longitude, fix.Latitude, fix.Longitude, near);
                var now = near.Where(fence => fence.Covers(fix.Latitude, fix.Longitude)).Select(fence => fence.Definition.Id).ToHashSet(StringComparer.Ordinal);
                var at = Time(fix.FixedAt);
                if (inside is null)
                {
                    foreach (var id in now) yield return $"{vehicle.Key},{at},{id},initial";
                }
                else
                {
                    foreach (var id in inside.Except(now, StringComparer.Ordinal)) yield return $"{vehicle.Key},{at},{id},exit";
                    foreach (var id in now.Except(inside, StringComparer.Ordinal)) yield return $"{vehicle.Key},{at},{id},enter";
                }

                inside = now;
            }
        }
    }

    private static string Time(DateTimeOffset at) => at.ToString(
        at.Millisecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
