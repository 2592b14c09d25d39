using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Sensors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization;

namespace FleetTracker.Vehicles.Tests;

public sealed class VehicleStatesTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);

    [Fact]
    public void A_checkpoint_goes_on_as_the_state_that_it_is_of()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var states = new VehicleStates(services.GetRequiredService<Serializer<VehicleState>>(), NullLogger<VehicleStates>.Instance);
        var rules = TenantRules.None with
        {
            Sensors = SensorSet.Build(
            [
                Of("cold", new SensorRules { Attribute = "temp", Kind = SensorKind.Gauge, High = 8, MinDuration = TimeSpan.FromSeconds(30) }),
                Of("tank", new SensorRules { Attribute = "fuel", Kind = SensorKind.Fuel, FillAmount = 20, DrainAmount = 20 }),
            ], TenantRules.None.Groups, (_, error) => Assert.Fail(error.Message)),
        };
        for (var cut = 0; cut < 60; cut++)
        {
            var (whole, state) = (new OutcomeDrafts(), new VehicleState());
            var parts = new OutcomeDrafts();
            var other = new VehicleState();
            for (var i = 0; i < 60; i++)
            {
                VehiclePolicy.Fold(state, Row(i), rules, whole);
                VehiclePolicy.Fold(other, Row(i), rules, parts);
                if (i == cut) other = states.Deserialize("v1", states.Serialize(other))!;
            }

            Assert.Equal(whole.All, parts.All);
            Assert.Contains(whole.All, draft => draft.Kind == "fuel.fill");
            Assert.Contains(whole.All, draft => draft.Kind == "sensor.high");
        }
    }

    private static Sensor Of(string id, SensorRules rules) => new() { Id = id, Tenant = "default", Name = id, Rules = rules };

    private static Fix Row(int i) => new()
    {
        Tenant = "default", VehicleId = "v1", DeviceId = "d1", FixedAt = Noon.AddSeconds(i * 10), ReceivedAt = Noon.AddSeconds((i * 10) + 1), Digest = i, Verdict = FixVerdict.Accepted,
        Latitude = 60, Longitude = 25, SpeedMetersPerSecond = 0, Attributes = $$"""{"temp":{{(i is > 10 and < 40 ? 9 : 5)}},"fuel":{{(i > 20 ? 100 : 40)}}}""",
    };
}
