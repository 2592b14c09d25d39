using System.Net;
using FleetTracker.Devices;
using FleetTracker.Identity;
using FleetTracker.Simulation;
using FleetTracker.Storage;

namespace FleetTracker.Standalone;

/// <summary>
/// <c>--demo</c>: recorded traces, published through the MQTT port as a gateway would, into the vehicle group <c>demo</c>. Deleting that group
/// removes every trace of it.
/// </summary>
internal sealed partial class DemoRunner(IFleetStore fleet, StandaloneArguments arguments, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<DemoRunner> logger) : BackgroundService
{
    private const string Name = "demo";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await ListeningAsync(stoppingToken);
            if (await fleet.FindGatewayAsync(Name, stoppingToken) is { } existing && !string.Equals(existing.Group, Name, StringComparison.Ordinal))
            {
                LogNameTaken();
                return;
            }

            // A new secret at every start: nobody needs to know it, and an old one opens nothing.
            var password = MqttSecrets.Generate();
            var gateway = new GatewayCredential { Name = Name, Tenant = AdminBootstrap.Tenant, SecretHash = MqttSecrets.Hash(password), TopicFilters = ["fleet/+/position", "/hfp/v2/#"], Group = Name };
            if (!await fleet.PutGatewayAsync(gateway, time.GetUtcNow(), stoppingToken))
            {
                LogNameTaken();
                return;
            }

            var host = arguments.Listen.Equals(IPAddress.Any) ? "127.0.0.1" : arguments.Listen.ToString();
            var target = new MqttTarget { Host = host, Port = arguments.MqttPort, Gateway = new MqttCredentials($"gateway:{Name}", password), GatewayConnections = 1 };
            var demo = new DemoFleet(new DemoFleetOptions { Target = target, Backfill = TimeSpan.FromMinutes(30) }, time);
            LogStarted(demo.DeviceIds.Count);
            using var removed = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var driving = demo.RunAsync(removed.Token);
            await Task.WhenAny(driving, RemovedAsync(removed.Token));
            await removed.CancelAsync();
            await driving;
            if (!stoppingToken.IsCancellationRequested) LogRemoved();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            LogFailed(error);
        }
    }

    /// <summary>Deleting the group deletes the gateway: then the demo is over until somebody asks for it again.</summary>
    private async Task RemovedAsync(CancellationToken cancellationToken)
    {
        using var poll = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await poll.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                if (await fleet.FindGatewayAsync(Name, cancellationToken) is null) return;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // The registry is busy or away: not knowing is not being removed.
                LogNotAsked(error);
            }
        }
    }

    private async Task ListeningAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellationToken);
    }

    [LoggerMessage(2951, LogLevel.Information, "The demo fleet drives {Vehicles} vehicles in the group 'demo'")]
    private partial void LogStarted(int vehicles);

    [LoggerMessage(2952, LogLevel.Warning, "There is no demo: there is a gateway of the name 'demo' that is not its own")]
    private partial void LogNameTaken();

    [LoggerMessage(2954, LogLevel.Information, "The demo fleet was removed; start with --demo again to have it back")]
    private partial void LogRemoved();

    [LoggerMessage(2955, LogLevel.Debug, "Whether the demo was removed could not be asked")]
    private partial void LogNotAsked(Exception error);

    [LoggerMessage(2953, LogLevel.Error, "The demo ended")]
    private partial void LogFailed(Exception error);
}
