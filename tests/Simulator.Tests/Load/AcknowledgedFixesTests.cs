using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Load;

public sealed class AcknowledgedFixesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_record_on_disk_reads_back_even_when_its_last_entry_is_torn()
    {
        var path = Path.Combine(Path.GetTempPath(), $"acknowledged-{Guid.NewGuid():n}");
        try
        {
            using (var log = new AcknowledgedLog(path, "load-"))
            {
                log.Acknowledged(0, Micros(0));
                log.Acknowledged(12, Micros(1));
                log.Acknowledged(12, Micros(2));
            }

            using (var file = File.OpenWrite(path)) file.SetLength(file.Length - 5);

            var fixes = AcknowledgedLog.Read(path);
            Assert.Equal(2, fixes.Count);
            Assert.Equal(["load-0000000", "load-0000012"], fixes.DeviceIds);
            Assert.Equal([Noon.AddSeconds(1)], fixes.Of("load-0000012"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Lost_fixes_and_those_stored_twice_are_found()
    {
        var fixes = new AcknowledgedFixes("load-");
        fixes.Acknowledged(3, Micros(0));
        fixes.Acknowledged(3, Micros(1));

        var defects = fixes.Compare("load-0000003", [Noon.AddSeconds(1), Noon.AddSeconds(1), Noon.AddSeconds(9)]);

        Assert.Equal([Noon], defects.Lost);
        Assert.Equal([Noon.AddSeconds(1)], defects.StoredTwice);
        Assert.False(defects.None);
    }

    private static long Micros(int seconds) => (Noon.AddSeconds(seconds) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
