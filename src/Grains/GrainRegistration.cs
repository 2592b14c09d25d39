using FleetTracker.Devices;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Placement;
using FleetTracker.Vehicles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FleetTracker;

/// <summary>What the grains of a silo need, one verb per feature. The host adds storage and Orleans.</summary>
public static class GrainRegistration
{
    public static IServiceCollection AddIngestion(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<LaneOptions>().BindConfiguration(LaneOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LaneOptions>, LaneOptionsValidator>();
        services.AddSingleton<TelemetryHold>();
        services.AddSingleton<DiskSpace>();
        services.AddSingleton<TelemetryWriterState>();
        services.AddSingleton<TelemetryMetrics>();
        services.AddSingleton<TelemetryWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<TelemetryWriter>());
        services.AddPlacementDirector<LanePlacement, LanePlacementDirector>();
        services.AddSingleton<LaneMap>();
        services.AddSingleton<LaneSilos>();
        return services;
    }

    public static IServiceCollection AddVehicles(this IServiceCollection services)
    {
        services.AddOptions<VehicleOptions>().BindConfiguration(VehicleOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<VehicleOptions>, VehicleOptionsValidator>();
        services.AddSingleton<VehicleStates>();
        services.AddSingleton<VehicleRecovery>();
        services.AddMetrics();
        services.AddSingleton<RulesMetrics>();
        services.AddSingleton<FoldMetrics>();
        services.AddSingleton<TenantRulesLoader>();
        services.AddSingleton<TenantRulesCache>();
        services.AddSingleton<ITenantRules>(provider => provider.GetRequiredService<TenantRulesCache>());
        services.AddHostedService(provider => provider.GetRequiredService<TenantRulesCache>());
        return services;
    }

    public static IServiceCollection AddLiveFeed(this IServiceCollection services)
    {
        services.AddOptions<LiveFeedOptions>().BindConfiguration(LiveFeedOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<LiveFeedOptions>, LiveFeedOptionsValidator>();
        services.AddSingleton<LiveFeedMetrics>();
        services.AddSingleton<LiveFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveFeed>());
        return services;
    }

    public static IServiceCollection AddDevices(this IServiceCollection services)
    {
        services.AddSingleton<DeviceRegistrar>();
        services.AddHostedService(provider => provider.GetRequiredService<DeviceRegistrar>());
        return services;
    }

    /// <summary>Starts this silo's lanes and sweeps what is too old; added after Orleans, so that the silo is active before and still there after.</summary>
    public static IServiceCollection AddLaneKeeper(this IServiceCollection services) => services.AddHostedService<LaneKeeper>().AddHostedService<RetentionKeeper>();
}
