using CsCheck;

namespace FleetTracker.Devices;

public sealed class DeviceIdsTests
{
    [Theory]
    [InlineData("truck-1", true)]
    [InlineData("hfp:0012:01211", true)]
    [InlineData("A.b_C:d-9", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a+b", false)]
    [InlineData("a#", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    [InlineData("a\0", false)]
    public void Ids_are_of_a_small_alphabet(string id, bool isValid) => Assert.Equal(isValid, DeviceIds.IsValid(id));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Ids_have_a_longest_length(int length, bool isValid) => Assert.Equal(isValid, DeviceIds.IsValid(new string('a', length)));
}

public sealed class DeviceRecordTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly DeviceRecord Moved = new()
    {
        DeviceId = "d", Tenant = "t", Pairings = [new Pairing("first", null, Noon), new Pairing("second", Noon.AddHours(1), Noon.AddHours(2)), new Pairing("third", Noon.AddHours(2), null)],
    };

    [Theory]
    [InlineData(-100_000, "first")]
    [InlineData(-1, "first")]
    [InlineData(0, null)]
    [InlineData(3599, null)]
    [InlineData(3600, "second")]
    [InlineData(7199, "second")]
    [InlineData(7200, "third")]
    [InlineData(1_000_000, "third")]
    public void A_fix_belongs_to_the_vehicle_that_carried_the_device_then(int seconds, string? vehicle) => Assert.Equal(vehicle, Moved.VehicleAt(Noon.AddSeconds(seconds)));

    [Fact]
    public void At_most_one_pairing_holds_at_any_time() => Gen.Int[-10_000, 20_000].Sample(seconds =>
    {
        var at = Noon.AddSeconds(seconds);
        var holding = Moved.Pairings.Where(pairing => (pairing.From is null || pairing.From <= at) && (pairing.To is null || at < pairing.To)).Select(pairing => pairing.VehicleId);
        return Moved.VehicleAt(at) == holding.SingleOrDefault();
    });
}
