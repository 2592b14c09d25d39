using FleetTracker.Geofences;
using FleetTracker.Hosting.Tests;
using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Explanations.Tests;

/// <summary>A made-up journey along a parallel: meters east of the middle of the depot, by time.</summary>
internal sealed class Journey(ApiFixture api, TestTenant tenant, string vehicleId)
{
    private const double Latitude = 60.2;
    private const double Longitude = 24.9;
    private static readonly double MetersPerDegree = Geodesy.LocalDistance.Meters(Latitude, Longitude, Latitude, Longitude + 0.01) * 100;

    private readonly List<Fix> _fixes = [];

    /// <summary>A noon that is neither settled long ago nor still going on.</summary>
    public static DateTimeOffset Noon { get; } = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(-2).AddHours(12), TimeSpan.Zero);

    public static string At(int minutes, int seconds = 0) => Noon.AddMinutes(minutes).AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    public Journey Fix(double minutes, double metersEast, double speed = 0, double? accuracy = null, FixVerdict verdict = FixVerdict.Accepted)
    {
        _fixes.Add(tenant.Fix(vehicleId, Noon.AddSeconds(Math.Round(minutes * 60)), _fixes.Count + 1, verdict) with
        {
            Latitude = verdict == FixVerdict.NoPosition ? null : Latitude,
            Longitude = verdict == FixVerdict.NoPosition ? null : Longitude + (metersEast / MetersPerDegree),
            SpeedMetersPerSecond = speed, AccuracyMeters = accuracy, OdometerMeters = null, Ignition = null, Attributes = null,
        });
        return this;
    }

    /// <summary>One fix a minute.</summary>
    public Journey Stay(int fromMinutes, int toMinutes, double metersEast)
    {
        for (var minute = fromMinutes; minute <= toMinutes; minute++) Fix(minute, metersEast);
        return this;
    }

    /// <summary>A fix every ten seconds, the first ten seconds after the start.</summary>
    public Journey Drive(double fromMinutes, double fromMeters, double toMeters, double speed)
    {
        var seconds = Math.Abs(toMeters - fromMeters) / speed;
        for (var second = 10.0; second <= seconds; second += 10) Fix(fromMinutes + (second / 60), fromMeters + ((toMeters - fromMeters) * second / seconds), speed);
        return this;
    }

    public Task CommitAsync() => tenant.CommitAsync([.. _fixes]);

    /// <summary>A circle around the middle, from a day before the noon on.</summary>
    public async Task<string> AddDepotAsync(double radius = 100, GeofenceRules? rules = null, double days = 1)
    {
        var draft = new GeofenceDraft
        {
            Id = $"{tenant.Name}-depot-{Guid.NewGuid().ToString("N")[..6]}", Name = "Depot", ShapeKind = GeofenceShapeKind.Circle, RadiusMeters = radius,
            Geometry = $$"""{"type":"Point","coordinates":[{{Longitude}},{{Latitude}}]}""", Rules = rules ?? new GeofenceRules(),
        };
        await api.ChangeRulesAtAsync(Noon.AddDays(-days), async store =>
            Assert.Equal(ChangeStatus.Done, (await store.CreateGeofencesAsync(tenant.Name, [draft], "test", default)).Status));
        return draft.Id;
    }
}
