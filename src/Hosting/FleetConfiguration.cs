using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace FleetTracker.Hosting;

/// <summary>
/// The names that platforms and older deployments use, turned into ours. A name of ours that is set wins. Secrets also come from files: with
/// <c>NAME_FILE</c> set, the file's first line is the value of <c>NAME</c>.
/// </summary>
public static class FleetConfiguration
{
    private static readonly (string Name, string Setting)[] Databases =
    [
        ("DATABASE_URL", "Storage:ConnectionString"),
        ("AUTH_DATABASE_URL", "Storage:IdentityConnectionString"),
        ("VEHICLE_DATABASE_URL", "Storage:FleetConnectionString"),
        ("LOCATION_DATABASE_URL", "Storage:TelemetryConnectionString"),
        ("NOTIFICATION_DATABASE_URL", "Storage:NotificationsConnectionString"),
    ];

    private static readonly (string Name, string Setting)[] Plain =
    [
        ("MQTT_USERNAME", "Mqtt:Client:UserName"),
        ("MQTT_PASSWORD", "Mqtt:Client:Password"),
        ("LOG_LEVEL", "Logging:LogLevel:Default"),
        ("REACT_APP_API_URL", "Web:ApiUrl"),
        ("REACT_APP_WS_URL", "Web:HubUrl"),
    ];

    private static readonly (string Name, string Why)[] Ignored =
    [
        ("AUTH_SERVICE_URL", "one address serves all services"),
        ("VEHICLE_SERVICE_URL", "one address serves all services"),
        ("LOCATION_SERVICE_URL", "one address serves all services"),
        ("NOTIFICATION_SERVICE_URL", "one address serves all services"),
        ("JWT_SECRET_KEY", "tokens are signed with ES256 keys that the database holds"),
        ("REDIS_URL", "nothing needs Redis yet"),
        ("ENVIRONMENT", "settings are the same everywhere"),
        ("FIREBASE_SERVICE_ACCOUNT_KEY", "there are no push notifications yet"),
    ];

    /// <summary>Says of every name that is set and has no effect that it has none. Values are not shown.</summary>
    public static void WriteIgnored(TextWriter output, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(environment);
        foreach (var (name, why) in Ignored)
        {
            if (!string.IsNullOrEmpty(environment(name)) || !string.IsNullOrEmpty(environment(name + "_FILE"))) output.WriteLine($"{name} is set and has no effect: {why}.");
        }
    }

    /// <summary>Adds the translations below everything that is configured by our own names.</summary>
    /// <exception cref="FormatException">A value cannot be understood; the message names the setting and not its value.</exception>
    public static IConfigurationBuilder AddFleetNames(this IConfigurationBuilder builder, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(environment);
        builder.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = Translate(environment) });
        return builder;
    }

    /// <summary>Adds settings below everything else.</summary>
    public static IConfigurationBuilder AddDefaults(this IConfigurationBuilder builder, IEnumerable<KeyValuePair<string, string?>> defaults)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = defaults });
        return builder;
    }

    public static Dictionary<string, string?> Translate(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, setting) in Databases)
        {
            if (Read(environment, name) is not { } url) continue;
            if (ConnectionUrls.SqliteFolder(url) is { } folder)
            {
                settings["Storage:Provider"] = "Sqlite";
                settings["Storage:DataDirectory"] = folder;
            }
            else
            {
                settings["Storage:Provider"] = "PostgreSql";
                settings[setting] = ConnectionUrls.ToNpgsql(url, name);
            }
        }

        foreach (var (name, setting) in Plain)
        {
            if (Read(environment, name) is { } value) settings[setting] = value;
        }

        if (Read(environment, "LOG_LEVEL") is { } level) settings["Logging:LogLevel:Default"] = LogLevelOf(level);
        if (Read(environment, "MQTT_BROKER_URL") is { } broker) Broker(settings, broker);
        if (Read(environment, "JWT_EXPIRE_MINUTES") is { } minutes)
        {
            settings["Auth:AccessTokenMinutes"] = int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed > 0
                ? parsed.ToString(CultureInfo.InvariantCulture)
                : throw new FormatException($"JWT_EXPIRE_MINUTES must be a whole number of minutes, was '{minutes}'.");
        }

        return settings;
    }

    /// <summary>The value of a name, or the first line of the file that <c>NAME_FILE</c> points to.</summary>
    public static string? Read(Func<string, string?> environment, string name)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (environment(name) is { Length: > 0 } value) return value;
        if (environment(name + "_FILE") is not { Length: > 0 } file) return null;
        try
        {
            return File.ReadLines(file).FirstOrDefault();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{name}_FILE names '{file}', which cannot be read: {error.Message}", error);
        }
    }

    private static void Broker(Dictionary<string, string?> settings, string broker)
    {
        if (!Uri.TryCreate(broker, UriKind.Absolute, out var uri) || uri.Scheme is not ("mqtt" or "mqtts" or "tcp" or "ssl"))
            throw new FormatException("MQTT_BROKER_URL must be mqtt://host:port or mqtts://host:port.");
        var tls = uri.Scheme is "mqtts" or "ssl";
        var port = uri.Port > 0 ? uri.Port : tls ? 8883 : 1883;
        settings["Mqtt:Mode"] = "Client";
        settings["Mqtt:Client:Host"] = uri.Host;
        settings["Mqtt:Client:Port"] = port.ToString(CultureInfo.InvariantCulture);
        settings["Mqtt:Client:UseTls"] = tls ? "true" : "false";
    }

    private static string LogLevelOf(string level) => level.ToUpperInvariant() switch
    {
        "TRACE" => "Trace",
        "DEBUG" => "Debug",
        "INFO" or "INFORMATION" => "Information",
        "WARN" or "WARNING" => "Warning",
        "ERROR" => "Error",
        "CRITICAL" or "FATAL" => "Critical",
        "NONE" or "OFF" => "None",
        _ => throw new FormatException($"LOG_LEVEL must be one of trace, debug, info, warning, error, critical, none; was '{level}'."),
    };
}
