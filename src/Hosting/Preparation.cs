using FleetTracker.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FleetTracker.Hosting;

/// <summary>What must be known of the data before a host can be put together.</summary>
public static partial class Preparation
{
    /// <summary>Brings the schema up to date, or in a cluster only checks it, and returns the stored lane count.</summary>
    /// <param name="migrate">True for the migrator and for Standalone; hosts of a cluster never change a schema.</param>
    public static async Task<int> RunAsync(IConfiguration configuration, int wantedLanes, bool migrate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        await using var services = new ServiceCollection()
            .AddSingleton(configuration)
            .AddSingleton(TimeProvider.System)
            .AddLogging(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddSimpleConsole())
            .AddMetrics()
            .AddConfiguredStorage(configuration)
            .BuildServiceProvider();

        var migrator = services.GetRequiredService<IMigrator>();
        if (migrate) await migrator.MigrateAsync(cancellationToken);
        else await migrator.VerifyAsync(cancellationToken);
        var lanes = await services.GetRequiredService<ITelemetryStore>().EnsureLaneCountAsync(wantedLanes, cancellationToken);
        if (lanes != wantedLanes) LogOtherLanes(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Preparation)), wantedLanes, lanes);
        return lanes;
    }

    [LoggerMessage(2790, LogLevel.Warning, "Lanes:Count is {Wanted}, but the data was begun with {Stored} lanes, which is what holds")]
    private static partial void LogOtherLanes(ILogger logger, int wanted, int stored);
}
