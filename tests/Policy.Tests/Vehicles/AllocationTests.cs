using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Sensors;

namespace FleetTracker.Vehicles;

/// <summary>Nearly every row says nothing. What it allocates, all rows do.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("""{"satellites":11,"hdop":0.8}""")]
    [InlineData("""{"battery":87,"charging":false,"note":"ä"}""")]
    [InlineData("""{"alarm":"sos","battery":87}""")]
    [InlineData("""{"temp":12,"door":true,"can":{"fuel":143.5}}""")]
    public void A_row_that_says_nothing_allocates_nothing(string? attributes)
    {
        var (rows, state, drafts) = (Drive(attributes), new VehicleState(), new OutcomeDrafts());
        // The first rows find a place, raise the alarm, enter what they stand in.
        foreach (var row in rows.Take(300)) VehiclePolicy.Fold(state, row, Rules, drafts);
        drafts.Clear();
        var allocated = 0L;
        foreach (var row in rows.Skip(300))
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            VehiclePolicy.Fold(state, row, Rules, drafts);
            if (drafts.Count == 0) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            drafts.Clear();
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void The_state_alone_allocates_nothing_whatever_happens()
    {
        var (rows, state) = (Drive(null), new VehicleState());
        foreach (var row in rows.Take(300)) VehiclePolicy.Fold(state, row, Rules);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 300; i < rows.Count; i++) VehiclePolicy.Fold(state, rows[i], Rules);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_memory_allocates_nothing_for_a_row_without_outcome_or_checkpoint()
    {
        var (rows, memory, one, allocated, quiet) = (Drive(null), VehicleMemory.Begin("default", "v1", null), new Fix[1], 0L, 0);
        foreach (var row in rows)
        {
            one[0] = row;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var result = memory.Fold(one, Rules, row.ReceivedAt);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (result.Writes.Count > 0 || result.Checkpoints.Count > 0 || row.FixedAt < rows[300].FixedAt) continue;
            quiet++;
            allocated += bytes;
        }

        Assert.True(quiet > 500, $"{quiet} quiet rows");
        Assert.Equal(0, allocated);
    }

    private static TenantRules Rules { get; } = TenantRules.None with
    {
        Sensors = SensorSet.Build(
        [
            TestSensors.Of("cold", TestSensors.Gauge(low: 2, high: 8)), TestSensors.Of("door", TestSensors.Switch()),
            TestSensors.Of("tank", TestSensors.Fuel() with { Attribute = "can.fuel", Calibration = [new(0, 0), new(200, 400)] }),
        ], TenantRules.None.Groups, (sensor, error) => Assert.Fail($"{sensor.Id}: {error.Message}")),
        Fences = FenceSnapshot.Build(
        [
            TestFences.Circle("depot", 0, 0, 150),
            TestFences.Square("district", 1_500, 1_000, 3_000),
            TestFences.Corridor("road", [(-4_000, 200), (4_000, 400)], 60),
        ]),
    };

    private static IReadOnlyList<Fix> Drive(string? attributes)
    {
        var trace = new Trace { Attributes = attributes, Accuracy = 8 };
        for (var i = 0; i < 4; i++) trace.Stand(600).Drive(4_000, 300, every: 5).Stand(120).Drive(-4_000, -300, every: 5);
        return trace.Rows;
    }
}
