using FleetTracker.Health;
using FleetTracker;
using FleetTracker.Hosting;

return await HostStart.RunAsync(async () =>
{
    var builder = HostStart.CreateBuilder(args, new Dictionary<string, string?>(HostStart.LogLevels) { ["Urls"] = "http://127.0.0.1:8082" });
    var laneCount = await Preparation.RunAsync(builder.Configuration, wantedLanes: 32, migrate: false, CancellationToken.None);

    builder.Services.AddConfiguredStorage(builder.Configuration);
    builder.AddFleetWatching("fleettracker-bridge");
    builder.AddFleetClusterClient(laneCount);
    builder.Services.AddMqttBridge();
    builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.ListenOnUrls(builder.Configuration);
        kestrel.ConfigureMqttListener();
    });

    builder.Services.AddFleetHealth();

    var app = builder.Build().WithValidSettings();
    app.MapFleetHealth();
    app.MapFleetMetrics();
    await app.RunAsync();
});
