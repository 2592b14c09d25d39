namespace FleetTracker.Ingestion;

public sealed class LanesTests
{
    // Frozen: another value would send a stored vehicle to a lane whose owner does not know it.
    [Theory]
    [InlineData("v0123456789abcdef0123", 32, 12)]
    [InlineData("v1", 32, 17)]
    [InlineData("Ä-vehicle", 8, 6)]
    public void The_lane_of_a_vehicle_is_frozen(string vehicle, int lanes, int expected) => Assert.Equal(expected, Lanes.Of(vehicle, lanes));

    [Fact]
    public void Vehicles_spread_evenly_over_lanes()
    {
        var counts = new int[32];
        for (var i = 0; i < 32_000; i++) counts[Lanes.Of($"v{i:x20}", 32)]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Stored_instants_come_back_as_they_went()
    {
        var instant = new DateTimeOffset(2026, 3, 1, 14, 0, 0, TimeSpan.FromHours(2)).AddTicks(1_234_567);
        var stored = instant.ToStored();
        Assert.Equal(TimeSpan.Zero, stored.Offset);
        Assert.Equal(stored, Instants.FromUnixMicroseconds(instant.ToUnixMicroseconds()));
        Assert.InRange((instant - stored).Ticks, 0, 9);
    }
}
