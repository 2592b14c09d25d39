using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles.Tests;

/// <summary>What is implausible is left out of history, or shown as such.</summary>
[Collection("api")]
public sealed class JudgedPositionsTests(ApiFixture api)
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(20, 1)]
    [InlineData(20, 7)]
    [InlineData(20, 100)]
    public async Task Pages_leave_out_what_is_excluded_and_stay_full(int excluded, int limit)
    {
        var (tenant, id, left) = await HistoryAsync(excluded);
        using var client = await tenant.ClientAsync();
        var seen = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await client.GetAsync($"/api/v1/vehicles/{id}/positions?limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}").JsonAsync();
            var items = page["items"]!.AsArray();
            cursor = page["next"]?.GetValue<string>();
            Assert.True(cursor is null || items.Count == limit);
            seen.AddRange(items!);
        }
        while (cursor is not null);
        Assert.Equal(Enumerable.Range(0, 30).Where(i => !left.Contains(i)).Select(i => Noon.AddMinutes(i)), seen.Select(item => item["fixedAt"]!.GetValue<DateTimeOffset>()));
        Assert.All(seen, item => Assert.Equal("accepted", item["verdict"]!.GetValue<string>()));
    }

    [Fact]
    public async Task All_shows_them_with_their_verdict_and_the_reason_is_listed()
    {
        var (tenant, id, left) = await HistoryAsync(5);
        using var client = await tenant.ClientAsync();
        var all = (await client.GetAsync($"/api/v1/vehicles/{id}/positions?verdict=all").JsonAsync())["items"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 30).Select(i => left.Contains(i) ? "excluded" : "accepted"), all.Select(item => item!["verdict"]!.GetValue<string>()));
        var reasons = (await client.GetAsync($"/api/v1/vehicles/{id}/excluded").JsonAsync())["items"]!.AsArray();
        Assert.Equal(left.Select(i => Noon.AddMinutes(i)), reasons.Select(item => item!["at"]!.GetValue<DateTimeOffset>()));
        Assert.All(reasons, item => Assert.Equal("jump", item!["evidence"]!["reason"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("gpx")]
    public async Task Exports_leave_them_out(string format)
    {
        var (tenant, id, left) = await HistoryAsync(12);
        using var client = await tenant.ClientAsync();
        var text = await client.GetStringAsync($"/api/v1/vehicles/{id}/positions/export?format={format}");
        for (var i = 0; i < 30; i++) Assert.Equal(!left.Contains(i), text.Contains($"T12:{i:00}:00Z", StringComparison.Ordinal));
    }

    /// <summary>Thirty positions, a minute apart, of which some, in runs, were judged implausible; one outcome was withdrawn again.</summary>
    private async Task<(TestTenant Tenant, string Id, int[] Left)> HistoryAsync(int excluded)
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1))[0];
        int[] left = [.. Enumerable.Range(0, 30).OrderBy(i => (i * 7 % 30) / 4).Take(excluded).Order()];
        await tenant.CommitAsync([.. Enumerable.Range(0, 30).Select(i => tenant.Fix(id, Noon.AddMinutes(i), i) with { ReceivedAt = Noon.AddDays(1).AddHours(3) })]);
        Outcome[] outcomes = [.. left.Select(i => tenant.Outcome(id, OutcomeType.Excluded, Noon.AddMinutes(i), endedAt: Noon.AddMinutes(i), evidence: """{"reason":"jump"}""", digest: i))];
        var kept = Enumerable.Range(0, 30).First(i => !left.Contains(i));
        await tenant.CommitAsync([.. outcomes, tenant.Outcome(id, OutcomeType.Excluded, Noon.AddMinutes(kept), endedAt: Noon.AddMinutes(kept), state: OutcomeState.Withdrawn, digest: kept)]);
        return (tenant, id, left);
    }
}
