using System.Globalization;
using System.Net;
using FleetTracker.Hosting;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.Mqtt;
using FleetTracker.Silo;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace FleetTracker.Standalone;

/// <summary>All roles in one process: the same streams, observers and feed as the separate hosts, with SQLite behind them.</summary>
internal static class StandaloneServer
{
    public static Task<int> RunAsync(StandaloneArguments arguments) => HostStart.RunAsync(() => StartAsync(arguments));

    private static async Task StartAsync(StandaloneArguments arguments)
    {
        using var data = DataFolder.Take(arguments.DataDirectory);
        Ports.CheckFree(arguments.Listen, arguments.HttpPort, "--http-port");
        Ports.CheckFree(arguments.Listen, arguments.MqttPort, "--mqtt-port");
        await RunAsync(await BuildAsync(arguments), arguments);
    }

    private static async Task<WebApplication> BuildAsync(StandaloneArguments arguments)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration
            .AddFleetNames(Environment.GetEnvironmentVariable)
            .AddDefaults(Defaults())
            .AddEnvironmentVariables()
            .AddInMemoryCollection(FromArguments(arguments));
        builder.AddFleetLogs();
        FleetConfiguration.WriteIgnored(Console.Out, Environment.GetEnvironmentVariable);
        foreach (var name in Unused.Where(name => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name))))
            Console.WriteLine($"{name} is set and has no effect on Standalone, which has its own database and its own MQTT server.");

        var lanes = builder.Configuration.GetSection(LaneOptions.Section).Get<LaneOptions>()!;
        var laneCount = await Preparation.RunAsync(builder.Configuration, lanes.Count, migrate: true, CancellationToken.None);

        builder.Services.AddConfiguredStorage(builder.Configuration);
        builder.AddFleetWatching("fleettracker-standalone");
        builder.AddFleetSoleSilo(laneCount);
        builder.Services.AddFleetApi(builder.Configuration);
        builder.Services.AddMqttBridge();
        builder.Services.AddSingleton(arguments);
        if (arguments.Demo) builder.Services.AddHostedService<DemoRunner>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(arguments.Listen, arguments.HttpPort);
            kestrel.ConfigureMqttListener();
        });

        var app = builder.Build().WithValidSettings();
        if (app.Services.GetRequiredService<IOptions<MqttOptions>>().Value is { TlsPort: > 0 } mqtt) Ports.CheckFree(arguments.Listen, mqtt.TlsPort, "Mqtt:TlsPort");
        app.MapFleetApi();
        app.MapFleetMetrics();
        return app;
    }

    private static async Task RunAsync(WebApplication app, StandaloneArguments arguments)
    {
        await using var running = app;
        var bootstrap = app.Services.GetRequiredService<AdminBootstrap>();
        var given = FirstTenant.FromEnvironment();
        var created = await bootstrap.EnsureAsync(given, CancellationToken.None);
        var newPassword = arguments.ResetAdminPassword ? await bootstrap.ResetPasswordAsync(given.AdminPassword, CancellationToken.None) : null;
        Greeting.WriteSecrets(Console.Out, arguments, created, newPassword is null || given.AdminPassword is null ? newPassword : "(as given in FLEETTRACKER_ADMIN_PASSWORD)");

        await app.StartAsync();
        if (!IPAddress.IsLoopback(arguments.Listen))
            await Console.Error.WriteLineAsync($"warning: listening on {arguments.Listen}: MQTT and HTTP are unencrypted until TLS is set up (docs/operations.md).");
        Greeting.WriteReady(Console.Out, arguments);
        await app.WaitForShutdownAsync();
    }

    private static readonly string[] Unused =
    [
        "DATABASE_URL", "AUTH_DATABASE_URL", "VEHICLE_DATABASE_URL", "LOCATION_DATABASE_URL", "NOTIFICATION_DATABASE_URL", "MQTT_BROKER_URL",
    ];

    // Few lanes: one process has one writer anyway, and larger batches cost less.
    private static Dictionary<string, string?> Defaults() => new(HostStart.LogLevels)
    {
        ["Lanes:Count"] = "8",
    };

    private static Dictionary<string, string?> FromArguments(StandaloneArguments arguments) => new()
    {
        ["Storage:Provider"] = nameof(StorageProvider.Sqlite),
        ["Storage:DataDirectory"] = arguments.DataDirectory,
        ["Mqtt:Mode"] = "Broker",
        ["Mqtt:Listen"] = arguments.Listen.ToString(),
        ["Mqtt:Port"] = arguments.MqttPort.ToString(CultureInfo.InvariantCulture),
        ["Web:MqttPort"] = arguments.MqttPort.ToString(CultureInfo.InvariantCulture),
    };
}
