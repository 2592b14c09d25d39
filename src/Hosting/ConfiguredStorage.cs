using FleetTracker.Ingestion;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FleetTracker.Hosting;

public static class ConfiguredStorage
{
    /// <summary>The stores as the sections <c>Storage</c>, <c>Fixes</c> and <c>Rules</c> say.</summary>
    public static IServiceCollection AddConfiguredStorage(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section));
        services.AddOptions<FixOptions>().Bind(configuration.GetSection(FixOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FixOptions>, FixOptionsValidator>());
        services.AddOptions<RulesOptions>().Bind(configuration.GetSection(RulesOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RulesOptions>, RulesOptionsValidator>());
        return services.AddFleetStorage();
    }
}
