using FleetTracker.Ingestion;
using FleetTracker.Vehicles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FleetTracker.Storage;

public static class StorageRegistration
{
    /// <summary>
    /// The stores of every concern, the migrator, and <see cref="FleetDatabases"/> for Orleans' own providers. Settings come from
    /// <see cref="StorageOptions"/> as bound by the host, then from <paramref name="configure"/>.
    /// </summary>
    public static IServiceCollection AddFleetStorage(this IServiceCollection services, Action<StorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<StorageOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.AddOptions<FixOptions>();
        services.AddOptions<RulesOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<FleetDatabases>();
        services.TryAddSingleton<IMigrator, Migrator>();
        services.TryAddSingleton<IIdentityStore, IdentityStore>();
        services.TryAddSingleton<IAccountStore, AccountStore>();
        services.TryAddSingleton<IApiTokenStore, ApiTokenStore>();
        services.TryAddSingleton<IFleetStore, FleetStore>();
        services.TryAddSingleton<RulesStore>();
        services.TryAddSingleton<IRulesStore>(provider => provider.GetRequiredService<RulesStore>());
        services.TryAddSingleton<ISensorStore>(provider => provider.GetRequiredService<RulesStore>());
        services.TryAddSingleton<IVehicleProfileStore, VehicleProfileStore>();
        services.TryAddSingleton<ITelemetryStore>(provider => provider.GetRequiredService<FleetDatabases>().Provider switch
        {
            StorageProvider.Sqlite => ActivatorUtilities.CreateInstance<SqliteTelemetryStore>(provider),
            StorageProvider.PostgreSql => ActivatorUtilities.CreateInstance<PostgreSqlTelemetryStore>(provider),
            var other => throw new InvalidOperationException($"no telemetry store for {other}"),
        });
        services.TryAddSingleton<IOutcomeStore>(provider => provider.GetRequiredService<FleetDatabases>().Provider switch
        {
            StorageProvider.Sqlite => ActivatorUtilities.CreateInstance<SqliteOutcomeStore>(provider),
            StorageProvider.PostgreSql => ActivatorUtilities.CreateInstance<PostgreSqlOutcomeStore>(provider),
            var other => throw new InvalidOperationException($"no outcome store for {other}"),
        });
        return services;
    }
}
