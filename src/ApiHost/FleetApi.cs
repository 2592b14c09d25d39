using FleetTracker.Devices;
using FleetTracker.Explanations;
using FleetTracker.Geofences;
using FleetTracker.Health;
using FleetTracker.Identity;
using FleetTracker.LiveMap;
using FleetTracker.Outcomes;
using FleetTracker.Problems;
using FleetTracker.Sensors;
using FleetTracker.Simulations;
using FleetTracker.Vehicles;
using FleetTracker.WebApp;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Scalar.AspNetCore;

namespace FleetTracker;

/// <summary>The gateway role: REST, the live hub, sign-in and the web app's files.</summary>
public static class FleetApi
{
    /// <summary>Path of the live hub; <c>/ws</c> is an alias.</summary>
    public const string HubPath = "/hubs/live";

    private const string ByBearer = "bearer";

    /// <summary>
    /// Registers the role. The host brings the stores (<c>IIdentityStore</c>, <c>IAccountStore</c>, <c>IApiTokenStore</c>, <c>IFleetStore</c>, <c>IRulesStore</c>, <c>ISensorStore</c>, <c>IVehicleProfileStore</c>, <c>ITelemetryStore</c>), <c>ILaneCount</c> and an Orleans client or silo,
    /// registered before this so that it starts first.
    /// </summary>
    public static IServiceCollection AddFleetApi(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddProblems();
        services.AddIdentity(configuration);
        services.AddLiveMap(configuration);
        services.AddHealth();
        services.AddWebApp(configuration);
        services.TryAddSingleton<ForgottenVehicles>();
        services.AddExplanations(configuration);
        services.AddRules(configuration);
        services.AddOpenApi("v1", OpenApiSetup.Configure);
        return services;
    }

    /// <summary>The users' side alone: <see cref="AdminBootstrap"/> and <see cref="UserAccounts"/>, for tools that serve nothing.</summary>
    public static IServiceCollection AddUserAccounts(this IServiceCollection services)
    {
        services.AddOptions<PasswordHasherOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<UserAccounts>();
        services.TryAddSingleton<AdminBootstrap>();
        return services;
    }

    /// <summary>Maps everything under the addresses of the HTTP contract, and what must run before them.</summary>
    public static WebApplication MapFleetApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(app.Services.GetRequiredService<SecurityHeaders>().InvokeAsync);
        app.UseWebAppFiles();
        app.UseRouting();
        app.UseCors();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseWebAppPage();

        var api = app.MapGroup("/api/v1");
        api.MapAuth();
        api.MapAccount();
        api.MapUsers();
        api.MapTokens();
        api.MapVehicles();
        api.MapNearest();
        api.MapAreaSearch();
        api.MapOutcomes();
        api.MapExplanations();
        api.MapOutcomeExports();
        api.MapFeed();
        api.MapPositionExport();
        api.MapGroups();
        api.MapProfiles();
        api.MapCounters();
        api.MapSettings();
        api.MapGeofences();
        api.MapInside();
        api.MapSensors();
        api.MapVehicleSensors();
        api.MapSimulations();
        api.MapQuarantine();
        api.MapGateways();
        app.MapKeys();
        app.MapLiveMap();
        app.MapFleetHealth();
        app.MapOpenApi().AllowAnonymous();
        app.MapScalarApiReference("/docs", options => options.WithTitle("FleetTracker API").DisableDefaultFonts().DisableTelemetry()).AllowAnonymous();
        app.MapWebApp();
        return app;
    }

    private static void AddProblems(this IServiceCollection services)
    {
        services.AddExceptionHandler<FailureHandler>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            var status = context.ProblemDetails.Status ?? context.HttpContext.Response.StatusCode;
            if (context.ProblemDetails.Type?.StartsWith("/problems/", StringComparison.Ordinal) == true || ApiProblems.For(status) is not { } known) return;
            (context.ProblemDetails.Type, context.ProblemDetails.Title) = known;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.Converters.Add(new Rfc3339JsonConverter()));
    }

    private static void AddRules(this IServiceCollection services, IConfiguration configuration)
    {
        // What a tenant has not overridden; shown here, and used by the silos.
        services.AddValidated<VehicleOptions, VehicleOptionsValidator>(configuration.GetSection(VehicleOptions.Section));
        services.AddOptions<RulesOptions>();
        services.TryAddSingleton<GeofenceSnapshots>();
        services.AddValidated<SensorOptions, SensorOptionsValidator>(configuration.GetSection(SensorOptions.Section));
    }

    private static void AddIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<AuthOptions, AuthOptionsValidator>(configuration.GetSection(AuthOptions.Section));
        services.AddUserAccounts();
        services.TryAddSingleton<SigningKeys>();
        services.TryAddSingleton<AccessTokens>();
        services.TryAddSingleton<AttemptLimiter>();
        services.TryAddSingleton<EndedSessions>();
        services.AddHostedService(provider => provider.GetRequiredService<EndedSessions>());
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, BearerSetup>();
        // Authentication brings data protection along, and nothing here uses it: no key of it is worth keeping.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.TryAddSingleton<ApiTokens>();
        services.AddAuthentication(ByBearer)
            .AddPolicyScheme(ByBearer, null, options => options.ForwardDefaultSelector = context =>
                Bearer.Of(context.Request)?.StartsWith(ApiTokens.Prefix, StringComparison.Ordinal) == true ? ApiTokenAuthentication.SchemeName : JwtBearerDefaults.AuthenticationScheme)
            .AddJwtBearer()
            .AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, ApiTokenAuthentication>(ApiTokenAuthentication.SchemeName, null);
        services.AddAuthorization(Access.AddPolicies);
    }

    private static void AddLiveMap(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<LiveMapOptions, LiveMapOptionsValidator>(configuration.GetSection(LiveMapOptions.Section));
        services.AddMetrics();
        services.TryAddSingleton<LiveMapMetrics>();
        services.TryAddSingleton<LiveWake>();
        services.TryAddSingleton<LiveReplicas>();
        services.TryAddSingleton<LiveConnections>();
        services.TryAddSingleton<LiveFeed>();
        services.TryAddSingleton<LiveRefusals>();
        services.TryAddSingleton<HubLifetimeManager<LiveHub>>(provider => provider.GetRequiredService<LiveRefusals>());
        services.AddHostedService(provider => provider.GetRequiredService<LiveFeed>());
        services.AddSignalR(options => options.MaximumReceiveMessageSize = 16_384)
            .AddJsonProtocol(options => options.PayloadSerializerOptions.Converters.Add(new Rfc3339JsonConverter()))
            .AddMessagePackProtocol(options => options.SerializerOptions = LiveMessagePack.Options);
    }

    private static void MapLiveMap(this IEndpointRouteBuilder app)
    {
        foreach (var path in new[] { HubPath, "/ws" }) app.MapHub<LiveHub>(path, options => options.AllowStatefulReconnects = true);
    }

    private static void AddHealth(this IServiceCollection services)
    {
        services.AddFleetHealth();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IReadinessCheck, IdentityDatabaseCheck>(), ServiceDescriptor.Singleton<IReadinessCheck, FleetDatabaseCheck>(),
            ServiceDescriptor.Singleton<IReadinessCheck, TelemetryDatabaseCheck>(), ServiceDescriptor.Singleton<IReadinessCheck, LiveFeedCheck>(),
        ]);
    }

    private static void AddExplanations(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<ExplainOptions, ExplainOptionsValidator>(configuration.GetSection(ExplainOptions.Section));
        services.TryAddSingleton<TenantRulesReader>();
        services.TryAddSingleton<Explainer>();
        services.AddValidated<SimulationOptions, SimulationOptionsValidator>(configuration.GetSection(SimulationOptions.Section));
        services.TryAddSingleton<SimulationSlots>();
        services.TryAddSingleton<SimulationRequest>();
    }

    private static void AddWebApp(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<WebOptions, WebOptionsValidator>(configuration.GetSection(WebOptions.Section));
        services.AddValidated<MapOptions, MapOptionsValidator>(configuration.GetSection(MapOptions.Section));
        services.TryAddSingleton<SecurityHeaders>();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<WebOptions>>((cors, web) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(web.Value.AllowedOrigins).AllowAnyHeader().AllowAnyMethod().AllowCredentials().WithExposedHeaders("Retry-After", "ETag")));
    }

    private static void AddValidated<TOptions, TValidator>(this IServiceCollection services, IConfigurationSection section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptions<TOptions>().Bind(section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
    }
}
