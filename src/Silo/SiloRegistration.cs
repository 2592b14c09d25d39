using System.Net;
using FleetTracker.Health;
using FleetTracker.Hosting;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace FleetTracker.Silo;

/// <summary>The silo role.</summary>
public static class SiloRegistration
{
    /// <summary>Adds the silo of a cluster: members find each other in the Fleet database.</summary>
    public static IHostApplicationBuilder AddFleetSilo(this IHostApplicationBuilder builder, int laneCount)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        return builder.AddSilo(laneCount, options, silo =>
        {
            silo.UseAdoNetClustering(clustering => clustering.Configure<FleetDatabases>((membership, databases) =>
            {
                membership.Invariant = databases.OrleansInvariant;
                if (databases.FleetDataSource is { } source) membership.DataSource = source;
                else membership.ConnectionString = databases.FleetConnectionString;
            }));
            var advertised = options.AdvertisedAddress is { } address ? IPAddress.Parse(address) : null;
            if (advertised is null) silo.ConfigureEndpoints(options.Port, options.GatewayPort, listenOnAnyHostAddress: !options.ListenOnAdvertisedOnly);
            else silo.ConfigureEndpoints(advertised, options.Port, options.GatewayPort, listenOnAnyHostAddress: !options.ListenOnAdvertisedOnly);
        });
    }

    /// <summary>Adds the only silo of an installation in one process: no gateway, and no membership rows that a kill could leave behind.</summary>
    public static IHostApplicationBuilder AddFleetSoleSilo(this IHostApplicationBuilder builder, int laneCount)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        return builder.AddSilo(laneCount, options, silo =>
            silo.UseLocalhostClustering(siloPort: FreePort.OnLoopback(), gatewayPort: 0, serviceId: options.ServiceId, clusterId: options.ClusterId));
    }

    private static IHostApplicationBuilder AddSilo(this IHostApplicationBuilder builder, int laneCount, SiloOptions options, Action<ISiloBuilder> cluster)
    {
        var services = builder.Services;
        services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        services.TryAddSingleton<ILaneCount>(new LaneCount(laneCount));

        // Before Orleans, so that they outlive it: lanes still commit and publish while the silo stops.
        services.AddIngestion().AddVehicles().AddLiveFeed().AddDevices().AddIdentityGrains(builder.Configuration);
        services.AddSingleton<IReadinessCheck, SiloReadiness>();
        services.AddSingleton<IReadinessCheck, IngestReadiness>();

        builder.UseOrleans(silo =>
        {
            cluster(silo);
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId, options.ServiceId));
            silo.AddLaneStreams();
            silo.ConfigureFleet(options);
        });
        services.AddLaneKeeper();
        return builder;
    }

    private static void ConfigureFleet(this ISiloBuilder silo, SiloOptions options)
    {
        silo.AddActivityPropagation();
        silo.Configure<GrainTypeOptions>(types => types.Classes.RemoveWhere(grain => !SiloFeatures.Hosts([.. options.Features], grain)));
        silo.Configure<SiloMessagingOptions>(messaging =>
        {
            messaging.ResponseTimeout = TimeSpan.FromSeconds(10);
            messaging.MaxMessageBodySize = 64 * 1024 * 1024;
        });
        // A killed silo is found in seconds: its lanes start elsewhere, and trackers notice nothing (docs/operations.md has the figures).
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.MaxProbeTimeout = TimeSpan.FromSeconds(2);
            membership.EnableConnectionLivenessCheck = false;
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
        });
    }
}
