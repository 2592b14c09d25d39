using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace FleetTracker.WebApp;

/// <summary>What the web app reads before anything else. <paramref name="MqttHost"/> is empty when it is the host of the page.</summary>
public sealed record AppConfig(string ApiUrl, string HubUrl, string? MapStyleUrl, string MqttHost, int MqttPort);

internal static class WebAppEndpoints
{
    private static readonly string[] Ours = ["/api", "/hubs", "/ws", "/openapi", "/docs", "/health", "/metrics", "/.well-known"];

    public static void UseWebAppFiles(this WebApplication app)
    {
        if (FilesOf(app.Services) is not { } files) return;
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = context => SetCaching(context.Context) });
    }

    public static void MapWebApp(this WebApplication app)
    {
        app.MapGet("/config.json", (HttpContext context, IOptions<WebOptions> web, IOptions<MapOptions> map) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            var style = string.IsNullOrEmpty(map.Value.StyleUrl) ? null : map.Value.StyleUrl;
            return TypedResults.Ok(new AppConfig(web.Value.ApiUrl, web.Value.HubUrl, style, web.Value.MqttHost, web.Value.MqttPort));
        }).AllowAnonymous().WithName("AppConfig").WithTags("Web app").WithSummary("Addresses that the web app uses.");
    }

    /// <summary>
    /// Answers addresses inside the app, which only the app knows, with its page. Runs after routing and not as a fallback route: that would
    /// take the place of 405 and 415 under addresses that are ours.
    /// </summary>
    public static void UseWebAppPage(this WebApplication app)
    {
        var page = FilesOf(app.Services)?.GetFileInfo("index.html");
        app.Use(async (context, next) =>
        {
            var isPage = context.GetEndpoint() is null && IsRoute(context.Request.Path)
                && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));
            if (isPage && page is { Exists: true })
            {
                context.Response.Headers.CacheControl = "no-cache";
                context.Response.ContentType = "text/html; charset=utf-8";
                await context.Response.SendFileAsync(page, context.RequestAborted);
            }
            else if (isPage && context.Request.Path == "/")
            {
                // Without a web app, the first page is the reference.
                context.Response.Redirect("/docs");
            }
            else
            {
                await next(context);
            }
        });
    }

    private static bool IsRoute(PathString path) =>
        !Ours.Any(ours => path.StartsWithSegments(ours, StringComparison.OrdinalIgnoreCase)) && !Path.HasExtension(path.Value);

    private static void SetCaching(HttpContext context)
    {
        // Vite puts a hash of the content into the names of everything below /assets.
        var isHashed = context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal);
        context.Response.Headers.CacheControl = isHashed ? "public, max-age=31536000, immutable" : "no-cache";
    }

    private static PhysicalFileProvider? FilesOf(IServiceProvider services)
    {
        var root = Path.GetFullPath(services.GetRequiredService<IOptions<WebOptions>>().Value.Root, AppContext.BaseDirectory);
        return Directory.Exists(root) ? new PhysicalFileProvider(root) : null;
    }
}
