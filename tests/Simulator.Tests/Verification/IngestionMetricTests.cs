using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Verification;

public sealed class IngestionMetricTests
{
    private const string Page = """
        # TYPE fleettracker_ingestion_fixes_total counter
        fleettracker_ingestion_fixes_total{otel_scope_name="FleetTracker.Ingestion",outcome="accepted",reason=""} 743 1772366400000
        fleettracker_ingestion_fixes_total{outcome="late"} 8
        fleettracker_ingestion_fixes_total{outcome="filtered",reason="no_position"} 940
        fleettracker_ingestion_fixes_total{outcome="filtered",reason="null_island"} 1.3e1
        fleettracker_ingestion_fixes_total{outcome="rejected",reason="from_future"} 2
        fleettracker_ingestion_fixes_total{outcome="rejected",reason="not_json"} 3
        fleettracker_ingestion_fixes_total_created{outcome="late"} 1772366400
        other_total{outcome="late"} 99
        """;

    [Fact]
    public void Outcomes_and_reasons_of_the_page_are_put_into_groups()
    {
        var counts = IngestionMetric.Parse(Page);

        Assert.Equal(743, counts[SourceGroup.InOrder]);
        Assert.Equal(8, counts[SourceGroup.Late]);
        Assert.Equal(940, counts[SourceGroup.WithoutPosition]);
        Assert.Equal(13, counts[SourceGroup.NullIsland]);
        Assert.Equal(5, counts[SourceGroup.Rejected]);
        Assert.False(counts.ContainsKey(SourceGroup.Duplicate));
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(3, 0, false)]
    [InlineData(3, 3, true)]
    [InlineData(4, 3, false)]
    public void Only_publishes_that_were_sent_again_may_be_counted_as_duplicates(long duplicates, long resent, bool equal)
    {
        var none = new Dictionary<SourceGroup, long>();
        var after = new Dictionary<SourceGroup, long> { [SourceGroup.Duplicate] = duplicates };

        Assert.Equal(equal, !Verifier.CompareCounts(new SourceCounts(), none, after, resent).Any());
    }
}
