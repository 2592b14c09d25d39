using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Verification;

public sealed class SourceJudgeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_bundled_buses_of_Austin_fall_into_known_groups()
    {
        var counts = SourceCounts.Of(TraceFile.Load(TraceFile.Find("capmetro_bus_austin")), SourceBounds.None);

        Assert.Equal(130_447, counts.Total);
        Assert.Equal(50_313, counts[SourceGroup.InOrder]);
        Assert.Equal(80_120, counts[SourceGroup.Late]);
        Assert.Equal(1, counts[SourceGroup.Duplicate]);
        Assert.Equal(13, counts[SourceGroup.NullIsland]);
    }

    [Fact]
    public void The_bundled_messages_of_Helsinki_fall_into_known_groups()
    {
        var counts = SourceCounts.Of(TraceFile.Load(TraceFile.Find("hsl_hfp_v2")), SourceBounds.None);

        Assert.Equal(1_691, counts.Total);
        Assert.Equal(743, counts[SourceGroup.InOrder]);
        Assert.Equal(8, counts[SourceGroup.Late]);
        Assert.Equal(940, counts[SourceGroup.WithoutPosition]);
    }

    [Fact]
    public void Moving_all_times_moves_no_element_to_another_group()
    {
        var counts = SourceCounts.Of(TraceFile.Load(TraceFile.Find("hsl_hfp_v2"), rebase: Rebase.Now), SourceBounds.None);

        Assert.Equal((743, 8, 940), (counts[SourceGroup.InOrder], counts[SourceGroup.Late], counts[SourceGroup.WithoutPosition]));
    }

    [Fact]
    public void The_same_time_with_another_position_is_in_order()
    {
        var judge = new SourceJudge(SourceBounds.None);

        Assert.Equal(SourceGroup.InOrder, judge.Judge(Elements.At(Noon, 60, 25)));
        Assert.Equal(SourceGroup.InOrder, judge.Judge(Elements.At(Noon, 60, 26)));
        Assert.Equal(SourceGroup.Late, judge.Judge(Elements.At(Noon.AddSeconds(-1), 60, 25)));
    }

    [Fact]
    public void A_fix_at_null_island_does_not_make_others_late()
    {
        var judge = new SourceJudge(SourceBounds.None);

        Assert.Equal(SourceGroup.NullIsland, judge.Judge(Elements.At(Noon, 0, 0)));
        Assert.Equal(SourceGroup.InOrder, judge.Judge(Elements.At(Noon.AddHours(-1), 60, 25)));
    }

    [Fact]
    public void Vehicles_are_judged_apart()
    {
        var judge = new SourceJudge(SourceBounds.None);

        Assert.Equal(SourceGroup.InOrder, judge.Judge(Elements.At(Noon, 60, 25, "one")));
        Assert.Equal(SourceGroup.InOrder, judge.Judge(Elements.At(Noon.AddHours(-1), 60, 25, "other")));
    }

    [Theory]
    [InlineData("2026-03-01T12:01:30Z", SourceGroup.InOrder)]
    [InlineData("2026-03-01T12:01:31Z", SourceGroup.Rejected)]
    [InlineData("2026-02-22T12:00:00Z", SourceGroup.InOrder)]
    [InlineData("2026-02-22T11:59:59Z", SourceGroup.BeyondWindow)]
    [InlineData("2025-03-01T11:59:59Z", SourceGroup.Rejected)]
    [InlineData("1999-12-31T23:59:59Z", SourceGroup.Rejected)]
    public void Bounds_of_the_server_decide_about_old_and_future_fixes(string fixedAt, SourceGroup expected)
    {
        var bounds = new SourceBounds { ReceivedAt = Noon, LateWindow = TimeSpan.FromDays(7), Retention = TimeSpan.FromDays(365) };
        var at = DateTimeOffset.Parse(fixedAt, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(expected, new SourceJudge(bounds).Judge(Elements.At(at, 60, 25)));
    }
}

internal static class Elements
{
    public static TraceElement At(DateTimeOffset fixedAt, double? latitude, double? longitude, string deviceId = "bus-1") => new()
    {
        DeviceId = deviceId,
        Topic = $"fleet/{deviceId}/position",
        Payload = System.Text.Encoding.UTF8.GetBytes($"{fixedAt:O} {latitude} {longitude}"),
        FixedAt = fixedAt,
        RecordedAt = fixedAt,
        Latitude = latitude,
        Longitude = longitude,
        SpeedMetersPerSecond = 4.5,
    };
}
