using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FleetTracker.Hosting;

public static class ConfiguredStorage
{
    /// <summary>The stores as the sections <c>Storage</c> and <c>Fixes</c> say.</summary>
    public static IServiceCollection AddConfiguredStorage(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section));
        services.AddOptions<FixOptions>().Bind(configuration.GetSection(FixOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FixOptions>, FixOptionsValidator>());
        return services.AddFleetStorage();
    }
}
