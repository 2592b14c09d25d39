using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

public sealed class MemoryTests
{
    [Fact]
    public async Task Rows_that_wait_and_are_too_many_to_remember_are_read_when_their_time_is_known()
    {
        var rows = Enumerable.Range(0, 100).Select(i => Fixes.At(i, digest: i + 1)).ToList();
        var rules = TenantRules.None with { KnownThrough = Fixes.Noon.AddSeconds(-1) };
        var memory = VehicleMemory.Begin("default", "v1", null);
        Assert.False((await memory.CatchUpAsync(rows.ToAsyncEnumerable(), [], rules, Fixes.Noon)).IsBehind);
        Assert.False(memory.Elapse(rules with { KnownThrough = Fixes.Noon.AddSeconds(20) }, Fixes.Noon.AddSeconds(20)).IsBehind);
        Assert.True(memory.Elapse(rules with { KnownThrough = Fixes.Noon.AddHours(1) }, Fixes.Noon.AddHours(1)).IsBehind);

        var told = VehicleMemory.Begin("default", "v1", null);
        Assert.False(told.Fold(rows, rules, Fixes.Noon).IsBehind);
        Assert.True(told.Fold([Fixes.At(200)], rules with { KnownThrough = Fixes.Noon.AddHours(1) }, Fixes.Noon.AddHours(1)).IsBehind);
    }

    [Fact]
    public void A_row_that_cannot_be_judged_is_left_out_and_the_vehicle_goes_on()
    {
        // Accepted without a place: no decoder makes one.
        var trace = new Trace().Stand(100).Fix(0, 0, 0).Change(fix => fix with { Latitude = null }).Stand(400);
        var archive = Told.Archive(trace, TenantRules.None);
        var excluded = Assert.Single(archive.Said, outcome => outcome.Kind is "excluded");
        Assert.Equal(("error", 110), (excluded.Text("reason"), excluded.Second()));
        Assert.Contains(archive.Said, outcome => outcome.Kind is "stop");
    }

    [Fact]
    public void What_lasts_ends_in_silence()
    {
        var rules = TenantRules.None with { Options = new VehicleOptions { SpeedLimitMetersPerSecond = 20 } };
        var speeding = new Trace().Stand(600).Drive(4_000, 0, speed: 30);
        var told = Assert.Single(Told.Of(speeding, rules, "overspeed", TimeSpan.FromHours(5)));
        Assert.Equal((Outcomes.OutcomeState.Closed, speeding.Rows[^1].FixedAt), (told.State, told.EndedAt));

        var idling = new Trace { Ignition = true }.Stand(900);
        told = Assert.Single(Told.Of(idling, TenantRules.None, "idling", TimeSpan.FromHours(5)));
        Assert.Equal((Outcomes.OutcomeState.Closed, idling.Rows[^1].FixedAt), (told.State, told.EndedAt));
    }
}
