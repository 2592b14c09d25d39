using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FleetTracker.Hosting;

/// <summary>Metrics for Prometheus at <c>/metrics</c>; traces and metrics over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
public static class Watching
{
    public static IHostApplicationBuilder AddFleetWatching(this IHostApplicationBuilder builder, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var isExported = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(serviceName));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter("FleetTracker.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections", "Npgsql");
            metrics.AddRuntimeInstrumentation();
            // Silo addresses and destinations are new after every restart: each would be a series of its own.
            metrics.AddView(instrument => instrument.Meter.Name == "Microsoft.Orleans" ? new MetricStreamConfiguration { TagKeys = ["duration", "type", "grain"] } : null);
            metrics.AddPrometheusExporter();
            if (isExported) metrics.AddOtlpExporter();
        });
        // Without an exporter no span is ever started, which is what a quiet machine wants.
        if (isExported)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource("FleetTracker.*", "Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime", "Npgsql")
                .AddAspNetCoreInstrumentation()
                .AddOtlpExporter());
        }

        return builder;
    }

    public static IEndpointRouteBuilder MapFleetMetrics(this IEndpointRouteBuilder app)
    {
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }
}
