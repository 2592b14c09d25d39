using Microsoft.Extensions.Options;

namespace FleetTracker.WebApp;

/// <summary>
/// Headers that keep pages to themselves. The policy allows what MapLibre needs (workers and images from blobs) and the origins that the
/// configuration names, nothing else; the reference page alone may run the script that is written in it.
/// </summary>
internal sealed class SecurityHeaders
{
    private readonly string _app;
    private readonly string _docs;

    public SecurityHeaders(IOptions<WebOptions> web, IOptions<MapOptions> map)
    {
        var tiles = string.Concat(new[] { Origins.Of(map.Value.StyleUrl) }.Concat(map.Value.Origins).OfType<string>().Distinct(StringComparer.Ordinal).Select(o => " " + o));
        var api = string.Concat(new[] { Origins.Of(web.Value.ApiUrl), Origins.Of(web.Value.HubUrl) }.OfType<string>().Distinct(StringComparer.Ordinal)
            .SelectMany(o => new[] { " " + o, " " + WebSocketOf(o) }));
        const string common = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
        _app = $"{common}; script-src 'self'; worker-src 'self' blob:; child-src blob:; style-src 'self' 'unsafe-inline'; "
            + $"img-src 'self' data: blob:{tiles}; font-src 'self' data:; connect-src 'self'{api}{tiles}";
        _docs = $"{common}; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'";
    }

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal) ? _docs : _app;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), payment=(), geolocation=(self)";
        return next(context);
    }

    private static string WebSocketOf(string origin) => "ws" + origin["http".Length..];
}
