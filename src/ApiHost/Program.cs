using FleetTracker;
using FleetTracker.Hosting;
using FleetTracker.Identity;
using FleetTracker.Ingestion;

return await HostStart.RunAsync(async () =>
{
    var builder = HostStart.CreateBuilder(args, new Dictionary<string, string?>(HostStart.LogLevels) { ["Urls"] = "http://127.0.0.1:8000" });
    var laneCount = await Preparation.RunAsync(builder.Configuration, wantedLanes: 32, migrate: false, CancellationToken.None);

    builder.Services.AddConfiguredStorage(builder.Configuration);
    builder.AddFleetWatching("fleettracker-api");
    builder.AddFleetClusterClient(laneCount);
    builder.Services.AddFleetApi(builder.Configuration);

    var app = builder.Build().WithValidSettings();
    app.MapFleetApi();
    app.MapFleetMetrics();
    await app.StartFirstTenantAsync(Console.Out);
    await app.RunAsync();
});
