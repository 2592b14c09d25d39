using FleetTracker.Devices;
using FleetTracker.Ingestion;
using Microsoft.Extensions.Options;

namespace FleetTracker.Silo;

public sealed class SiloFeaturesTests
{
    private static readonly Type Lane = typeof(LaneHeads).Assembly.GetType("FleetTracker.Ingestion.LaneGrain")!;
    private static readonly Type Vehicle = typeof(LaneHeads).Assembly.GetType("FleetTracker.Vehicles.VehicleGrain")!;
    private static readonly Type Device = typeof(MqttSecrets).Assembly.GetType("FleetTracker.Devices.DeviceGrain")!;

    [Fact]
    public void Without_features_a_silo_hosts_everything() => Assert.All([Lane, Vehicle, Device], grain => Assert.True(SiloFeatures.Hosts([], grain)));

    [Fact]
    public void A_lane_and_its_vehicles_are_hosted_together()
    {
        Assert.Equal((true, true, false), (SiloFeatures.Hosts(["locations"], Lane), SiloFeatures.Hosts(["LOCATIONS"], Vehicle), SiloFeatures.Hosts(["locations"], Device)));
        Assert.Equal((false, false, true), (SiloFeatures.Hosts(["vehicles"], Lane), SiloFeatures.Hosts(["vehicles"], Vehicle), SiloFeatures.Hosts(["vehicles"], Device)));
    }

    [Fact]
    public void Orleans_own_grains_are_hosted_everywhere() => Assert.True(SiloFeatures.Hosts(["identity"], typeof(string)));

    [Fact]
    public void All_wrong_settings_are_reported_together()
    {
        var options = new SiloOptions { Port = 0, GatewayPort = 70_000, AdvertisedAddress = "localhost" };
        options.Features.Add("everything");
        var failures = new SiloOptionsValidator().Validate(Options.DefaultName, options).FailureMessage;
        foreach (var value in new[] { "0", "70000", "localhost", "everything" }) Assert.Contains(value, failures, StringComparison.Ordinal);
    }
}
