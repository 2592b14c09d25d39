using FleetTracker.Ingestion;
using FleetTracker.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace FleetTracker.Hosting;

/// <summary>How a host that is no silo reaches the cluster.</summary>
public static partial class ClusterClient
{
    /// <summary>
    /// Connects through the gateways that the Fleet database lists, and keeps trying: a host that starts before the first silo waits for it
    /// instead of ending.
    /// </summary>
    public static IHostApplicationBuilder AddFleetClusterClient(this IHostApplicationBuilder builder, int laneCount)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var clusterId = builder.Configuration["Silo:ClusterId"] ?? "fleettracker";
        var serviceId = builder.Configuration["Silo:ServiceId"] ?? "fleettracker";
        builder.Services.TryAddSingleton<ILaneCount>(new LaneCount(laneCount));
        builder.UseOrleansClient(client =>
        {
            client.UseAdoNetClustering(clustering => clustering.Configure<FleetDatabases>((options, databases) =>
            {
                options.Invariant = databases.OrleansInvariant;
                if (databases.FleetDataSource is { } source) options.DataSource = source;
                else options.ConnectionString = databases.FleetConnectionString;
            }));
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, serviceId));
            client.Configure<ClientMessagingOptions>(options =>
            {
                options.ResponseTimeout = TimeSpan.FromSeconds(10);
                options.MaxMessageBodySize = 64 * 1024 * 1024;
            });
            // A new silo is used soon, and a lost one is forgotten soon.
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
            client.AddActivityPropagation();
            client.UseConnectionRetryFilter<KeepTrying>();
            client.AddLaneStreams();
        });
        return builder;
    }

    private sealed partial class KeepTrying(TimeProvider time, ILogger<KeepTrying> logger) : IClientConnectionRetryFilter
    {
        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            LogWaiting(exception.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            return true;
        }

        [LoggerMessage(2981, LogLevel.Information, "No silo answers yet: {Reason}")]
        private partial void LogWaiting(string reason);
    }
}
