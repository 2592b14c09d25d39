using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>How long one request (or one list of pages) takes to its last byte, and to its first. Medians; the bytes are those of one round.</summary>
internal sealed record HistoryRead(string What, double Ms, double FirstByteMs, double MaxMs, double Megabytes);

/// <summary><see cref="Ingesting"/>: the same while fixes of other vehicles arrive at <see cref="RatePerSecond"/>.</summary>
internal sealed record HistoryResult(int DayFixes, int MonthFixes, IReadOnlyList<HistoryRead> Quiet, double RatePerSecond, IReadOnlyList<HistoryRead> Ingesting);

/// <summary>What it takes to look back: a day of a vehicle that reports every second, a month of one that reports every ten, and who was in an area.</summary>
internal static class HistoryBench
{
    private const string Day = "history-day";
    private const string Month = "history-month";
    private const int FixesPerMessage = 200;
    private const int WarmUps = 10;

    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 7 };
    private static readonly Option<int> DayFixes = new("--day-fixes") { Description = "One a second.", DefaultValueFactory = _ => 86_400 };
    private static readonly Option<int> MonthFixes = new("--month-fixes") { Description = "One every ten seconds.", DefaultValueFactory = _ => 259_200 };
    private static readonly Option<double> Rate = new("--rate") { Description = "Fixes per second that arrive meanwhile, in the second half.", DefaultValueFactory = _ => 10_000 };
    private static readonly Option<string?> Standalone = new("--standalone") { Description = "FleetTracker.Standalone.dll; default: the one of this repository." };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("history", "Reading what was stored.") { Rounds, DayFixes, MonthFixes, Rate, Standalone, JsonFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var server = await new Hosts(parsed.GetValue(Standalone)).StartStandaloneAsync(cancellationToken);
        var (day, month, rounds) = (parsed.GetRequiredValue(DayFixes), parsed.GetRequiredValue(MonthFixes), parsed.GetRequiredValue(Rounds));
        var now = TimeProvider.System.GetUtcNow();
        await FillAsync(server, Day, now, TimeSpan.FromSeconds(1), day, cancellationToken);
        await FillAsync(server, Month, now, TimeSpan.FromSeconds(10), month, cancellationToken);

        var api = server.AdminApi();
        var vehicles = await api.VehiclesByDeviceAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = server.Http };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await api.TokenAsync(cancellationToken));
        var reads = Reads(http, vehicles[Day], vehicles[Month], now);
        var quiet = await MeasureAsync(reads, rounds, cancellationToken);

        var rate = parsed.GetRequiredValue(Rate);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var generator = new LoadGenerator(
            new LoadOptions
            {
                Shape = LoadShape.Gateways, Port = server.MqttPort, Credentials = server.Gateway, Rate = rate, WarmUp = TimeSpan.FromSeconds(5),
                Duration = TimeSpan.FromMinutes(10),
            },
            TimeProvider.System);
        var load = generator.RunAsync(enough.Token);
        await generator.Measuring;
        var ingesting = await MeasureAsync(reads, rounds, cancellationToken);
        await enough.CancelAsync();
        try
        {
            await load;
        }
        catch (OperationCanceledException)
        {
            // It had long enough.
        }

        await Results.WriteAsync(new HistoryResult(day, month, quiet, rate, ingesting), parsed.GetValue(JsonFile));
        return 0;
    }

    private static async Task FillAsync(RunningServer server, string device, DateTimeOffset now, TimeSpan interval, int count, CancellationToken cancellationToken)
    {
        await using var publisher = new MqttPublisher(
            $"bench-{device}", new MqttTarget { Port = server.MqttPort, Gateway = server.Gateway }, server.Gateway, window: 20, TimeProvider.System);
        var begin = now - (interval * (count + 1));
        for (var i = 0; i < count; i += FixesPerMessage)
        {
            var message = new StringBuilder("[");
            for (var j = i; j < Math.Min(count, i + FixesPerMessage); j++) message.Append(j == i ? "" : ",").Append(FixOf(j, begin + (interval * j)));
            await publisher.PublishAsync($"fleet/{device}/position", Encoding.UTF8.GetBytes(message.Append(']').ToString()), null, cancellationToken);
        }

        await publisher.DrainAsync(cancellationToken);
    }

    /// <summary>Rounds of a city, with everything that a tracker says.</summary>
    private static string FixOf(int i, DateTimeOffset at)
    {
        var angle = i / 300d;
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"time":{{at.ToUnixTimeMilliseconds()}},"lat":{{60.17 + (0.05 * Math.Sin(angle)):F6}},"lon":{{24.94 + (0.1 * Math.Cos(angle)):F6}},"altitude":{{12 + (i % 9)}},"speed":{{13.9 + (i % 7 / 10d):F1}},"heading":{{i % 360}},"accuracy":{{3 + (i % 4)}},"satellites":{{8 + (i % 5)}},"ignition":true,"odometer":{{120_000 + (13.9 * i):F1}},"battery":{{100 - (i % 50)}}}""");
    }

    private static List<(string What, Func<CancellationToken, Task<HistoryRead>> Read)> Reads(HttpClient http, string day, string month, DateTimeOffset now)
    {
        string Before(TimeSpan span) => (now - span).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var (lastDay, lastMonth) = ($"from={Before(TimeSpan.FromDays(1))}&to={Before(TimeSpan.Zero)}", $"from={Before(TimeSpan.FromDays(31))}&to={Before(TimeSpan.Zero)}");
        (string What, string Path)[] reads =
        [
            ("day, pages of 10,000", $"api/v1/vehicles/{day}/positions?limit=10000"),
            ("day, CSV", $"api/v1/vehicles/{day}/positions/export?format=csv"),
            ("day, GeoJSON", $"api/v1/vehicles/{day}/positions/export?format=geojson"),
            ("day, GPX", $"api/v1/vehicles/{day}/positions/export?format=gpx"),
            ("month, pages of 10,000", $"api/v1/vehicles/{month}/positions?limit=10000"),
            ("month, CSV", $"api/v1/vehicles/{month}/positions/export?format=csv"),
            ("ten positions of the last hour", $"api/v1/vehicles/{day}/positions?limit=10&from={Before(TimeSpan.FromHours(1))}"),
            ("who was in the city, a day", $"api/v1/positions/search?bbox=24.7,60.0,25.2,60.4&{lastDay}"),
            ("who was in the city, a month", $"api/v1/positions/search?bbox=24.7,60.0,25.2,60.4&{lastMonth}"),
            ("who was within 300 m, a day", $"api/v1/positions/search?lat=60.2&lon=25&radius=300&{lastDay}"),
            ("who was within 300 m, a month", $"api/v1/positions/search?lat=60.2&lon=25&radius=300&{lastMonth}"),
            ("nearest ten vehicles", "api/v1/vehicles/nearest?lat=60.2&lon=25"),
        ];

        // Only a whole history is followed from page to page.
        return [.. reads.Select(read => (read.What, (Func<CancellationToken, Task<HistoryRead>>)(cancel => ReadAsync(
            http, read.What, read.Path, read.What.Contains("pages", StringComparison.Ordinal), cancel))))];
    }

    private static async Task<List<HistoryRead>> MeasureAsync(
        List<(string What, Func<CancellationToken, Task<HistoryRead>> Read)> reads, int rounds, CancellationToken cancellationToken)
    {
        var results = new List<HistoryRead>();
        foreach (var (what, read) in reads)
        {
            // The first ones are for the file cache and the compiler, which makes better code of what runs often.
            for (var i = 0; i < WarmUps; i++) await read(cancellationToken);
            var runs = new List<HistoryRead>();
            for (var i = 0; i < rounds; i++) runs.Add(await read(cancellationToken));
            results.Add(new HistoryRead(
                what, Results.Median(runs.Select(run => run.Ms)), Results.Median(runs.Select(run => run.FirstByteMs)), runs.Max(run => run.Ms), runs[0].Megabytes));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what}: {results[^1].Ms:F0} ms, {results[^1].Megabytes:F1} MB"));
        }

        return results;
    }

    /// <summary>One answer, or all pages.</summary>
    private static async Task<HistoryRead> ReadAsync(HttpClient http, string what, string path, bool allPages, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        var (first, bytes, cursor) = (0d, 0L, "");
        var buffer = new byte[64 * 1024];
        do
        {
            using var answer = await http.GetAsync(cursor.Length == 0 ? path : $"{path}&cursor={cursor}", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            answer.EnsureSuccessStatusCode();
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var end = "";
            while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                if (first == 0) first = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                bytes += read;
                end = string.Concat(end.AsSpan(Math.Max(0, end.Length - 200)), Encoding.ASCII.GetString(buffer.AsSpan(Math.Max(0, read - 200), Math.Min(200, read))));
            }

            cursor = allPages ? NextOf(end) : "";
        }
        while (cursor.Length > 0);
        return new HistoryRead(what, Stopwatch.GetElapsedTime(begun).TotalMilliseconds, first, 0, bytes / 1e6);
    }

    private static string NextOf(string end)
    {
        const string name = "],\"next\":\"";
        var at = end.LastIndexOf(name, StringComparison.Ordinal);
        return at < 0 ? "" : end[(at + name.Length)..end.LastIndexOf('"')];
    }
}
