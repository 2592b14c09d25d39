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

    /// <summary>A tracker that sends one lost message from its memory.</summary>
    [Theory]
    [InlineData(7_000)]
    [InlineData(86_400)]
    public void One_late_row_makes_no_silence_of_a_vehicle_that_was_heard_of(int late)
    {
        var trace = new Trace().Drive(20_000, 0);
        var (lost, now) = (trace.Rows[50], trace.Rows[50].FixedAt.AddSeconds(late));
        trace.Stand(late);
        var archive = new Archive(TenantRules.None);
        foreach (var row in trace.Rows.Where(row => row != lost && row.ReceivedAt <= now)) archive.Commit([row], row.ReceivedAt);
        archive.Commit([lost with { ReceivedAt = now }], now);
        foreach (var row in trace.Rows.Where(row => row.ReceivedAt > now)) archive.Commit([row], row.ReceivedAt);
        Assert.DoesNotContain(archive.Said, outcome => outcome.Kind is "offline" or "online");

        var again = new Archive(TenantRules.None);
        foreach (var row in trace.Rows) again.Commit([row == lost ? row with { ReceivedAt = now } : row], trace.Now);
        Assert.DoesNotContain(again.Said, outcome => outcome.Kind is "offline" or "online");
    }

    [Fact]
    public void A_row_from_a_silence_that_comes_late_does_not_make_it_longer()
    {
        var trace = new Trace().Stand(60).Wait(1_800).Stand(600);
        var archive = Told.Archive(trace, TenantRules.None);
        string[] Said() => [.. archive.Said.Where(outcome => outcome.Kind is "offline" or "online").OrderBy(outcome => outcome.At).Select(outcome => $"{outcome.Kind} {outcome.State} {outcome.Second()} {outcome.EndSecond()}")];
        var before = Said();
        Assert.Equal(["offline Closed 60 1871", "online Closed 1870 1870"], before);
        archive.Commit([trace.Rows[6] with { FixedAt = Trace.Start.AddSeconds(500), ReceivedAt = trace.Now.AddHours(5), Digest = 99 }], trace.Now.AddHours(5));
        Assert.Equal(before, Said());
    }

    [Fact]
    public void Silence_between_timely_rows_and_a_late_one_is_told()
    {
        var trace = new Trace().Stand(600);
        var archive = Told.Archive(trace, TenantRules.None);
        var late = trace.Rows[5] with { FixedAt = trace.Rows[5].FixedAt.AddSeconds(3), ReceivedAt = trace.Now.AddHours(2), Digest = 99 };
        archive.Commit([late], late.ReceivedAt);
        archive.Elapse(late.ReceivedAt);
        var offline = Assert.Single(archive.Said, outcome => outcome.Kind is "offline");
        Assert.Equal((OutcomeState.Closed, trace.Rows[^1].FixedAt, late.ReceivedAt), (offline.State, offline.At.FixedAt, offline.EndedAt));
        var back = trace.Wait(7_300).Fix(0, 0, 0).Rows[^1];
        archive.Commit([back], back.ReceivedAt);
        Assert.Equal(offline.Id, Assert.Single(archive.Said, outcome => outcome.Kind is "offline").Id);
    }
}
