using FleetTracker.Sensors;
using FleetTracker.Storage;
using static FleetTracker.Vehicles.Tests.RulesRig;

namespace FleetTracker.Vehicles.Tests;

public sealed class TenantRulesCacheTests
{
    private static readonly TimeSpan Reach = TimeSpan.FromSeconds(4);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tenant_that_is_asked_for_is_loaded_and_known_through_lead_less_the_clocks_difference()
    {
        await using var rig = await StartAsync();
        Assert.Null(rig.Cache.Find(Tenant));
        var rules = await rig.LoadedAsync();
        Assert.Equal((Tenant, Noon + Reach, DateTimeOffset.MinValue), (rules.Tenant, rules.KnownThrough, rules.SettledAt));
        Assert.Equal(new VehicleOptions(), rules.Options);
        Assert.Same(rules.Options, rules.OptionsOf("any"));
    }

    [Fact]
    public async Task Every_poll_knows_further_and_only_a_change_is_told()
    {
        await using var rig = await StartAsync();
        await rig.LoadedAsync();
        await UntilAsync(() => rig.Changed.Count == 1, "the first load to be told");
        for (var minute = 1; minute <= 3; minute++)
        {
            rig.Time.Advance(TimeSpan.FromMinutes(1));
            await rig.PollAsync();
            await UntilAsync(() => rig.Cache.Find(Tenant)!.KnownThrough == Noon.AddMinutes(minute) + Reach, "the poll to be known");
        }

        Assert.Equal([Tenant], rig.Changed);
        Assert.Equal(1, rig.Loads());
    }

    [Fact]
    public async Task Polls_come_by_themselves_and_only_when_somebody_has_asked()
    {
        await using var rig = await StartAsync();
        for (var i = 0; i < 5; i++) rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, rig.Polls());
        await rig.LoadedAsync();
        var polls = rig.Polls();
        await UntilAsync(
            () =>
            {
                rig.Time.Advance(TimeSpan.FromSeconds(1));
                return rig.Polls() >= polls + 3;
            },
            "polls by the clock");
    }

    [Fact]
    public async Task Overridden_settings_lie_over_each_other_and_move_the_settled_line()
    {
        await using var rig = await StartAsync();
        await rig.AddVehicleAsync("v1", "Vans");
        await rig.AddVehicleAsync("v2", null);
        await rig.LoadedAsync();
        // Not so far that a poll would come by itself, between the two.
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await rig.Store.PutSettingsAsync(Tenant, "", """{"minStopDuration":60,"fenceMarginMeters":7,"idlingAfter":null}""", null, Who, Cancellation);
        await rig.Store.PutSettingsAsync(Tenant, "v1", """{"minStopDuration":90}""", null, Who, Cancellation);
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.OwnOptions.Count == 1, "the settings");

        var rules = rig.Cache.Find(Tenant)!;
        var ofTenant = new VehicleOptions { MinStopDuration = TimeSpan.FromSeconds(60), FenceMarginMeters = 7, IdlingAfter = null };
        Assert.Equal(ofTenant, rules.OptionsOf("v2"));
        Assert.Equal(ofTenant with { MinStopDuration = TimeSpan.FromSeconds(90) }, rules.OptionsOf("v1"));
        Assert.Equal(["Vans"], rules.GroupsOf("v1"));
        Assert.Empty(rules.GroupsOf("v2"));
        Assert.Equal((Noon.AddSeconds(6), Noon.AddSeconds(1) + Reach), (rules.SettledAt, rules.KnownThrough));
        await UntilAsync(() => rig.Changed.Count == 2, "both loads to be told");
    }

    [Fact]
    public async Task Sensors_come_with_the_rules_and_one_that_makes_no_sense_is_left_out_alone()
    {
        await using var rig = await StartAsync();
        await rig.AddVehicleAsync("v1", "Vans");
        await rig.LoadedAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        var hot = new SensorRules { Attribute = "temp", Kind = SensorKind.Gauge, High = 8 };
        await rig.Sensors.CreateSensorAsync(Tenant, new SensorDraft { Id = "hot", Name = "Hot", Rules = hot, Scope = new SensorScope { Groups = ["Vans"] } }, Who, Cancellation);
        await rig.Sensors.CreateSensorAsync(Tenant, new SensorDraft { Id = "bad", Name = "Bad", Rules = hot with { Low = 9 } }, Who, Cancellation);
        await rig.Sensors.CreateSensorAsync(Tenant, new SensorDraft { Id = "shown", Name = "Shown", Unit = "V", Rules = hot with { Attribute = "power", High = null } }, Who, Cancellation);
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.Sensors.All.Length == 2, "the sensors");
        Assert.Equal(["hot", "shown"], rig.Cache.Find(Tenant)!.Sensors.All.Select(sensor => sensor.Definition.Id));
        Assert.Equal(Noon.AddSeconds(6), rig.Cache.Find(Tenant)!.SettledAt);

        await rig.Sensors.DeleteSensorAsync(Tenant, "hot", null, Who, Cancellation);
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.Sensors.All.Length == 1, "the sensor to be gone");
    }

    [Theory]
    [InlineData("no JSON at all")]
    [InlineData("""{"minStopDuration":-1}""")]
    [InlineData("""{"someOldSetting":1}""")]
    [InlineData("""[]""")]
    public async Task Settings_that_make_no_sense_any_more_leave_what_is_below(string settings)
    {
        await using var rig = await StartAsync();
        await rig.AddVehicleAsync("v1", null);
        await rig.Store.PutSettingsAsync(Tenant, "", """{"fenceMarginMeters":7}""", null, Who, Cancellation);
        await rig.Store.PutSettingsAsync(Tenant, "v1", settings, null, Who, Cancellation);
        var rules = await rig.LoadedAsync();
        Assert.Equal(new VehicleOptions { FenceMarginMeters = 7 }, rules.OptionsOf("v1"));
    }

    [Fact]
    public async Task A_failed_poll_keeps_what_is_known_and_no_further()
    {
        await using var rig = await StartAsync();
        var rules = await rig.LoadedAsync();
        rig.Failures[nameof(IRulesStore.ReadRevisionsAsync)] = new TimeoutException();
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await rig.PollAsync();
        await rig.PollAsync();
        Assert.Same(rules, rig.Cache.Find(Tenant));

        rig.Failures.Clear();
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.KnownThrough == Noon.AddMinutes(1) + Reach, "the poll to be known");
    }

    [Fact]
    public async Task A_failed_load_keeps_what_is_known_while_others_go_on()
    {
        await using var rig = await StartAsync();
        await rig.Fleet.EnsureTenantAsync("other", "Other", Noon, Cancellation);
        var rules = await rig.LoadedAsync();
        rig.Cache.Find("other");
        await UntilAsync(() => rig.Cache.Find("other") is not null, "the other tenant");

        rig.Failures[nameof(IRulesStore.ReadRulesAsync)] = new TimeoutException();
        await rig.Store.PutSettingsAsync(Tenant, "", """{"minStopDuration":60}""", null, Who, Cancellation);
        var loads = rig.Loads();
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await rig.PollAsync();
        await UntilAsync(() => rig.Loads() > loads && rig.Cache.Find("other")!.KnownThrough == Noon.AddMinutes(1) + Reach, "the other tenant to be known further");
        Assert.Equal(rules, rig.Cache.Find(Tenant));

        rig.Failures.Clear();
        await UntilAsync(
            () =>
            {
                rig.Time.Advance(TimeSpan.FromSeconds(1));
                return rig.Cache.Find(Tenant)!.Options.MinStopDuration == TimeSpan.FromSeconds(60);
            },
            "the load to be tried again");
    }

    [Fact]
    public async Task Only_fences_that_changed_are_compiled_again()
    {
        await using var rig = await StartAsync();
        await rig.Store.CreateGeofencesAsync(Tenant, [Fence("a"), Fence("b")], Who, Cancellation);
        var before = await rig.LoadedAsync();
        Assert.Equal(2, before.Fences.Count);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await rig.Store.UpdateGeofenceAsync(Tenant, Fence("b") with { Rules = new() { MarginMeters = 3 } }, null, Who, Cancellation);
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.Fences.Count == 3, "the new version");

        var after = rig.Cache.Find(Tenant)!.Fences;
        var (first, second) = (Noon.AddSeconds(5), Noon.AddSeconds(6));
        Assert.Same(before.Fences.Find("a", second), after.Find("a", second));
        Assert.NotNull(after.Find("a", second));
        Assert.Equal((1, 2), (after.Find("b", first)!.Definition.Version, after.Find("b", second)!.Definition.Version));
        Assert.Null(after.Find("b", Noon));

        // Known through a time within the first version: no fix is folded before its rules are known.
        Assert.True(before.KnownThrough < first);
    }

    [Fact]
    public async Task A_fence_that_cannot_be_used_is_left_out_alone()
    {
        await using var rig = await StartAsync();
        await rig.Store.CreateGeofencesAsync(Tenant, [Fence("bad", "no geometry"), Fence("good")], Who, Cancellation);
        var rules = await rig.LoadedAsync();
        Assert.Equal(1, rules.Fences.Count);
        Assert.NotNull(rules.Fences.Find("good", Noon.AddSeconds(5)));

        await rig.Store.UpdateGeofenceAsync(Tenant, Fence("bad"), null, Who, Cancellation);
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.Fences.Count == 2, "the mended fence");
    }

    [Fact]
    public async Task A_deleted_fence_stays_for_late_fixes_and_goes_when_none_can_come()
    {
        await using var rig = await StartAsync();
        await rig.Store.CreateGeofencesAsync(Tenant, [Fence("a"), Fence("b")], Who, Cancellation);
        await rig.LoadedAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await rig.Store.DeleteGeofenceAsync(Tenant, "a", null, Who, Cancellation);
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.Fences.Find("a", Noon.AddSeconds(6)) is null, "the end of the fence");
        Assert.NotNull(rig.Cache.Find(Tenant)!.Fences.Find("a", Noon.AddSeconds(5)));

        // Seven days of the late window and one more, after it ended.
        rig.Time.Advance(TimeSpan.FromDays(8) + TimeSpan.FromSeconds(6));
        await rig.Store.UpdateGeofenceAsync(Tenant, Fence("b") with { Name = "renamed" }, null, Who, Cancellation);
        await rig.PollAsync();
        await UntilAsync(() => rig.Cache.Find(Tenant)!.Fences.Count == 1, "the old version to go");
    }

    [Fact]
    public async Task A_tenant_that_is_not_there_costs_nothing_more()
    {
        await using var rig = await StartAsync();
        await rig.PollAsync();
        var polls = rig.Polls();
        for (var i = 0; i < 100; i++) Assert.Null(rig.Cache.Find("stranger-1"));
        Assert.InRange(rig.Polls(), polls, polls + 1);
        Assert.Equal(0, rig.Loads());
    }

    [Fact]
    public async Task A_database_that_was_restored_is_read_anew()
    {
        await using var rig = await StartAsync();
        await rig.Store.PutSettingsAsync(Tenant, "", """{"minStopDuration":60}""", null, Who, Cancellation);
        await rig.LoadedAsync();
        await UntilAsync(() => rig.Changed.Count == 1, "the first load to be told");
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        rig.ToldRevision = 0;
        await rig.PollAsync();
        await UntilAsync(() => rig.Changed.Count == 2, "the tenant to be read again");
    }
}
