using System.CommandLine;
using System.Diagnostics;
using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Bench;

/// <param name="NanosecondsPerFix">Of the round that was disturbed least.</param>
/// <param name="MedianNanosecondsPerFix">Of all rounds.</param>
/// <param name="OutcomesPerFix">What was said, also several times of one outcome.</param>
internal sealed record PolicyRow(string What, double NanosecondsPerFix, double MedianNanosecondsPerFix, double BytesPerFix, double OutcomesPerFix);

internal sealed record PolicyResult(int Fences, int Vehicles, int FixesPerVehicle, int Rounds, IReadOnlyList<PolicyRow> Rows);

/// <summary>What the fold of one fix costs, in time and in memory that must be collected again.</summary>
internal static class PolicyBench
{
    private static readonly Option<int> Fences = new("--fences") { Description = "Fences in the vehicles' city.", DefaultValueFactory = _ => 1_000 };
    private static readonly Option<int> Vehicles = new("--vehicles") { DefaultValueFactory = _ => 50 };
    private static readonly Option<int> Fixes = new("--fixes") { Description = "Of each vehicle.", DefaultValueFactory = _ => 1_000 };
    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 15 };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("policy", "Time and memory of the fold of a fix.") { Fences, Vehicles, Fixes, Rounds, JsonFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (fences, vehicles, fixes, rounds) = (parsed.GetRequiredValue(Fences), parsed.GetRequiredValue(Vehicles), parsed.GetRequiredValue(Fixes), parsed.GetRequiredValue(Rounds));
        var rules = TenantRules.None with { Fences = CityDrive.Fences(fences) };
        var rows = new List<PolicyRow>();
        foreach (var (name, attributes) in ((string, string?)[])[("bare", null), ("attributes", """{"satellites":11,"hdop":0.8,"battery":87}""")])
        {
            cancellationToken.ThrowIfCancellationRequested();
            var drives = Enumerable.Range(0, vehicles).Select(seed => CityDrive.Rows(seed, fixes, attributes)).ToArray();
            rows.Add(Measure($"{name}: state", drives, rounds, drive => FoldStates(drive, rules, null)));
            rows.Add(Measure($"{name}: state and drafts", drives, rounds, drive => FoldStates(drive, rules, new OutcomeDrafts())));
            rows.Add(Measure($"{name}: memory, row by row", drives, rounds, drive => FoldMemory(drive, rules)));
        }

        await Results.WriteAsync(new PolicyResult(fences, vehicles, fixes, rounds, rows), parsed.GetValue(JsonFile));
        return 0;
    }

    private static PolicyRow Measure(string what, Fix[][] drives, int rounds, Func<Fix[], int> fold)
    {
        var (times, fixes, outcomes, bytes) = (new List<double>(), drives.Sum(drive => drive.Length), 0, 0L);
        for (var round = 0; round < rounds; round++)
        {
            // What was left by the round before is not this one's to collect.
            GC.Collect();
            var (allocated, begun) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            outcomes = drives.Sum(fold);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalNanoseconds / fixes);
            bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        return new PolicyRow(what, Math.Round(times.Min()), Math.Round(Results.Median(times)), Math.Round((double)bytes / fixes, 1), Math.Round((double)outcomes / fixes, 4));
    }

    private static int FoldStates(Fix[] rows, TenantRules rules, OutcomeDrafts? drafts)
    {
        var (state, said) = (new VehicleState(), 0);
        foreach (var row in rows)
        {
            VehiclePolicy.Fold(state, row, rules, drafts);
            if (drafts is not { Count: > 0 }) continue;
            said += drafts.Count;
            drafts.Clear();
        }

        return said;
    }

    private static int FoldMemory(Fix[] rows, TenantRules rules)
    {
        var (memory, one, said) = (VehicleMemory.Begin("default", rows[0].VehicleId, null), new Fix[1], 0);
        foreach (var row in rows)
        {
            one[0] = row;
            said += memory.Fold(one, rules, row.ReceivedAt).Writes.Count;
        }

        return said;
    }
}
