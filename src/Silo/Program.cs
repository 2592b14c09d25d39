using FleetTracker.Health;
using FleetTracker.Hosting;
using FleetTracker.Ingestion;
using FleetTracker.Silo;

// migrate: brings the databases to this release's schema and ends. Hosts of a cluster never do it themselves.
if (args is ["migrate"])
{
    return await HostStart.RunAsync(async () =>
    {
        var builder = HostStart.CreateBuilder([], new Dictionary<string, string?>(HostStart.LogLevels));
        var lanes = builder.Configuration.GetSection(LaneOptions.Section).Get<LaneOptions>() ?? new LaneOptions();
        var count = await Preparation.RunAsync(builder.Configuration, lanes.Count, migrate: true, CancellationToken.None);
        Console.WriteLine($"The databases are up to date; {count} lanes.");
    });
}

return await HostStart.RunAsync(async () =>
{
    var builder = HostStart.CreateBuilder(args, new Dictionary<string, string?>(HostStart.LogLevels) { ["Urls"] = "http://127.0.0.1:8081" });
    var lanes = builder.Configuration.GetSection(LaneOptions.Section).Get<LaneOptions>() ?? new LaneOptions();
    var laneCount = await Preparation.RunAsync(builder.Configuration, lanes.Count, migrate: false, CancellationToken.None);

    builder.Services.AddConfiguredStorage(builder.Configuration);
    builder.AddFleetWatching("fleettracker-silo");
    builder.AddFleetSilo(laneCount);

    builder.Services.AddFleetHealth();

    var app = builder.Build().WithValidSettings();
    app.MapFleetHealth();
    app.MapFleetMetrics();
    await app.RunAsync();
});
