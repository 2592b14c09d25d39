using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using FleetTracker.Geofences;
using FleetTracker.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Vehicles.Tests;

/// <summary>A cache on a real SQLite store, both on one clock that the test moves.</summary>
internal sealed class RulesRig : IAsyncDisposable
{
    public const string Tenant = "acme";
    public const string Who = "anna";

    public static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("fleettracker-rules-").FullName;
    private readonly ServiceProvider _storage;
    private readonly ServiceProvider _cache;
    private readonly WatchedStore _watched;
    private int _strangers;

    private RulesRig(RulesOptions? options)
    {
        _storage = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddSingleton(Options.Create(options ?? new RulesOptions()))
            .AddFleetStorage(storage => storage.DataDirectory = _folder).BuildServiceProvider();
        var watched = WatchedStore.Around(Store);
        _watched = (WatchedStore)watched;
        _cache = new ServiceCollection().AddLogging().AddMetrics()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddSingleton<TimeProvider>(Time).AddSingleton(Options.Create(options ?? new RulesOptions())).AddSingleton(watched)
            .AddVehicles().BuildServiceProvider();
    }

    public FakeTimeProvider Time { get; } = new(Noon);

    public TenantRulesCache Cache => _cache.GetRequiredService<TenantRulesCache>();

    public IRulesStore Store => _storage.GetRequiredService<IRulesStore>();

    public ISensorStore Sensors => _storage.GetRequiredService<ISensorStore>();

    public IFleetStore Fleet => _storage.GetRequiredService<IFleetStore>();

    /// <summary>Names of the store's methods that fail.</summary>
    public ConcurrentDictionary<string, Exception> Failures => _watched.Failures;

    /// <summary>What the next poll is told instead of the truth.</summary>
    public long? ToldRevision
    {
        set => _watched.ToldRevision = value;
    }

    public List<string> Changed { get; } = [];

    public static async Task<RulesRig> StartAsync(RulesOptions? options = null)
    {
        var rig = new RulesRig(options);
        await rig._storage.GetRequiredService<IMigrator>().MigrateAsync(CancellationToken.None);
        await rig.Fleet.EnsureTenantAsync(Tenant, "Acme", Noon, CancellationToken.None);
        rig.Cache.Changed += tenant =>
        {
            lock (rig.Changed) rig.Changed.Add(tenant);
        };
        await rig.Cache.StartAsync(CancellationToken.None);
        return rig;
    }

    /// <summary>The tenant's rules, once they are loaded.</summary>
    public async Task<TenantRules> LoadedAsync()
    {
        await UntilAsync(() => Cache.Find(Tenant) is not null, "the tenant's rules to load");
        return Cache.Find(Tenant)!;
    }

    /// <summary>One more poll. Who asks for a new name is served at once, without moving the clock.</summary>
    public async Task PollAsync()
    {
        var before = Polls();
        Cache.Find($"stranger-{++_strangers}");
        await UntilAsync(() => Polls() > before, "a poll");
    }

    public int Polls() => _watched.Count(nameof(IRulesStore.ReadRevisionsAsync));

    public int Loads() => _watched.Count(nameof(IRulesStore.ReadRulesAsync));

    public static async Task UntilAsync(Func<bool> isTrue, string what)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, $"waited in vain for {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public async Task AddVehicleAsync(string id, string? group) => await Fleet.RegisterDevicesAsync(
        [new() { DeviceId = "d-" + id, Tenant = Tenant, VehicleId = id, VehicleName = id, Group = group, RegisteredBy = "test", RegisteredAt = Noon }],
        CancellationToken.None);

    public static GeofenceDraft Fence(string id, string geometry = """{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}""") => new()
    {
        Id = id, Name = id, ShapeKind = GeofenceShapeKind.Area, Geometry = geometry,
    };

    public async ValueTask DisposeAsync()
    {
        await Cache.StopAsync(CancellationToken.None);
        await _cache.DisposeAsync();
        await _storage.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A store whose calls are counted and can be made to fail.</summary>
public class WatchedStore : DispatchProxy
{
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);
    private IRulesStore _store = null!;

    public ConcurrentDictionary<string, Exception> Failures { get; } = new(StringComparer.Ordinal);

    public long? ToldRevision { get; set; }

    public static IRulesStore Around(IRulesStore store)
    {
        var proxy = Create<IRulesStore, WatchedStore>();
        ((WatchedStore)(object)proxy)._store = store;
        return proxy;
    }

    public int Count(string method) => _calls.GetValueOrDefault(method);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        // Counted when it has answered, so that what follows from the answer is near.
        var failure = Failures.GetValueOrDefault(targetMethod!.Name);
        try
        {
            if (failure is not null) throw failure;
            if (ToldRevision is { } told && targetMethod.Name == nameof(IRulesStore.ReadRevisionsAsync))
                return Task.FromResult<IReadOnlyList<KeyValuePair<string, long>>>([KeyValuePair.Create(RulesRig.Tenant, told)]);
            return targetMethod.Invoke(_store, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
        finally
        {
            _calls.AddOrUpdate(targetMethod.Name, 1, (_, count) => count + 1);
        }
    }
}
