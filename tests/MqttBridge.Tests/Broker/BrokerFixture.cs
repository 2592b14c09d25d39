using System.Collections.Concurrent;
using System.Net;
using FleetTracker.Ingestion;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Formatter;

namespace FleetTracker.Mqtt;

/// <summary>A broker on a port of its own, with lanes and registry that the test controls.</summary>
internal sealed class BrokerFixture : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly LogKeeper _logged;

    private BrokerFixture(WebApplication app, LogKeeper logged)
    {
        _app = app;
        _logged = logged;
    }

    public FakeLanes Lanes { get; } = new();

    public FakeDirectory Directory { get; } = new();

    public CountedOutcomes Counts { get; } = new();

    /// <summary>What the broker logged above Debug.</summary>
    public IReadOnlyCollection<(LogLevel Level, Exception? Problem)> Logged => _logged.Entries;

    public int Port { get; private set; }

    public IngestPipeline Pipeline => _app.Services.GetRequiredService<IngestPipeline>();

    public BrokerServer Server => _app.Services.GetRequiredService<BrokerServer>();

    public static async Task<BrokerFixture> StartAsync(Action<MqttOptions>? mqtt = null, Action<IngestionOptions>? ingestion = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var logged = new LogKeeper();
        builder.Logging.AddProvider(logged);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseMqttBroker()));
        BrokerFixture? fixture = null;
        builder.Services.AddSingleton<ILanePublisher>(_ => fixture!.Lanes);
        builder.Services.AddSingleton<IDeviceDirectory>(_ => fixture!.Directory);
        builder.Services.AddSingleton(_ => new IngestionMetrics(fixture!.Counts));
        builder.Services.AddMqttBridge();
        builder.Services.Configure<MqttOptions>(options => mqtt?.Invoke(options));
        builder.Services.Configure<IngestionOptions>(options => ingestion?.Invoke(options));
        var app = builder.Build();
        fixture = new BrokerFixture(app, logged);
        fixture.Directory.Add("truck-1").Add("truck-2").Add("other", tenant: "rival");
        fixture.Lanes.Pipeline = fixture.Pipeline;
        await app.StartAsync(TestTime.Token);
        fixture.Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return fixture;
    }

    public async Task<IMqttClient> ConnectAsync(
        string userName, MqttProtocolVersion version = MqttProtocolVersion.V500, string password = "secret", Action<MqttClientOptionsBuilder>? configure = null)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", Port)
            .WithProtocolVersion(version)
            .WithCredentials(userName, password)
            .WithClientId("tracker-" + Guid.NewGuid().ToString("N"))
            .WithTimeout(TestTime.Limit);
        configure?.Invoke(builder);
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(builder.Build(), TestTime.Token);
        return client;
    }

    public Task<RawMqtt> OpenAsync(string userName, byte version = 5, string password = "secret", ushort keepAlive = 0) =>
        RawMqtt.ConnectAsync(Port, userName, password, version, keepAlive);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Counts.Dispose();
    }

    private sealed class LogKeeper : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, Exception? Problem)> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Entries.Enqueue((logLevel, exception));
        }

        public void Dispose()
        {
        }
    }
}
