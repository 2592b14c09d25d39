using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

public sealed class ConnectionTests
{
    [Fact]
    public void A_vehicle_that_is_not_heard_of_is_offline_until_it_is()
    {
        var trace = new Trace().Stand(60);
        var archive = Told.Archive(trace, TenantRules.None, TimeSpan.FromMinutes(9));
        Assert.DoesNotContain(archive.Said, outcome => outcome.Kind is "offline");
        archive.Elapse(trace.Now.AddMinutes(11));
        var offline = Assert.Single(archive.Said, outcome => outcome.Kind is "offline");
        Assert.Equal((OutcomeState.Open, 60), (offline.State, offline.Second()));

        var back = trace.Wait(1_200).Fix(0, 0, 0).Rows[^1];
        archive.Commit([back], back.ReceivedAt);
        archive.Elapse(back.ReceivedAt);
        offline = Assert.Single(archive.Said, outcome => outcome.Kind is "offline");
        Assert.Equal((OutcomeState.Closed, back.ReceivedAt), (offline.State, offline.EndedAt));
        Assert.Equal(back.FixedAt, Assert.Single(archive.Said, outcome => outcome.Kind is "online").At.FixedAt);
    }

    [Fact]
    public void A_vehicle_whose_backlog_arrives_was_offline_until_then()
    {
        var trace = new Trace().Stand(600).Drive(20_000, 0).Stand(600);
        var (gone, back) = (Trace.Start.AddSeconds(600), Trace.Start.AddHours(8));
        var archive = new Archive(TenantRules.None);
        foreach (var row in trace.Rows) archive.Commit([row.FixedAt <= gone ? row : row with { ReceivedAt = back }], row.FixedAt <= gone ? row.ReceivedAt : back);
        archive.Elapse(back);
        Assert.Equal(back, Assert.Single(archive.Said, outcome => outcome.Kind is "offline").EndedAt);
    }

    [Fact]
    public void A_tracker_that_reports_rarely_has_more_time()
    {
        var trace = new Trace();
        for (var i = 0; i < 12; i++) trace.Fix(0, 0, 0, after: 3_600);
        Assert.DoesNotContain(Told.Of(trace, TenantRules.None, TimeSpan.FromHours(2.9)), outcome => outcome is { Kind: "offline", State: OutcomeState.Open });
        Assert.Contains(Told.Of(trace, TenantRules.None, TimeSpan.FromHours(3.1)), outcome => outcome is { Kind: "offline", State: OutcomeState.Open });
    }

    [Fact]
    public void What_was_seen_while_offline_does_not_undo_that_it_was()
    {
        var trace = new Trace().Stand(60).Wait(1_800).Stand(60);
        var archive = Told.Archive(trace, TenantRules.None);
        var backlog = new Trace().Stand(60).Stand(1_200, every: 60).Rows.Skip(6).Select(row => row with { ReceivedAt = trace.Now, Digest = row.Digest + 1_000 });
        archive.Commit(backlog, trace.Now);
        archive.Elapse(trace.Now);
        Assert.Equal(OutcomeState.Closed, Assert.Single(archive.Said, outcome => outcome.Kind is "offline").State);
    }
}
