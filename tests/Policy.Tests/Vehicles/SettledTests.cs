using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>A change of settings: what was told before stays, and what was not known is told all the same.</summary>
public sealed class SettledTests
{
    private static readonly VehicleOptions LongTrips = new() { MinTripDistanceMeters = 7_000 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_happened_before_a_change_and_arrives_after_it_is_told(bool newestFirst)
    {
        var trace = Day();
        var now = trace.Now.AddHours(2);
        var unchanged = new Archive(TenantRules.None);
        unchanged.Commit(trace.Rows, now);
        unchanged.Elapse(now);
        var archive = new Archive(TenantRules.None with { SettledAt = now.AddHours(-1) });
        foreach (var row in newestFirst ? trace.Rows.Reverse() : trace.Rows) archive.Commit([row with { ReceivedAt = now }], now);
        archive.Elapse(now);
        string[] Told(Archive of) => [.. of.Said.Where(outcome => outcome.Kind is "trip" or "stop" or "sos").OrderBy(outcome => outcome.At).Select(outcome => $"{outcome.Kind} {outcome.State} {outcome.Second()} {outcome.EndSecond()}")];
        Assert.Equal(Told(unchanged), Told(archive));
        Assert.Equal(6, Told(archive).Length);
    }

    [Fact]
    public void What_was_told_before_a_change_stays_also_after_a_late_row()
    {
        var trace = new Trace().Stand(900, every: 60).Drive(6_000, 0, every: 60).Stand(420, every: 60);
        var (settled, cut) = (trace.Now.AddSeconds(1), trace.Rows.Count);
        trace.Stand(300, every: 60).Drive(6_000, 0, every: 60).Stand(900, every: 60);
        var archive = new Archive(TenantRules.None);
        foreach (var row in trace.Rows.Take(cut)) archive.Commit([row], row.ReceivedAt);
        archive.Elapse(trace.Rows[cut - 1].ReceivedAt);
        string[] Before() => [.. archive.Said.Where(outcome => outcome.At.FixedAt < settled && outcome.Kind is "trip" or "stop").OrderBy(outcome => outcome.At).Take(2)
            .Select(outcome => $"{outcome.Kind} {outcome.State} {outcome.Second()} {outcome.EndSecond()} r{outcome.Revision}")];
        var told = Before();
        Assert.Equal(2, told.Length);

        archive.Rules = TenantRules.None with { Options = LongTrips, SettledAt = settled };
        for (var i = cut; i < trace.Rows.Count; i++)
        {
            if (i == cut + 1) continue;
            archive.Commit([trace.Rows[i]], trace.Rows[i].ReceivedAt);
            if (i == cut + 3) archive.Commit([trace.Rows[cut + 1]], trace.Rows[i].ReceivedAt);
        }

        archive.Elapse(trace.Now);
        Assert.Equal(told, Before());
        Assert.DoesNotContain(archive.All, outcome => outcome.State == OutcomeState.Withdrawn && outcome.At.FixedAt < settled);
        var courses = archive.Said.Where(outcome => outcome.Kind is "trip" or "stop").OrderBy(outcome => outcome.At).ToList();
        Assert.Single(courses, outcome => outcome.State == OutcomeState.Open);
    }

    [Fact]
    public void What_happens_while_a_change_is_on_its_way_is_told()
    {
        var trace = new Trace().Stand(60).Fix(0, 0, 0).Change(fix => fix with { Attributes = """{"alarm":"sos"}""" });
        var archive = new Archive(TenantRules.None);
        foreach (var row in trace.Rows.SkipLast(1)) archive.Commit([row], row.ReceivedAt);
        archive.Rules = TenantRules.None with { SettledAt = trace.Now.AddSeconds(5) };
        archive.Commit([trace.Rows[^1]], trace.Rows[^1].ReceivedAt);
        archive.Elapse(trace.Now);
        Assert.Single(archive.Said, outcome => outcome.Kind is "sos");
    }

    private static Trace Day() => new Trace().Stand(900, every: 60).Drive(6_000, 0, every: 60).Stand(900, every: 60).Fix(6_000, 0, 0)
        .Change(fix => fix with { Attributes = """{"alarm":"sos"}""" }).Stand(900, every: 60).Drive(6_000, 0, every: 60).Stand(900, every: 60);
}
