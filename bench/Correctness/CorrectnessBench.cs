using System.CommandLine;
using System.Globalization;

namespace FleetTracker.Bench;

/// <summary>What the policy makes of recordings, against what is known about them.</summary>
internal sealed record CorrectnessResult(
    IReadOnlyList<TransitionsResult> Transitions, IReadOnlyList<VisitsResult> Visits, IReadOnlyList<TripsResult> Trips, IReadOnlyList<NoiseResult> Noise);

/// <summary>Folds recorded traces as lanes do, and compares with reference results. Says how right it is, not how fast.</summary>
internal static class CorrectnessBench
{
    private static readonly Option<DirectoryInfo> Data = new("--data") { Description = "Folder with traces, geofences and reference.", Required = true };
    private static readonly Option<string?> Only = new("--only") { Description = "One of transitions, visits, trips, noise; default: all." };
    private static readonly Option<bool> Explain = new("--explain") { Description = "Also the policy's reasons." };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("correctness", "What the vehicle policy makes of recordings, against what is known about them.") { Data, Only, Explain, JsonFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var recordings = new Recordings(parsed.GetRequiredValue(Data));
        var (only, explains) = (parsed.GetValue(Only), parsed.GetValue(Explain));
        var result = new CorrectnessResult(
            Asks("transitions") ? await TransitionsAsync(recordings, cancellationToken) : [],
            Asks("visits") ? await VisitsAsync(recordings, explains) : [],
            Asks("trips") ? await TripsAsync(recordings, explains) : [],
            Asks("noise") ? await NoiseAsync(recordings, explains, cancellationToken) : []);
        await Results.WriteAsync(result, parsed.GetValue(JsonFile));
        return result.Transitions.Any(set => set.Missing + set.Extra > 0) ? 1 : 0;

        bool Asks(string part) => only is null || string.Equals(only, part, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<IReadOnlyList<TransitionsResult>> TransitionsAsync(Recordings recordings, CancellationToken cancellationToken)
    {
        // The reference of these buses begins here, before which their clocks were set.
        var from = DateTimeOffset.Parse("2017-04-18T17:00:00Z", CultureInfo.InvariantCulture);
        (string Trace, string Fences, DateTimeOffset From)[] sets =
        [
            ("capmetro_bus_austin", "austin_neighborhoods", from),
            ("cabspotting_taxi_sf", "san_francisco_neighborhoods", default),
            ("trafficsense_phones_helsinki", "helsinki_postal_areas", default),
            ("hsl_hfp_bus_helsinki", "helsinki_postal_areas", default),
        ];
        var results = new List<TransitionsResult>();
        foreach (var (trace, fences, begin) in sets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (recordings.Has($"reference/geofence_transitions.{trace}.{fences}.csv")) results.Add(await TransitionsCheck.RunAsync(recordings, trace, fences, begin));
        }

        return results;
    }

    private static async Task<IReadOnlyList<VisitsResult>> VisitsAsync(Recordings recordings, bool explains) =>
        [await VisitsCheck.RunAsync(recordings, "trafficsense_phones_helsinki", "helsinki_postal_areas", explains)];

    private static async Task<IReadOnlyList<TripsResult>> TripsAsync(Recordings recordings, bool explains) =>
    [
        await TripsCheck.RunAsync(recordings, "ndsbr_cars_curitiba", recordings.Trips("ndsbr_cars_curitiba.recorded_trips.csv", "first_fix_utc", "last_fix_utc"), explains),
        await TripsCheck.RunAsync(recordings, "trafficsense_phones_helsinki", recordings.Trips("trafficsense_phones_helsinki.manual_trips.csv", "depart_utc", "arrive_utc"), explains),
    ];

    private static async Task<IReadOnlyList<NoiseResult>> NoiseAsync(Recordings recordings, bool explains, CancellationToken cancellationToken)
    {
        string[] traces = ["capmetro_bus_austin", "ndsbr_cars_curitiba", "trafficsense_phones_helsinki", "hsl_hfp_bus_helsinki", "hsl_hfp_tram_viikki", "barefoot_car_munich", "cabspotting_taxi_sf"];
        var results = new List<NoiseResult>();
        foreach (var trace in traces)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (recordings.Has($"traces/{trace}.csv.gz")) results.Add(await NoiseCheck.RunAsync(recordings, trace, explains));
        }

        return results;
    }
}
