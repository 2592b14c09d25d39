using System.Text.Json.Nodes;
using FleetTracker.Geofences;
using FleetTracker.Hosting.Tests;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using static FleetTracker.Explanations.Tests.Journey;

namespace FleetTracker.Explanations.Tests;

[Collection("api")]
public sealed class ExplainTests(ApiFixture api)
{
    private async Task<(TestTenant Tenant, string Id, Journey Journey)> NewAsync(string? group = null)
    {
        var tenant = await api.NewTenantAsync();
        var id = (await tenant.AddVehiclesAsync(1, group))[0];
        return (tenant, id, new Journey(api, tenant, id));
    }

    private static async Task<JsonNode> AskAsync(TestTenant tenant, string id, string at, string? fence = null, TestHost? host = null)
    {
        using var client = await tenant.ClientAsync(host: host);
        return await client.GetAsync($"/api/v1/vehicles/{id}/explain?at={at}" + (fence is null ? "" : $"&geofence={fence}")).JsonAsync();
    }

    private static string Answer(JsonNode explanation) => explanation["answer"]!.GetValue<string>();

    private static IEnumerable<string> Lines(JsonNode explanation) => explanation["trace"]!.AsArray().Select(line => line!["text"]!.GetValue<string>());

    [Fact]
    public async Task A_vehicle_in_a_fence_is_explained_with_state_fixes_outcomes_and_reasons()
    {
        var (tenant, id, journey) = await NewAsync();
        await journey.Stay(0, 40, 0).Drive(40, 0, 6_000, 10).Stay(51, 60, 6_000).CommitAsync();
        var depot = await journey.AddDepotAsync();
        await tenant.CommitAsync(
            tenant.Outcome(id, OutcomeType.Visit, Noon, subject: depot, endedAt: Noon.AddMinutes(40)),
            tenant.Outcome(id, OutcomeType.Visit, Noon, subject: "another", endedAt: Noon.AddMinutes(40)),
            tenant.Outcome(id, OutcomeType.Trip, Noon.AddMinutes(40), endedAt: Noon.AddMinutes(50)),
            tenant.Outcome(id, OutcomeType.Trip, Noon.AddDays(-1), endedAt: Noon.AddDays(-1).AddHours(1)));

        var inside = await AskAsync(tenant, id, At(30, 30), depot);
        Assert.Equal($"At {Noon:yyyy-MM-dd} 12:30:30 UTC the vehicle was inside of 'Depot' since 12:00:00.", Answer(inside));
        Assert.Equal(("parked", At(0), At(30)), (
            inside["state"]!["motion"]!.GetValue<string>(), inside["state"]!["since"]!.GetValue<string>(), inside["state"]!["fixedAt"]!.GetValue<string>()));
        var visit = Assert.Single(inside["state"]!["geofences"]!.AsArray())!;
        Assert.Equal((depot, "Depot", "inside", At(0)), (
            visit["geofenceId"]!.GetValue<string>(), visit["name"]!.GetValue<string>(), visit["phase"]!.GetValue<string>(), visit["enteredAt"]!.GetValue<string>()));
        Assert.Equal(("inside", 0, 30), (
            inside["geofence"]!["phase"]!.GetValue<string>(), inside["geofence"]!["metersOutside"]!.GetValue<double>(), inside["geofence"]!["minDwell"]!.GetValue<double>()));
        Assert.Equal(["visit", "trip"], inside["outcomes"]!.AsArray().Select(outcome => outcome!["type"]!.GetValue<string>()));
        Assert.Contains(At(30), inside["fixes"]!.AsArray().Select(fix => fix!["position"]!["fixedAt"]!.GetValue<string>()));
        Assert.Contains($"entered at {Noon:O}", Lines(inside));
        var times = inside["trace"]!.AsArray().Select(line => line!["at"]!.GetValue<string>()).ToList();
        Assert.Equal(times.Order(StringComparer.Ordinal), times);

        Assert.Equal($"At {Noon:yyyy-MM-dd} 12:45:00 UTC the vehicle was on a trip since 12:40:00.", Answer(await AskAsync(tenant, id, At(45))));
        Assert.StartsWith($"At {Noon:yyyy-MM-dd} 12:45:00 UTC the vehicle was 2900 m outside of 'Depot'.", Answer(await AskAsync(tenant, id, At(45), depot)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Just_outside_within_the_margin_counts_as_inside_and_says_so()
    {
        var (tenant, id, journey) = await NewAsync();
        await journey.Stay(0, 5, 0).Fix(5.5, 70, 3).Fix(6, 112, 1.5).Fix(6.5, 60, 3).CommitAsync();
        var depot = await journey.AddDepotAsync();
        var answer = Answer(await AskAsync(tenant, id, At(6, 5), depot));
        Assert.Equal($"At {Noon:yyyy-MM-dd} 12:06:05 UTC the vehicle was 12 m outside of 'Depot', within the margin of 15 m: it counts as inside, as since 12:00:00.", answer);
    }

    [Fact]
    public async Task A_stay_or_an_absence_that_was_too_short_is_told_with_what_became_of_it()
    {
        var (tenant, id, journey) = await NewAsync();
        await journey.Drive(0, -1_000, 1_000, 20).Drive(5, 1_000, 0, 10).Stay(7, 10, 0).Fix(10.5, 200, 8).Fix(10.75, 0, 8).Stay(11, 20, 0).CommitAsync();
        var depot = await journey.AddDepotAsync(rules: new GeofenceRules { MinDwell = TimeSpan.FromSeconds(20) });

        var passed = await AskAsync(tenant, id, At(0, 50), depot);
        Assert.Contains("inside of 'Depot' since 12:00:50, less than the 20 s that count; at 12:01:00 that was over, so it has not entered", Answer(passed), StringComparison.Ordinal);
        Assert.Contains(Lines(passed), line => line.EndsWith("has not entered", StringComparison.Ordinal));

        var away = Answer(await AskAsync(tenant, id, At(10, 35), depot));
        Assert.Contains("100 m outside of 'Depot' since 12:10:30, less than the 20 s that count: it was still in it; at 12:10:45 that was over, so it has not left.", away, StringComparison.Ordinal);
        Assert.Contains("later it was long enough, which makes an enter at ", Answer(await AskAsync(tenant, id, At(6, 45), depot)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_through_a_fence_without_a_fix_inside_is_told()
    {
        var (tenant, id, journey) = await NewAsync();
        await journey.Drive(0, -5_000, -800, 20).Fix(5, 900, 20).Drive(5, 900, 5_000, 20).CommitAsync();
        var depot = await journey.AddDepotAsync();
        Assert.Contains("and the way to its next fix at 12:05:00 leads through it: it crossed it.", Answer(await AskAsync(tenant, id, At(3, 40), depot)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_was_no_fix_nobody_knows()
    {
        var (tenant, id, journey) = await NewAsync();
        await journey.Drive(-10, -6_000, 3_000, 15).Fix(5, 3_300, 15, accuracy: 900).Fix(6, 0, verdict: FixVerdict.NoPosition).Drive(20, 3_000, 4_000, 10).CommitAsync();
        var depot = await journey.AddDepotAsync();
        var gap = await AskAsync(tenant, id, At(5, 30), depot);
        Assert.StartsWith("No fix between 12:00:00 and 12:20:10 UTC: nobody knows where the vehicle was; by the last one before it was 2900 m outside of 'Depot'.", Answer(gap), StringComparison.Ordinal);
        Assert.EndsWith("1 too inaccurate, 1 without a position.", Answer(gap), StringComparison.Ordinal);
        var fixes = gap["fixes"]!.AsArray().ToDictionary(fix => fix!["position"]!["fixedAt"]!.GetValue<string>());
        Assert.Equal(("inaccurate", "no-position"), (fixes[At(5)]!["excluded"]!.GetValue<string>(), fixes[At(6)]!["position"]!["verdict"]!.GetValue<string>()));
        Assert.Null(fixes[At(0)]!["excluded"]);

        Assert.StartsWith("No fix from before", Answer(await AskAsync(tenant, id, At(-60))), StringComparison.Ordinal);
        var silent = (await tenant.AddVehiclesAsync(1, "silent"))[0];
        var never = await AskAsync(tenant, silent, At(0), depot);
        Assert.StartsWith("No fix of this vehicle", Answer(never), StringComparison.Ordinal);
        Assert.Equal((true, 0, "outside"), (never["state"] is null, never["window"]!["rows"]!.GetValue<int>(), never["geofence"]!["phase"]?.GetValue<string>() ?? "outside"));
    }

    [Fact]
    public async Task A_fence_that_asks_nothing_at_that_time_says_why()
    {
        var (tenant, id, journey) = await NewAsync("vans");
        await journey.Stay(0, 30, 0).CommitAsync();
        var sleeping = await journey.AddDepotAsync(rules: new GeofenceRules
        {
            Schedule = new WeeklySchedule { TimeZone = "Etc/UTC", Intervals = [new WeeklyInterval(Noon.DayOfWeek, new TimeOnly(18, 0), new TimeOnly(19, 0))] },
        });
        var trucks = await journey.AddDepotAsync(rules: new GeofenceRules { Groups = ["trucks"] });
        var late = await journey.AddDepotAsync(days: -0.25);
        var deleted = await journey.AddDepotAsync();
        await api.ChangeRulesAtAsync(Noon.AddHours(-2), store => store.DeleteGeofenceAsync(tenant.Name, deleted, null, "test", default));

        Assert.Contains("was asleep by its schedule", Answer(await AskAsync(tenant, id, At(10), sleeping)), StringComparison.Ordinal);
        Assert.Contains("is for 'trucks', and the vehicle is in 'vans'.", Answer(await AskAsync(tenant, id, At(10), trucks)), StringComparison.Ordinal);
        Assert.Contains("there was no geofence 'Depot' yet: it counts from 18:00:05 on.", Answer(await AskAsync(tenant, id, At(10), late)), StringComparison.Ordinal);
        Assert.Contains("there was no geofence 'Depot' any more: it was deleted at 10:00:05.", Answer(await AskAsync(tenant, id, At(10), deleted)), StringComparison.Ordinal);
        Assert.Null((await AskAsync(tenant, id, At(10), deleted))["geofence"]);
    }

    [Fact]
    public async Task What_is_read_is_bounded_and_what_lies_further_back_is_found()
    {
        var (tenant, id, journey) = await NewAsync();
        await journey.Fix(-5 * 24 * 60, 0).Drive(0, 0, 9_000, 10).CommitAsync();
        await tenant.CommitAsync(tenant.Outcome(id, OutcomeType.Trip, Noon.AddSeconds(10), endedAt: Noon.AddMinutes(15)));
        await using var host = await api.StartAsync(TimeProvider.System, ("Explanations:MaxWarmupRows", "10"), ("Explanations:MaxAftermathRows", "5"), ("Explanations:MaxFixes", "3"));
        var few = await AskAsync(tenant, id, At(10), host: host);
        Assert.InRange(few["window"]!["rows"]!.GetValue<int>(), 6, 15);
        Assert.Equal([At(9, 40), At(9, 50), At(10), At(10, 10), At(10, 20), At(10, 30)], few["fixes"]!.AsArray().Select(fix => fix!["position"]!["fixedAt"]!.GetValue<string>()));
        Assert.Equal(("driving", At(0, 10)), (few["state"]!["motion"]!.GetValue<string>(), few["state"]!["since"]!.GetValue<string>()));

        var old = await AskAsync(tenant, id, At(-60), host: host);
        Assert.StartsWith($"No fix between {Noon.AddDays(-5):yyyy-MM-dd HH:mm:ss} and 12:00:10 UTC", Answer(old), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_fold_cannot_know_of_the_beginning_is_taken_from_what_was_told()
    {
        var (tenant, id, journey) = await NewAsync();
        await journey.Stay(0, 30, 0).CommitAsync();
        var depot = await journey.AddDepotAsync();
        await tenant.CommitAsync(
            tenant.Outcome(id, OutcomeType.Stop, Noon.AddHours(-9), state: OutcomeState.Open), tenant.Outcome(id, OutcomeType.Visit, Noon.AddHours(-8), subject: depot, state: OutcomeState.Open));
        var explained = await AskAsync(tenant, id, At(20), depot);
        Assert.EndsWith("inside of 'Depot' since 04:00:00.", Answer(explained), StringComparison.Ordinal);
        Assert.Equal(Noon.AddHours(-9), explained["state"]!["since"]!.GetValue<DateTimeOffset>());
        Assert.EndsWith("parked since 03:00:00, in 'Depot'.", Answer(await AskAsync(tenant, id, At(20))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "at")]
    [InlineData("at=yesterday&geofence=", "at geofence")]
    [InlineData("at=2999-01-01T00:00:00Z", "at")]
    [InlineData("at=2001-01-01T00:00:00Z", "at")]
    public async Task Wrong_parameters_are_named_with_their_values(string query, string wrong)
    {
        var (tenant, id, _) = await NewAsync();
        using var client = await tenant.ClientAsync();
        var problem = await client.GetAsync($"/api/v1/vehicles/{id}/explain?{query}").ProblemAsync(422, "/problems/invalid-parameters");
        Assert.Equal(wrong, string.Join(' ', problem["errors"]!.AsObject().Select(error => error.Key).Order(StringComparer.Ordinal)));
        if (query.Contains('Z', StringComparison.Ordinal)) Assert.Contains(query[3..], problem["errors"]!["at"]![0]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_the_callers_does_not_exist()
    {
        var (tenant, id, _) = await NewAsync();
        var (other, theirs, journey) = await NewAsync();
        var fence = await journey.AddDepotAsync();
        using var client = await tenant.ClientAsync();
        await client.GetAsync($"/api/v1/vehicles/{theirs}/explain?at={At(0)}").ProblemAsync(404, "/problems/vehicle-not-found");
        await client.GetAsync($"/api/v1/vehicles/nobody/explain?at={At(0)}").ProblemAsync(404, "/problems/vehicle-not-found");
        await client.GetAsync($"/api/v1/vehicles/{id}/explain?at={At(0)}&geofence={fence}").ProblemAsync(404, "/problems/geofence-not-found");
        using var nobody = api.Host.Client();
        await nobody.GetAsync($"/api/v1/vehicles/{id}/explain?at={At(0)}").ProblemAsync(401, "/problems/unauthenticated");
    }
}
