using Microsoft.Extensions.Options;

namespace FleetTracker.WebApp;

/// <summary>The dispatcher's web app and who may call us from elsewhere.</summary>
public sealed class WebOptions
{
    public const string Section = "Web";

    /// <summary>Folder of the built web app; relative to the program's folder. Nothing is served when it does not exist. Default: <c>wwwroot</c>.</summary>
    public string Root { get; set; } = "wwwroot";

    /// <summary>Origins of web apps that are served from elsewhere, for example <c>https://map.example.com</c>. Default: none.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>Where the web app finds the API, without <c>/api/v1</c>; empty = where it came from. Default: empty.</summary>
    public string ApiUrl { get; set; } = "";

    /// <summary>Where the web app finds the live hub. Default: <c>/hubs/live</c>.</summary>
    public string HubUrl { get; set; } = "/hubs/live";

    /// <summary>Host of the MQTT server as trackers reach it, shown to who connects the first one; empty = the host of the page. Default: empty.</summary>
    public string MqttHost { get; set; } = "";

    /// <summary>Its port. Default: 1883; Standalone: <c>--mqtt-port</c>.</summary>
    public int MqttPort { get; set; } = 1883;
}

/// <summary>The map under the vehicles.</summary>
public sealed class MapOptions
{
    public const string Section = "Map";

    /// <summary>A MapLibre style; unset = the base map that comes with the web app and needs no internet.</summary>
    public string? StyleUrl { get; set; }

    /// <summary>Origins of the style's tiles, glyphs and sprites when they differ from the style's own. Default: none.</summary>
    public string[] Origins { get; set; } = [];
}

internal sealed class WebOptionsValidator : IValidateOptions<WebOptions>
{
    public ValidateOptionsResult Validate(string? name, WebOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        foreach (var origin in options.AllowedOrigins)
        {
            if (!Origins.IsOrigin(origin)) problems.AddError($"must be origins such as https://map.example.com, one was '{origin}'", nameof(options.AllowedOrigins));
        }

        if (options.ApiUrl.Length > 0 && Origins.Of(options.ApiUrl) is null)
            problems.AddError($"must be empty or begin with http:// or https://, was '{options.ApiUrl}'", nameof(options.ApiUrl));
        if (!options.HubUrl.StartsWith('/') && Origins.Of(options.HubUrl) is null)
            problems.AddError($"must be a path or begin with http:// or https://, was '{options.HubUrl}'", nameof(options.HubUrl));
        if (options.MqttPort is < 1 or > 65535) problems.AddError($"must be 1 to 65535, was {options.MqttPort}", nameof(options.MqttPort));
        if (string.IsNullOrWhiteSpace(options.Root)) problems.AddError("must name a folder", nameof(options.Root));
        return problems.Build();
    }
}

internal sealed class MapOptionsValidator : IValidateOptions<MapOptions>
{
    public ValidateOptionsResult Validate(string? name, MapOptions options)
    {
        var problems = new ValidateOptionsResultBuilder();
        if (!string.IsNullOrEmpty(options.StyleUrl) && !options.StyleUrl.StartsWith('/') && Origins.Of(options.StyleUrl) is null)
            problems.AddError($"must be a path or begin with http:// or https://, was '{options.StyleUrl}'", nameof(options.StyleUrl));
        foreach (var origin in options.Origins)
        {
            if (!Origins.IsOrigin(origin)) problems.AddError($"must be origins such as https://tiles.example.com, one was '{origin}'", nameof(options.Origins));
        }

        return problems.Build();
    }
}

internal static class Origins
{
    /// <summary>Scheme, host and port of a web address, or <c>null</c>.</summary>
    public static string? Of(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri.GetLeftPart(UriPartial.Authority)
            : null;

    public static bool IsOrigin(string? value) => value is not null && string.Equals(Of(value), value, StringComparison.OrdinalIgnoreCase);
}
