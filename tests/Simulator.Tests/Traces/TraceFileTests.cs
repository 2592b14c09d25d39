using FleetTracker.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Simulator.Tests.Traces;

public sealed class TraceFileTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, 500, TimeSpan.Zero);

    [Theory]
    [InlineData("hsl_hfp_v2")]
    [InlineData("hsl_hfp_bus_helsinki")]
    [InlineData("capmetro_bus_austin")]
    public void Rebased_to_now_the_newest_fix_is_now_and_all_distances_stay(string name)
    {
        var path = TraceFile.Find(name);
        var recorded = TraceFile.Load(path);

        var moved = TraceFile.Load(path, rebase: Rebase.Now, clock: new FakeTimeProvider(Now));

        Assert.InRange(moved.Max(e => e.FixedAt), Now.AddSeconds(-1), Now);
        Assert.Single(recorded.Zip(moved, (before, after) => after.FixedAt - before.FixedAt).Distinct());
    }

    [Fact]
    public void Rebased_to_first_the_oldest_fix_is_now()
    {
        var moved = TraceFile.Load(TraceFile.Find("barefoot_car_munich"), rebase: Rebase.First, clock: new FakeTimeProvider(Now));

        Assert.InRange(moved.Min(e => e.FixedAt), Now.AddSeconds(-1), Now);
    }

    [Theory]
    [InlineData(Rebase.None)]
    [InlineData(Rebase.Now)]
    public void A_file_without_fixes_is_named(Rebase rebase)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("fleettracker-trace-").FullName, "empty.csv");
        File.WriteAllText(path, "vehicle_id,timestamp_utc,lat,lon,speed_mps,heading_deg,accuracy_m\n");
        Assert.Contains(path, Assert.Throws<TraceFormatException>(() => TraceFile.Load(path, rebase: rebase)).Message, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void A_file_that_is_neither_here_nor_bundled_is_named() =>
        Assert.Contains("no_such_trace", Assert.Throws<FileNotFoundException>(() => TraceFile.Find("no_such_trace")).Message, StringComparison.Ordinal);
}
