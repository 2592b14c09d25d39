using System.Globalization;
using System.Text.Json.Nodes;
using FleetTracker.Exports.Tests;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;
using FleetTracker.Ingestion;

namespace FleetTracker.Sensors.Tests;

[Collection("api")]
public sealed class VehicleSensorTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    private const string Tank = """{"name":"Tank","attribute":"fuel","kind":"fuel","unit":"l","calibration":[[0,0],[100,50],[200,250]],"validMax":1000,"fillAmount":20}""";

    private static Fix Fix(TestTenant tenant, string vehicle, DateTimeOffset at, string? attributes, long digest = 1) => tenant.Fix(vehicle, at, digest) with { Attributes = attributes };

    private static double Number(JsonNode node, string name) => node[name]!.GetValue<double>();

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private async Task<(string Vehicle, string Base, HttpClient Client)> WithAsync(string sensor, Func<TestTenant, string, IEnumerable<Fix>> fixes)
    {
        var tenant = await api.NewTenantAsync();
        var vehicle = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync([.. fixes(tenant, vehicle)]);
        var client = await tenant.ClientAsync(Roles.Dispatcher);
        var created = await client.PostTextAsync("/api/v1/sensors", sensor).JsonAsync(201);
        return (vehicle, $"/api/v1/vehicles/{vehicle}/sensors/{Text(created, "id")}", client);
    }

    [Fact]
    public async Task A_vehicle_has_the_sensors_that_are_for_it_with_their_newest_values()
    {
        var tenant = await api.NewTenantAsync();
        var (cold, other) = ((await tenant.AddVehiclesAsync(1, "Cold"))[0], (await tenant.AddVehiclesAsync(1))[0]);
        var now = TimeProvider.System.GetUtcNow().ToStored();
        await tenant.CommitAsync(
            Fix(tenant, cold, now.AddMinutes(-30), """{"fuel":100,"door":true}"""), Fix(tenant, cold, now.AddMinutes(-20), """{"fuel":5000}"""), Fix(tenant, cold, now.AddMinutes(-10), null));
        using var client = await tenant.ClientAsync(Roles.Dispatcher);
        await client.PostTextAsync("/api/v1/sensors", Tank).ExpectAsync(201);
        await client.PostTextAsync("/api/v1/sensors", """{"name":"Door","attribute":"door","kind":"switch","groups":["Cold"]}""").ExpectAsync(201);
        await client.PostTextAsync("/api/v1/sensors", $$"""{"name":"Other","attribute":"fuel","kind":"gauge","vehicleIds":["{{other}}"]}""").ExpectAsync(201);
        await client.PostTextAsync("/api/v1/sensors", """{"name":"Never","attribute":"never","kind":"gauge"}""").ExpectAsync(201);
        await client.PostTextAsync("/api/v1/sensors", """{"name":"Engine","attribute":"ignition","kind":"switch"}""").ExpectAsync(201);

        var items = (await client.GetAsync($"/api/v1/vehicles/{cold}/sensors").JsonAsync())["items"]!.AsArray();
        Assert.Equal(["Door", "Engine", "Never", "Tank"], items.Select(item => Text(item!, "name")));
        Assert.Equal((1.0, now.AddMinutes(-30)), (Number(items[0]!, "value"), items[0]!["fixedAt"]!.GetValue<DateTimeOffset>()));
        Assert.Equal((1.0, now.AddMinutes(-10)), (Number(items[1]!, "value"), items[1]!["fixedAt"]!.GetValue<DateTimeOffset>()));
        Assert.True(items[2]!["value"] is null && items[2]!["fixedAt"] is null);
        Assert.Equal((100.0, 50.0, "l", "fuel", "fuel"), (Number(items[3]!, "raw"), Number(items[3]!, "value"), Text(items[3]!, "unit"), Text(items[3]!, "kind"), Text(items[3]!, "attribute")));
        Assert.Equal(["Engine", "Never", "Other", "Tank"], (await client.GetAsync($"/api/v1/vehicles/{other}/sensors").JsonAsync())["items"]!.AsArray().Select(item => Text(item!, "name")));
    }

    [Fact]
    public async Task A_newest_value_of_long_ago_is_found()
    {
        var now = TimeProvider.System.GetUtcNow().ToStored();
        var (vehicle, _, client) = await WithAsync(Tank, (tenant, vehicle) => Enumerable.Range(0, 3_000).Select(i => Fix(tenant, vehicle, now.AddDays(-90).AddSeconds(i), $$"""{"fuel":{{i % 100}}}""")));
        using var using_ = client;
        var item = Assert.Single((await client.GetAsync($"/api/v1/vehicles/{vehicle}/sensors").JsonAsync())["items"]!.AsArray())!;
        Assert.Equal((49.5, now.AddDays(-90).AddSeconds(2_999)), (Number(item, "value"), item["fixedAt"]!.GetValue<DateTimeOffset>()));
    }

    [Fact]
    public async Task History_has_what_counts_calibrated_and_in_order()
    {
        var (_, path, client) = await WithAsync(Tank, (tenant, vehicle) =>
        [
            Fix(tenant, vehicle, Noon, """{"fuel":50}"""), Fix(tenant, vehicle, Noon.AddSeconds(1), """{"fuel":5000}"""), Fix(tenant, vehicle, Noon.AddSeconds(2), null),
            Fix(tenant, vehicle, Noon.AddSeconds(3), """{"fuel":"150"}"""), Fix(tenant, vehicle, Noon.AddSeconds(3), """{"fuel":200}""", digest: 2), Fix(tenant, vehicle, Noon.AddSeconds(4), """{"fuel":999}"""),
        ]);
        using var using_ = client;
        var page = await client.GetAsync($"{path}/history").JsonAsync();
        Assert.Equal(
            """{"items":[{"fixedAt":"2026-03-01T12:00:00Z","raw":50,"value":25},{"fixedAt":"2026-03-01T12:00:03Z","raw":150,"value":150},{"fixedAt":"2026-03-01T12:00:03Z","raw":200,"value":250},{"fixedAt":"2026-03-01T12:00:04Z","raw":999,"value":250}],"next":null}""",
            page.ToJsonString());
        page = await client.GetAsync($"{path}/history?from=2026-03-01T12:00:01Z&to=2026-03-01T12:00:04Z").JsonAsync();
        Assert.Equal([150, 250], page["items"]!.AsArray().Select(item => Number(item!, "value")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    public async Task Pages_of_history_together_are_all_of_it(int limit)
    {
        var (_, path, client) = await WithAsync(Tank, (tenant, vehicle) => Enumerable.Range(0, 60)
            .Select(i => Fix(tenant, vehicle, Noon.AddSeconds(i / 2), i % 3 == 0 ? $$"""{"fuel":{{i}}}""" : """{"temp":1}""", digest: i)));
        using var using_ = client;
        var raws = new List<double>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await client.GetAsync($"{path}/history?limit={limit}{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}").JsonAsync();
            Assert.True(page["items"]!.AsArray().Count <= limit);
            raws.AddRange(page["items"]!.AsArray().Select(item => Number(item!, "raw")));
            cursor = page["next"]?.GetValue<string>();
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => i * 3.0), raws);
    }

    [Fact]
    public async Task A_page_of_fixes_without_values_ends_early_and_goes_on()
    {
        var (tenant, host) = (await api.NewTenantAsync(), await api.StartAsync(TimeProvider.System, ("Sensors:MaxHistoryRows", "10"), ("Sensors:MaxChartRows", "20")));
        await using var using_ = host;
        var vehicle = (await tenant.AddVehiclesAsync(1))[0];
        await tenant.CommitAsync([.. Enumerable.Range(0, 25).Select(i => Fix(tenant, vehicle, Noon.AddSeconds(i), i == 22 ? """{"fuel":100}""" : null))]);
        using var client = await tenant.ClientAsync(Roles.Dispatcher, host);
        var path = $"/api/v1/vehicles/{vehicle}/sensors/{Text(await client.PostTextAsync("/api/v1/sensors", Tank).JsonAsync(201), "id")}";
        var counts = new List<int>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await client.GetAsync($"{path}/history{(cursor.Length == 0 ? "" : "?cursor=" + cursor)}").JsonAsync();
            counts.Add(page["items"]!.AsArray().Count);
            cursor = page["next"]?.GetValue<string>();
        }

        Assert.Equal([0, 0, 1], counts);
        Assert.Equal(
            ["to must be at most 2026-03-01T12:00:20Z: a chart is made of at most 20 fixes, was '2026-03-01T13:00:00Z'"],
            await client.GetAsync($"{path}/chart?from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00Z").ErrorsAsync());
        await client.GetAsync($"{path}/chart?from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:20Z").ExpectAsync(200);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(5_000)]
    public async Task A_chart_is_what_the_samples_say(int? points)
    {
        var random = new Random(5);
        var raws = Enumerable.Range(0, 6_000).Select(_ => random.Next(0, 200)).ToArray();
        var (_, path, client) = await WithAsync(Tank, (tenant, vehicle) => raws.Select((raw, i) => Fix(tenant, vehicle, Noon.AddSeconds(i), i % 5 == 4 ? null : $$"""{"fuel":{{raw}}}""")));
        using var using_ = client;
        var chart = await client.GetAsync($"{path}/chart?from=2026-03-01T12:00:00Z&to=2026-03-01T13:30:00Z{(points is null ? "" : $"&points={points}")}").JsonAsync();

        var count = points ?? 500;
        var naive = raws.Select((raw, i) => (At: i, Value: raw <= 100 ? raw / 2.0 : 50 + (2.0 * (raw - 100)))).Where(sample => sample.At % 5 != 4 && sample.At < 5_400)
            .GroupBy(sample => (int)((long)sample.At * count / 5_400)).ToDictionary(bucket => bucket.Key, bucket => bucket.Select(sample => sample.Value).ToList());
        var items = chart["items"]!.AsArray();
        Assert.Equal(naive.Count, items.Count);
        Assert.Equal((5_400.0 / count, "l"), (Number(chart, "bucketSeconds"), Text(chart, "unit")), Comparer);
        foreach (var (key, values) in naive.OrderBy(bucket => bucket.Key))
        {
            var item = items[naive.Keys.Count(other => other < key)]!;
            Assert.Equal((values.Count, values.Min(), values.Max(), values[^1]), (item["count"]!.GetValue<int>(), Number(item, "min"), Number(item, "max"), Number(item, "last")));
            Assert.Equal(values.Average(), Number(item, "average"), 9);
            Assert.Equal(5_400.0 * key / count, (item["at"]!.GetValue<DateTimeOffset>() - Noon).TotalSeconds, 5);
        }
    }

    [Fact]
    public async Task A_chart_without_times_is_of_the_last_day()
    {
        var now = TimeProvider.System.GetUtcNow().ToStored();
        var (_, path, client) = await WithAsync(Tank, (tenant, vehicle) => [Fix(tenant, vehicle, now.AddHours(-25), """{"fuel":1}"""), Fix(tenant, vehicle, now.AddHours(-23), """{"fuel":2}""")]);
        using var using_ = client;
        var chart = await client.GetAsync($"{path}/chart").JsonAsync();
        Assert.Equal(1.0, Number(Assert.Single(chart["items"]!.AsArray())!, "last"));
        Assert.Equal(TimeSpan.FromDays(1), chart["to"]!.GetValue<DateTimeOffset>() - chart["from"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task An_export_is_a_table_of_the_samples()
    {
        var (vehicle, path, client) = await WithAsync(Tank, (tenant, vehicle) => Enumerable.Range(0, 9_000)
            .Select(i => Fix(tenant, vehicle, Noon.AddSeconds(i), i % 2 == 0 ? $$"""{"fuel":{{i % 100}}}""" : null)));
        using var using_ = client;
        using var answer = await client.GetAsync($"{path}/history/export?format=csv&from=2026-03-01T12:00:00Z");
        Assert.Equal(("text/csv", $"{vehicle}-Tank-20260301T120000Z.csv"), (answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.FileName));
        var rows = CsvTable.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal("vehicleId,sensorId,fixedAt,raw,value,unit", string.Join(',', rows[0]));
        Assert.Equal(4_501, rows.Count);
        Assert.Equal([vehicle, path.Split('/')[^1], "2026-03-01T12:00:02Z", "2", "1", "l"], rows[2]);
        Assert.Equal(Enumerable.Range(0, 4_500).Select(i => (i * 2 % 100).ToString(CultureInfo.InvariantCulture)), rows.Skip(1).Select(row => row[3]));
    }

    [Fact]
    public async Task Wrong_questions_are_told_with_what_was_asked()
    {
        var (vehicle, path, client) = await WithAsync(Tank, (_, _) => []);
        using var using_ = client;
        Assert.Equal(
            ["cursor is not one that this list gave out, was 'x'", "from must be an RFC 3339 time with its offset such as 2026-03-01T12:00:00Z, was 'noon'", "limit must be a whole number from 1 to 10,000, was '0'"],
            await client.GetAsync($"{path}/history?from=noon&limit=0&cursor=x").ErrorsAsync());
        Assert.Equal(["points must be a whole number from 1 to 5,000, was '5001'"], await client.GetAsync($"{path}/chart?points=5001").ErrorsAsync());
        Assert.Equal(
            ["from must be before to, was '2026-03-01T12:00:00Z'"], await client.GetAsync($"{path}/chart?from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00Z").ErrorsAsync());
        Assert.Equal(["format must be one of csv, was 'gpx'"], await client.GetAsync($"{path}/history/export?format=gpx").ErrorsAsync());
        await client.GetAsync($"/api/v1/vehicles/{vehicle}/sensors/none/chart").ProblemAsync(404, "/problems/sensor-not-found");
        await client.GetAsync("/api/v1/vehicles/none/sensors").ProblemAsync(404, "/problems/vehicle-not-found");
        Assert.Equal("""{"items":[],"next":null}""", (await client.GetAsync($"{path}/history").JsonAsync()).ToJsonString());
        Assert.Empty((await client.GetAsync($"{path}/chart?from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z").JsonAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Why_tells_what_a_sensor_decided()
    {
        var (vehicle, path, client) = await WithAsync(
            """{"name":"Cold","attribute":"temp","kind":"gauge","high":8,"minDuration":60}""",
            (tenant, vehicle) => Enumerable.Range(0, 30).Select(i => Fix(tenant, vehicle, Noon.AddSeconds(i * 10), $$"""{"temp":{{(i is 10 or 11 || i > 20 ? 9 : 5)}}}""")));
        using var using_ = client;
        var said = await client.GetAsync($"/api/v1/vehicles/{vehicle}/explain?at=2026-03-01T12:04:30Z").JsonAsync();
        var id = path.Split('/')[^1];
        var lines = said["trace"]!.AsArray().Where(line => Text(line!, "step") == "sensors").Select(line => Text(line!, "text")).ToList();
        Assert.Contains($"{id}: high for less than 60 s", lines);
        Assert.Contains(lines, line => line.StartsWith($"{id}: high since 2026-03-01T12:03:30", StringComparison.Ordinal));
    }

    private static IEqualityComparer<(double Seconds, string Unit)> Comparer { get; } =
        EqualityComparer<(double Seconds, string Unit)>.Create((a, b) => Math.Abs(a.Seconds - b.Seconds) < 1e-6 && a.Unit == b.Unit, _ => 0);
}
