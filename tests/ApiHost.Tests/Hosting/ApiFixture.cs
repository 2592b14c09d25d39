using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Outcomes;
using FleetTracker.Placement;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(ApiFixture))]

namespace FleetTracker.Hosting.Tests;

/// <summary>
/// A silo with the real identity grains and hand-driven lanes, real SQLite stores, and API hosts on real sockets: one on the real clock, one
/// on a clock that tests move. Every test makes a tenant of its own.
/// </summary>
public sealed class ApiFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleettracker-api-").FullName;
    private readonly CancellationTokenSource _heartbeat = new();
    private ServiceProvider _storage = null!;
    private InProcessTestCluster _cluster = null!;
    private Task _beating = Task.CompletedTask;
    private int _names;

    /// <summary>The clock of the identity grains and of <see cref="Moved"/>.</summary>
    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public TestHost Host { get; private set; } = null!;

    public TestHost Moved { get; private set; } = null!;

    public IFleetStore Fleet => _storage.GetRequiredService<IFleetStore>();

    public IRulesStore Rules => _storage.GetRequiredService<IRulesStore>();

    public ISensorStore Sensors => _storage.GetRequiredService<ISensorStore>();

    public IIdentityStore Identity => _storage.GetRequiredService<IIdentityStore>();

    public ITelemetryStore Telemetry => _storage.GetRequiredService<ITelemetryStore>();

    public IOutcomeStore Outcomes => _storage.GetRequiredService<IOutcomeStore>();

    public async ValueTask InitializeAsync()
    {
        _storage = new ServiceCollection().AddLogging()
            .AddFleetStorage(options => options.DataDirectory = _folder).BuildServiceProvider();
        await _storage.GetRequiredService<IMigrator>().MigrateAsync(CancellationToken.None);
        await Telemetry.EnsureLaneCountAsync(TestLanes.Count, CancellationToken.None);

        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            AddStores(silo.Services);
            silo.Services.AddSingleton<TimeProvider>(Time);
            silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            silo.Services.AddSingleton<ILaneCount>(new LaneCount(TestLanes.Count));
            silo.Services.AddVehicles().AddSingleton<LaneMap>().AddPlacementDirector<LanePlacement, LanePlacementDirector>();
            silo.Services.AddIdentityGrains(new ConfigurationBuilder().Build());
            silo.Services.Configure<PasswordHasherOptions>(options => options.IterationCount = 1_000);
            silo.Services.Configure<GrainTypeOptions>(options => options.Classes.RemoveWhere(type =>
                typeof(ILaneGrain).IsAssignableFrom(type) && type != typeof(TestLaneGrain)));
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        Host = await StartAsync(TimeProvider.System);
        Moved = await StartAsync(Time);
        _beating = BeatAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _heartbeat.CancelAsync();
        await _beating;
        await Host.DisposeAsync();
        await Moved.DisposeAsync();
        await _cluster.DisposeAsync();
        await _storage.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        _heartbeat.Dispose();
    }

    public Task<TestHost> StartAsync(TimeProvider time, params (string Key, string Value)[] settings) => StartAsync(time, null, settings);

    public async Task<TestHost> StartAsync(TimeProvider time, KeptLogs? logs, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = _folder });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Auth:AttemptBurst"] = "10000",
            ["Web:Root"] = "no-such-folder",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting().AddLogging(logging =>
        {
            if (logs is not null) logging.AddProvider(logs);
        });
        AddStores(builder.Services);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IGrainFactory>(_cluster.Client);
        builder.Services.AddSingleton<ILaneCount>(new LaneCount(TestLanes.Count));
        builder.Services.AddFleetApi(builder.Configuration);
        builder.Services.Configure<PasswordHasherOptions>(options => options.IterationCount = 1_000);
        var app = builder.Build();
        app.MapFleetApi();
        await app.StartAsync();
        return new TestHost(app);
    }

    /// <summary>Changes what counts from about this time on: fences for a history that tests make up.</summary>
    public async Task ChangeRulesAtAsync(DateTimeOffset at, Func<IRulesStore, Task> change)
    {
        await using var past = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(new FakeTimeProvider(at))
            .AddFleetStorage(options => options.DataDirectory = _folder).BuildServiceProvider();
        await change(past.GetRequiredService<IRulesStore>());
    }

    /// <summary>A tenant with one user per role, password <c>password-1</c>.</summary>
    public async Task<TestTenant> NewTenantAsync()
    {
        var tenant = $"t{Interlocked.Increment(ref _names)}";
        await Fleet.EnsureTenantAsync(tenant, tenant, Time.GetUtcNow(), CancellationToken.None);
        foreach (var role in new[] { Roles.Owner, Roles.Admin, Roles.Dispatcher, Roles.Viewer, Roles.Installer })
        {
            var status = await Host.Services.GetRequiredService<UserAccounts>().CreateAsync(tenant, $"{tenant}-{role}", role, TestTenant.Password, CancellationToken.None);
            Assert.Equal(NewUserStatus.Created, status);
        }

        return new TestTenant(this, tenant);
    }

    private void AddStores(IServiceCollection services)
    {
        services.AddSingleton(Outage.Around(Fleet));
        services.AddSingleton(Outage.Around(Identity));
        services.AddSingleton(Outage.Around(_storage.GetRequiredService<IAccountStore>()));
        services.AddSingleton(Outage.Around(_storage.GetRequiredService<IApiTokenStore>()));
        services.AddSingleton(Outage.Around(Telemetry));
        services.AddSingleton(Outage.Around(Rules));
        services.AddSingleton(Outage.Around(Sensors));
        services.AddSingleton(Outage.Around(Outcomes));
        services.AddSingleton(Outage.Around(_storage.GetRequiredService<IVehicleProfileStore>()));
    }

    // Healthy lanes speak every 5 s at least; these every 200 ms, so that no test waits for silence it did not ask for.
    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await timer.WaitForNextTickAsync(_heartbeat.Token)) await TestLanes.Current.HeartbeatAsync();
        }
        catch (OperationCanceledException)
        {
            // The fixture ends.
        }
    }
}

public sealed class TestHost(WebApplication app) : IAsyncDisposable
{
    public IServiceProvider Services => app.Services;

    public Uri Address { get; } = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public HttpClient Client(string? accessToken = null)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
        if (accessToken is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return client;
    }

    public async Task<JsonNode> LoginAsync(string userName, string password = TestTenant.Password)
    {
        using var client = Client();
        using var response = await client.PostAsJsonAsync("/api/v1/auth/login", new { userName, password });
        Assert.Equal(200, (int)response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }
}

public sealed class TestTenant(ApiFixture api, string name)
{
    public const string Password = "password-1";

    private static readonly SemaphoreSlim Turn = new(1, 1);

    public string Name => name;

    public async Task<string> TokenAsync(string role, TestHost? host = null) =>
        (await (host ?? api.Host).LoginAsync($"{name}-{role}"))["accessToken"]!.GetValue<string>();

    public async Task<HttpClient> ClientAsync(string role = Roles.Viewer, TestHost? host = null) => (host ?? api.Host).Client(await TokenAsync(role, host));

    /// <summary>Registers devices <c>{tenant}-d{n}</c> and returns their vehicles' ids, in order.</summary>
    public async Task<string[]> AddVehiclesAsync(int count, string? group = null)
    {
        var records = await api.Fleet.RegisterDevicesAsync([.. Enumerable.Range(0, count).Select(i => new NewDevice
        {
            DeviceId = $"{name}-{group}d{i:000}", Tenant = name, VehicleId = $"{name}-{group}v{i:000}", VehicleName = $"{name} {group} car {i:000}", Group = group,
            RegisteredBy = "test", RegisteredAt = api.Time.GetUtcNow(),
        })], CancellationToken.None);
        return [.. records.Select(record => record!.Pairings[0].VehicleId)];
    }

    public LiveVehicle Live(string id, double latitude, double longitude, MotionStatus motion = MotionStatus.Moving)
    {
        var now = TimeProvider.System.GetUtcNow();
        return LiveMap.Tests.Fleet.Live(id, latitude, longitude, name, now, motion, now.AddMinutes(10));
    }

    public async Task CommitAsync(params Fix[] fixes)
    {
        foreach (var lane in fixes.GroupBy(fix => Lanes.Of(fix.VehicleId, TestLanes.Count)))
        {
            await CommitAsync(number => new LaneCommit
            {
                Lane = lane.Key, ExpectedNumber = number, Quarantine = [],
                Rows = [.. lane.OrderBy(f => f.VehicleId, StringComparer.Ordinal).ThenBy(f => f.FixedAt).ThenBy(f => f.Digest)],
                NewVehicles = [.. lane.Select(f => new LaneVehicle(f.Tenant, f.VehicleId)).Distinct()],
            }, lane.Key);
        }
    }

    /// <summary>One commit for each lane, in which they stand in this order.</summary>
    public async Task CommitAsync(params Outcome[] outcomes)
    {
        foreach (var lane in outcomes.GroupBy(outcome => Lanes.Of(outcome.VehicleId, TestLanes.Count)))
        {
            await CommitAsync(number => new LaneCommit
            {
                Lane = lane.Key, ExpectedNumber = number, Quarantine = [], Rows = [], Outcomes = [.. lane],
                NewVehicles = [.. lane.Select(outcome => new LaneVehicle(outcome.Tenant, outcome.VehicleId)).Distinct()],
            }, lane.Key);
        }
    }

    public Outcome Outcome(
        string vehicleId, OutcomeType type, DateTimeOffset at, string? kind = null, string subject = "", DateTimeOffset? endedAt = null,
        OutcomeState state = OutcomeState.Closed, string evidence = "{}", long digest = 1) => new()
    {
        Id = Guid.NewGuid(), Tenant = name, VehicleId = vehicleId, Type = type, Kind = kind ?? type.ToString().ToLowerInvariant(), Subject = subject,
        At = new PositionKey(at, digest), EndedAt = endedAt, Through = new PositionKey(endedAt ?? at, digest), State = state, Revision = 1,
        Evidence = evidence, RecordedAt = at.AddSeconds(1),
    };

    private async Task CommitAsync(Func<long, LaneCommit> commit, int lane)
    {
        // A lane has one owner at a time; here tests that run at the same moment take turns.
        await Turn.WaitAsync();
        try
        {
            var number = await api.Telemetry.StartLaneAsync(lane, CancellationToken.None);
            var result = await api.Telemetry.CommitAsync([commit(number)], CancellationToken.None);
            Assert.True(result[0].Won);
        }
        finally
        {
            Turn.Release();
        }
    }

    public Fix Fix(string vehicleId, DateTimeOffset at, long digest = 1, FixVerdict verdict = FixVerdict.Accepted) => new()
    {
        Tenant = name, VehicleId = vehicleId, DeviceId = "d", FixedAt = at, ReceivedAt = at.AddSeconds(1), Digest = digest, Verdict = verdict,
        Latitude = verdict == FixVerdict.NoPosition ? null : 60.2, Longitude = verdict == FixVerdict.NoPosition ? null : 24.9,
        SpeedMetersPerSecond = 3.5, Ignition = true, OdometerMeters = 12.5, Attributes = """{"battery":87,"ignition":false}""",
    };
}

internal static class Answers
{
    public static async Task<JsonNode> JsonAsync(this Task<HttpResponseMessage> sent, int expectedStatus = 200)
    {
        using var response = await sent;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == expectedStatus, $"{(int)response.StatusCode} instead of {expectedStatus}: {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>Checks a problem's shape, type and status; returns it.</summary>
    public static async Task<JsonNode> ProblemAsync(this Task<HttpResponseMessage> sent, int status, string type)
    {
        using var response = await sent;
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal((type, status), (problem["type"]!.GetValue<string>(), problem["status"]!.GetValue<int>()));
        if (status is 429 or 503) Assert.NotNull(response.Headers.RetryAfter);
        return problem;
    }
}
