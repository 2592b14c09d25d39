using System.Net;
using System.Security.Cryptography.X509Certificates;
using FleetTracker.Health;
using FleetTracker.Ingestion;
using FleetTracker.Mqtt;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace FleetTracker;

/// <summary>The ingress role, for hosts to compose.</summary>
public static class MqttBridgeRegistration
{
    /// <summary>
    /// Adds everything between an MQTT message and a lane: options (sections <c>Mqtt</c>, <c>Ingestion</c>, <c>Fixes</c>), decoders, delivery,
    /// and the broker or the client that <see cref="MqttOptions.Mode"/> names. The host adds an Orleans client or silo with the stream
    /// provider <see cref="Lanes.StreamProvider"/>, registers an <see cref="ILaneCount"/>, and calls <see cref="ConfigureMqttListener"/>.
    /// </summary>
    public static IServiceCollection AddMqttBridge(this IServiceCollection services)
    {
        services.AddIngestOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<IngestionMetrics>();
        services.TryAddSingleton<ILaneCount, ConfiguredLaneCount>();
        services.TryAddSingleton<CommitEar>();
        services.TryAddSingleton<ILanePublisher, OrleansLanePublisher>();
        services.TryAddSingleton<IDeviceDirectory, OrleansDeviceDirectory>();
        services.TryAddSingleton<DeviceCache>();
        services.TryAddSingleton<Enrollments>();
        services.TryAddSingleton<StatusReporter>();
        services.TryAddSingleton<QuarantineLimiter>();
        services.TryAddSingleton(provider => new IngestPipeline(
            provider.GetRequiredService<ILaneCount>(),
            provider.GetRequiredService<ILanePublisher>(),
            provider.GetRequiredService<DeviceCache>(),
            provider.GetRequiredService<Enrollments>(),
            provider.GetRequiredService<StatusReporter>(),
            provider.GetRequiredService<QuarantineLimiter>(),
            provider.GetRequiredService<IOptions<IngestionOptions>>(),
            provider.GetRequiredService<IOptions<FixOptions>>(),
            provider.GetRequiredService<IngestionMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<IngestPipeline>>()));
        services.TryAddSingleton<BrokerServer>();
        services.TryAddSingleton<ClientIngress>();
        services.AddHostedService<MqttIngress>();
        services.AddSingleton<IReadinessCheck, BridgeReadiness>();
        return services;
    }

    /// <summary>
    /// Opens the broker's ports on Kestrel; nothing in client mode. A host that also serves HTTP must name its HTTP endpoints in code too,
    /// because an explicit endpoint overrides <c>ASPNETCORE_URLS</c>.
    /// </summary>
    public static void ConfigureMqttListener(this KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        // Kestrel asks before the host validates its settings; all of their problems are to be reported together.
        kestrel.ApplicationServices.GetService<IStartupValidator>()?.Validate();
        var options = kestrel.ApplicationServices.GetRequiredService<IOptions<MqttOptions>>().Value;
        if (options.Mode != MqttMode.Broker) return;
        if (options.Port != 0) kestrel.Listen(options, options.Port, certificate: null);
        if (options.TlsPort != 0) kestrel.Listen(options, options.TlsPort, Certificate(options));
    }

    /// <summary>Makes any Kestrel endpoint speak MQTT, for hosts that choose the address themselves.</summary>
    public static ListenOptions UseMqttBroker(this ListenOptions endpoint)
    {
        endpoint.UseConnectionHandler<BrokerConnectionHandler>();
        return endpoint;
    }

    private static void AddIngestOptions(this IServiceCollection services)
    {
        services.AddOptions<MqttOptions>().BindConfiguration(MqttOptions.Section).ValidateOnStart();
        services.AddOptions<IngestionOptions>().BindConfiguration(IngestionOptions.Section).ValidateOnStart();
        services.AddOptions<FixOptions>().BindConfiguration(FixOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MqttOptions>, MqttOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<IngestionOptions>, IngestionOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FixOptions>, FixOptionsValidator>());
    }

    private static void Listen(this KestrelServerOptions kestrel, MqttOptions options, int port, X509Certificate2? certificate)
    {
        void Configure(ListenOptions endpoint)
        {
            if (certificate is not null) endpoint.UseHttps(certificate);
            endpoint.UseMqttBroker();
        }

        switch (options.Listen)
        {
            case "*":
                kestrel.ListenAnyIP(port, Configure);
                break;
            case "localhost":
                kestrel.ListenLocalhost(port, Configure);
                break;
            default:
                kestrel.Listen(IPAddress.Parse(options.Listen), port, Configure);
                break;
        }
    }

    private static X509Certificate2 Certificate(MqttOptions options)
    {
        var path = options.CertificatePath!;
        if (Path.GetExtension(path) is ".pfx" or ".p12") return X509CertificateLoader.LoadPkcs12FromFile(path, options.CertificatePassword);

        var keyPath = options.CertificateKeyPath ?? path;
        return options.CertificatePassword is { Length: > 0 } password
            ? X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath)
            : X509Certificate2.CreateFromPemFile(path, keyPath);
    }
}

/// <summary>Starts the ingress that the options name.</summary>
internal sealed class MqttIngress(IServiceProvider services, IOptions<MqttOptions> options) : IHostedService
{
    private IHostedService? _ingress;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ingress = options.Value.Mode == MqttMode.Broker ? services.GetRequiredService<BrokerServer>() : services.GetRequiredService<ClientIngress>();
        return _ingress.StartAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _ingress?.StopAsync(cancellationToken) ?? Task.CompletedTask;
}
