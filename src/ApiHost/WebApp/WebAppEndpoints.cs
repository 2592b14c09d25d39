using FleetTracker.Problems;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace FleetTracker.WebApp;

/// <summary>What the web app reads before anything else.</summary>
public sealed record AppConfig(string ApiUrl, string HubUrl, string? MapStyleUrl);

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
            return TypedResults.Ok(new AppConfig(web.Value.ApiUrl, web.Value.HubUrl, style));
        }).AllowAnonymous().WithName("AppConfig").WithTags("Web app").WithSummary("Addresses that the web app uses.");

        var page = FilesOf(app.Services)?.GetFileInfo("index.html");
        app.MapFallback("{*path}", async context =>
        {
            var isPage = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
            if (!isPage || page is not { Exists: true } || !IsRoute(context.Request.Path))
            {
                await NotFoundAsync(context);
                return;
            }

            // Addresses inside the app are its own; the page that knows them must never be an old one.
            context.Response.Headers.CacheControl = "no-cache";
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.SendFileAsync(page, context.RequestAborted);
        }).AllowAnonymous();
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        // Without a web app, the first page is the reference.
        if (context.Request.Path == "/" && HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Redirect("/docs");
            return Task.CompletedTask;
        }

        var (type, title) = ApiProblems.For(StatusCodes.Status404NotFound)!.Value;
        return TypedResults.Problem(type: type, title: title, statusCode: StatusCodes.Status404NotFound).ExecuteAsync(context);
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
