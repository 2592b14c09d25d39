using CsCheck;
using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Traces;

public sealed class DeviceNamesTests
{
    [Theory]
    [InlineData("bus", "0012/01913", "bus-0012-01913")]
    [InlineData("bus", "Väinö 1", "bus-V-in--1")]
    [InlineData("bus", "a.b_c:d", "bus-a.b_c:d")]
    public void What_a_device_id_may_not_contain_becomes_a_hyphen(string dataset, string vehicle, string expected) =>
        Assert.Equal(expected, DeviceNames.For(dataset, vehicle));

    [Fact]
    public void Names_that_are_too_long_stay_apart()
    {
        var one = DeviceNames.For(new string('d', 80), "one");
        var other = DeviceNames.For(new string('d', 81), "one");

        Assert.EndsWith("-one", one, StringComparison.Ordinal);
        Assert.Equal(DeviceNames.MaxLength, one.Length);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Every_name_is_a_legal_device_id() =>
        Gen.Select(Gen.String, Gen.String).Sample((dataset, vehicle) =>
        {
            var id = DeviceNames.For(dataset, vehicle);
            return id.Length is >= 1 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || "._:-".Contains(c, StringComparison.Ordinal));
        });
}
