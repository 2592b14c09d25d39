using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Verification;

public sealed class HistoryComparisonTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_same_points_in_ascending_time_are_equal() =>
        Assert.Empty(Compare([Row(-1), Row(0)], sent: [0, -1]));

    [Fact]
    public void A_missing_point_is_found() =>
        Assert.Contains("missing: 2026-03-01T11:59:59Z (60, 25)", Assert.Single(Compare([Row(0)], sent: [0, -1])), StringComparison.Ordinal);

    [Fact]
    public void A_point_stored_twice_is_found() =>
        Assert.Contains("stored once too often: 2026-03-01T12:00:00Z", Assert.Single(Compare([Row(0), Row(0)], sent: [0])), StringComparison.Ordinal);

    [Fact]
    public void A_changed_value_is_told_with_what_was_sent()
    {
        var difference = Assert.Single(Compare([Row(0) with { SpeedMetersPerSecond = 4.6 }], sent: [0]));

        Assert.Contains("sent 2026-03-01T12:00:00Z (60, 25) speed 4.5", difference, StringComparison.Ordinal);
        Assert.Contains("stored 2026-03-01T12:00:00Z (60, 25) speed 4.6", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_order_is_found() =>
        Assert.Contains("comes after a later one", Assert.Single(Compare([Row(0), Row(-1)], sent: [0, -1])), StringComparison.Ordinal);

    [Theory]
    [InlineData("accepted", 0)]
    [InlineData("nullIsland", 1)]
    [InlineData("beyond_window", 1)]
    public void A_wrong_verdict_is_found(string verdict, int differences) =>
        Assert.Equal(differences, Compare([Row(0) with { Verdict = verdict }], sent: [0]).Count);

    [Fact]
    public void A_fix_received_after_the_window_must_say_so()
    {
        var late = Row(0) with { ReceivedAt = Noon.AddDays(8) };

        Assert.Single(Compare([late], sent: [0]));
        Assert.Empty(Compare([late with { Verdict = "beyond-window" }], sent: [0]));
    }

    [Fact]
    public void A_report_without_position_is_compared_too()
    {
        var comparison = new HistoryComparison("bus-1", TimeSpan.FromDays(7));
        comparison.Expect(Elements.At(Noon, null, null));

        comparison.Observe(Row(0) with { Latitude = null, Longitude = null, Verdict = "noPosition" });

        Assert.Empty(comparison.Finish());
    }

    private static IReadOnlyList<string> Compare(IEnumerable<HistoryRow> stored, int[] sent)
    {
        var comparison = new HistoryComparison("bus-1", TimeSpan.FromDays(7));
        foreach (var seconds in sent) comparison.Expect(Elements.At(Noon.AddSeconds(seconds), 60, 25));
        foreach (var row in stored) comparison.Observe(row);
        return comparison.Finish();
    }

    private static HistoryRow Row(int seconds) => new(Noon.AddSeconds(seconds), Noon.AddSeconds(1), 60, 25, 4.5, null, null, "accepted");
}
